//! The table `invoices` as reports reads it: figures of papers, in two statements however many there are.

use std::collections::{BTreeSet, HashMap};

use commerce::{OrderId, Timestamp};
use db::{Db, params};
use invoice::Day;

use super::{from_json, unreadable};
use crate::figures::{Figures, Goods, Row};
use crate::merchant::MerchantId;

/// A `select` of papers: what [`read`] reads. The bill of a credit note is that of the invoice it corrects.
macro_rules! select_papers {
    ($from:literal) => {
        concat!(
            "select i.id, (select min(e.id) from invoices e where e.order_id = i.order_id), i.merchant_id, \
             i.order_id, i.client_id, i.issued_at, i.amounts, o.amounts from ",
            $from
        )
    };
}

fn read(mut row: db::Row) -> db::Result<Row> {
    let (id, first_id, merchant) = (row.next()?, row.next()?, row.next()?);
    let (order, client) = (row.next()?, row.next()?);
    let issued_on = Day::in_paris(row.next::<Timestamp>()?);
    let own: String = row.next()?;
    let original: Option<String> = row.next()?;
    let (billed, credit) = match original {
        Some(original) => (from_json(&original)?, Some(from_json(&own)?)),
        None => (from_json(&own)?, None),
    };
    Ok(Row {
        id,
        first_id,
        merchant: MerchantId::from_bytes(merchant),
        order,
        client,
        issued_on,
        billed,
        credit,
    })
}

/// Every paper of these orders.
pub async fn of_orders(db: &Db, orders: &BTreeSet<OrderId>) -> db::Result<Vec<Figures>> {
    const SELECT: &str = select_papers!(
        "json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join invoices i on i.order_id = unhex(w.id) \
         left join invoices o on o.number = i.original"
    );
    with_goods(db, db.query(SELECT, &params![hex_list(orders)]).await?).await
}

/// Papers in the order of their ids, past `after`.
pub async fn page(db: &Db, after: u64, rows: i64) -> db::Result<Vec<Figures>> {
    const SELECT: &str = select_papers!(
        "invoices i left join invoices o on o.number = i.original where i.id > ? order by i.id limit ?"
    );
    with_goods(db, db.query(SELECT, &params![after, rows]).await?).await
}

/// Finds out which items and sellers the lines of papers are of.
async fn with_goods(db: &Db, rows: Vec<db::Row>) -> db::Result<Vec<Figures>> {
    const SELECT: &str = "select l.order_id, l.position, l.item_id, l.seller_id \
         from json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join order_lines l on l.order_id = unhex(w.id)";
    let papers = rows.into_iter().map(read).collect::<db::Result<Vec<_>>>()?;
    let orders: BTreeSet<OrderId> = papers.iter().map(|paper| paper.order).collect();
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let mut goods: HashMap<OrderId, Goods> = HashMap::new();
    for mut row in db.query(SELECT, &params![hex_list(&orders)]).await? {
        let (order, position) = (row.next()?, row.next()?);
        let line = (row.next()?, row.next()?);
        goods.entry(order).or_default().insert(position, line);
    }
    let none = Goods::new();
    let figures = papers.iter().map(|paper| {
        let goods = goods.get(&paper.order).unwrap_or(&none);
        paper.figures(goods).map_err(unreadable)
    });
    figures.collect()
}

fn hex_list(orders: &BTreeSet<OrderId>) -> String {
    let ids = orders.iter().map(|id| id.as_uuid().simple().to_string());
    serde_json::Value::from_iter(ids).to_string()
}
