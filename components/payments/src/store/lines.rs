//! The table `payment_lines`: what was paid for, and how much of it was given back. The number of statements
//! does not depend on the number of lines.

use std::collections::HashMap;

use commerce::{Currency, Money, PaymentId, Quantity, VatRate};
use db::{Row, Tx, params};
use serde_json::{Value, json};

use super::unreadable;
use crate::payment::{Line, Payment};
use crate::refund::Pieces;

/// All lines of a new payment in one statement, from one parameter.
pub async fn insert(tx: &mut Tx, payment: &Payment) -> db::Result<()> {
    const INSERT: &str = "insert into payment_lines \
         (payment_id, item_id, position, seller_id, unit_price, vat_rate, quantity) \
         select ?, unhex(l.item), l.position, unhex(l.seller), l.unit_price, l.vat_rate, l.quantity \
         from json_table(?, '$[*]' columns (position int path '$.position', \
         item char(32) path '$.item', seller char(32) path '$.seller', \
         unit_price bigint path '$.unit_price', vat_rate int path '$.vat_rate', \
         quantity bigint path '$.quantity')) l";
    let lines = payment.lines.iter().enumerate().map(|(position, line)| {
        json!({
            "position": position,
            "item": line.item_id.as_uuid().simple().to_string(),
            "seller": line.seller_id.as_uuid().simple().to_string(),
            "unit_price": line.unit_price.amount(),
            "vat_rate": line.vat_rate.basis_points(),
            "quantity": line.quantity.get(),
        })
    });
    let lines = Value::from_iter(lines).to_string();
    tx.execute(INSERT, &params![payment.id, lines]).await
}

/// Counts pieces as given back (`sign` 1), or as not given back after all (-1).
pub async fn count_refunded(
    tx: &mut Tx,
    payment: PaymentId,
    pieces: &[Pieces],
    sign: i64,
) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (item char(32) path '$.item', \
         quantity bigint path '$.quantity')) r \
         straight_join payment_lines l force index (primary) \
         on l.payment_id = ? and l.item_id = unhex(r.item) set l.refunded_quantity = l.refunded_quantity + r.quantity * ?";
    if pieces.is_empty() {
        return Ok(());
    }
    let params = params![pieces_json(pieces), payment, sign];
    tx.execute(UPDATE, &params).await
}

/// The lines of several payments, from one parameter.
pub const SELECT: &str = "select l.payment_id, l.item_id, l.seller_id, l.unit_price, l.vat_rate, l.quantity, \
     l.refunded_quantity from json_table(?, '$[*]' columns (id char(32) path '$')) w \
     straight_join payment_lines l on l.payment_id = unhex(w.id) order by l.payment_id, l.position";

/// The rows of [`SELECT`], by payment.
pub fn by_payment(rows: Vec<Row>) -> db::Result<HashMap<PaymentId, Vec<Line>>> {
    let mut lines: HashMap<PaymentId, Vec<Line>> = HashMap::new();
    for mut row in rows {
        let payment = row.next()?;
        let line = Line {
            item_id: row.next()?,
            seller_id: row.next()?,
            unit_price: Money::new(row.next()?, Currency::Eur),
            vat_rate: VatRate::new(row.next()?).map_err(unreadable)?,
            quantity: Quantity::new(row.next()?).map_err(unreadable)?,
            refunded: row.next()?,
        };
        lines.entry(payment).or_default().push(line);
    }
    Ok(lines)
}

/// As statements take them.
pub fn pieces_json(pieces: &[Pieces]) -> String {
    let pieces = pieces.iter().map(|pieces| {
        json!({
            "item": pieces.item_id.as_uuid().simple().to_string(),
            "quantity": pieces.quantity.get(),
        })
    });
    Value::from_iter(pieces).to_string()
}
