//! The tables `order_refunds`, the refunds that an order has counted, and `order_refund_parts`, how they fall on
//! those who sold its lines.

use std::collections::HashMap;

use commerce::{Currency, EventId, Money, OrderId, RefundId, Timestamp, UserId};
use db::{Db, Tx, params};
use serde_json::{Value, json};

use crate::domain::event_view::OwnRefunds;
use crate::domain::refund_parts::RefundPart;

/// Whether the refund was counted before.
pub async fn exists(tx: &mut Tx, id: RefundId) -> db::Result<bool> {
    const SELECT: &str = "select refund_id from order_refunds where refund_id = ?";
    Ok(tx.query_one(SELECT, &params![id]).await?.is_some())
}

/// Notes that the refund is counted, which event tells of it, and whose lines it is of.
pub async fn insert(
    tx: &mut Tx,
    id: RefundId,
    order: OrderId,
    amount: Money,
    event: Option<EventId>,
    parts: &[RefundPart],
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str = "insert into order_refunds (refund_id, order_id, amount, event_id, created_at) \
         values (?, ?, ?, ?, ?)";
    const INSERT_PARTS: &str = "insert into order_refund_parts \
         (refund_id, seller_id, order_id, amount, is_all) \
         select ?, unhex(p.seller), ?, p.amount, p.is_all from json_table(?, '$[*]' columns (\
         seller char(32) path '$.seller', amount bigint path '$.amount', \
         is_all int path '$.is_all')) p";
    let params = params![id, order, amount.amount(), event, now];
    tx.execute(INSERT, &params).await?;
    let parts = parts.iter().map(|part| {
        json!({
            "seller": part.seller.as_uuid().simple().to_string(),
            "amount": part.share.amount.amount(),
            "is_all": i32::from(part.share.is_all),
        })
    });
    let parts = Value::from_iter(parts).to_string();
    tx.execute(INSERT_PARTS, &params![id, order, parts]).await
}

/// What went back of a seller's part of each of these orders.
pub async fn refunded_to(
    db: &Db,
    seller: UserId,
    orders: &[OrderId],
) -> db::Result<HashMap<OrderId, Money>> {
    const SELECT: &str = "select p.order_id, cast(sum(p.amount) as signed) \
         from json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join order_refund_parts p on p.order_id = unhex(w.id) and p.seller_id = ? \
         group by p.order_id";
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = orders.iter().map(|id| id.as_uuid().simple().to_string());
    let ids = Value::from_iter(ids).to_string();
    let rows = db.query(SELECT, &params![ids, seller]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.next()?, Money::new(row.next()?, Currency::Eur))))
        .collect()
}

/// The events of refunds that are of a seller's lines, and whether each is of nothing else.
pub async fn own_events(db: &Db, order: OrderId, seller: UserId) -> db::Result<OwnRefunds> {
    const SELECT: &str = "select r.event_id, p.is_all from order_refund_parts p \
         join order_refunds r on r.refund_id = p.refund_id \
         where p.order_id = ? and p.seller_id = ? and r.event_id is not null";
    let rows = db.query(SELECT, &params![order, seller]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.next()?, row.next()?)))
        .collect()
}
