//! The tables `restocks` and `restock_lines`: what suppliers have delivered, each once.

use commerce::{Currency, Money};
use db::{Db, Row, Tx, params};
use serde_json::json;

use super::items::hex;
use super::{json_rows, refused};
use crate::restock::{Delivery, Restock, TakenLine};

/// Claims the reference; [`db::Error::Duplicate`] if it was told before.
pub async fn insert(tx: &mut Tx, restock: &Restock, digest: [u8; 32]) -> db::Result<()> {
    const INSERT: &str = "insert into restocks (id, supplier_id, reference, request_digest, \
         purchase_order_id, created_at) values (?, ?, ?, ?, ?, ?)";
    let params = params![
        restock.id,
        restock.supplier_id,
        restock.reference,
        digest,
        restock.purchase_order_id,
        restock.created_at
    ];
    tx.execute(INSERT, &params).await
}

pub async fn insert_lines(tx: &mut Tx, restock: &Restock) -> db::Result<()> {
    const INSERT: &str = "insert into restock_lines (restock_id, position, item_id, quantity, unit_cost, \
         currency, lot, balance) \
         select ?, l.position, unhex(l.item), l.quantity, l.unit_cost, l.currency, l.lot, l.balance \
         from json_table(?, '$[*]' columns (position for ordinality, item char(32) path '$.item', \
         quantity bigint path '$.quantity', unit_cost bigint path '$.unit_cost', \
         currency char(3) path '$.currency', lot varchar(64) path '$.lot', \
         balance bigint path '$.balance')) l";
    let rows = restock.lines.iter().map(|line| {
        json!({
            "item": hex(line.item_id),
            "quantity": line.quantity,
            "unit_cost": line.unit_cost.map(Money::amount),
            "currency": line.unit_cost.map(|cost| cost.currency().code()),
            "lot": line.lot,
            "balance": line.balance,
        })
    });
    tx.execute(INSERT, &params![restock.id, json_rows(rows)])
        .await
}

/// What was taken under the reference of this delivery, and the digest of what was told then.
pub async fn find(db: &Db, delivery: &Delivery) -> db::Result<Option<(Restock, [u8; 32])>> {
    const SELECT: &str = "select r.request_digest, r.id, r.purchase_order_id, r.created_at, l.item_id, \
         l.quantity, l.unit_cost, l.currency, l.lot, l.balance from restocks r \
         straight_join restock_lines l on l.restock_id = r.id \
         where r.supplier_id = ? and r.reference = ? order by l.position";
    let params = params![delivery.supplier_id, delivery.reference];
    let rows = db.query(SELECT, &params).await?;
    let mut found: Option<(Restock, [u8; 32])> = None;
    for mut row in rows {
        let digest = row.next()?;
        let head = Restock {
            id: row.next()?,
            supplier_id: delivery.supplier_id,
            reference: delivery.reference.clone(),
            purchase_order_id: row.next()?,
            created_at: row.next()?,
            lines: Vec::new(),
        };
        let line = read_line(&mut row)?;
        let (restock, _) = found.get_or_insert((head, digest));
        restock.lines.push(line);
    }
    Ok(found)
}

fn read_line(row: &mut Row) -> db::Result<TakenLine> {
    Ok(TakenLine {
        item_id: row.next()?,
        quantity: row.next()?,
        unit_cost: read_cost(row)?,
        lot: row.next()?,
        balance: row.next()?,
    })
}

fn read_cost(row: &mut Row) -> db::Result<Option<Money>> {
    let amount: Option<i64> = row.next()?;
    let currency: Option<String> = row.next()?;
    let currency = currency.map(|code| code.parse::<Currency>());
    let currency = currency.transpose().map_err(refused)?;
    Ok(amount.zip(currency).map(|(a, c)| Money::new(a, c)))
}
