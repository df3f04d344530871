//! The table `order_events`: what happened, written by the transaction in which it happened.

use commerce::{EventId, OrderId, PaymentId};
use db::{Db, Row, Tx, params};
use serde_json::{Value, json};

use crate::history::{Entry, Happening, Kind};
use crate::order::Order;

/// Notes what happened to the order with its last change.
pub async fn insert(
    tx: &mut Tx,
    id: EventId,
    order: &Order,
    happening: &Happening<'_>,
) -> db::Result<()> {
    const INSERT: &str = "insert into order_events (id, order_id, kind, actor_id, reason, payment_id, \
         created_at) values (?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        id,
        order.id,
        happening.kind.as_str(),
        happening.actor,
        happening.reason,
        happening.payment,
        order.updated_at
    ];
    tx.execute(INSERT, &params).await
}

/// Notes that the same happened to several orders, by nobody in particular.
pub async fn insert_all(tx: &mut Tx, entries: &[(EventId, &Order)], kind: Kind) -> db::Result<()> {
    const INSERT: &str = "insert into order_events (id, order_id, kind, created_at) \
         select unhex(e.id), unhex(e.order_id), ?, e.at from json_table(?, '$[*]' columns (\
         id char(32) path '$.id', order_id char(32) path '$.order', at bigint path '$.at')) e";
    let rows = entries.iter().map(|(id, order)| {
        json!({
            "id": id.as_uuid().simple().to_string(),
            "order": order.id.as_uuid().simple().to_string(),
            "at": order.updated_at.unix_ms(),
        })
    });
    let rows = Value::from_iter(rows).to_string();
    tx.execute(INSERT, &params![kind.as_str(), rows]).await
}

/// Whether such a thing was noted of this payment.
pub async fn exists(
    tx: &mut Tx,
    order: OrderId,
    kind: Kind,
    payment: PaymentId,
) -> db::Result<bool> {
    const SELECT: &str =
        "select id from order_events where order_id = ? and kind = ? and payment_id = ? limit 1";
    let params = params![order, kind.as_str(), payment];
    Ok(tx.query_one(SELECT, &params).await?.is_some())
}

/// Whether such a thing was ever noted of the order.
pub async fn any(tx: &mut Tx, order: OrderId, kind: Kind) -> db::Result<bool> {
    const SELECT: &str = "select id from order_events where order_id = ? and kind = ? limit 1";
    let params = params![order, kind.as_str()];
    Ok(tx.query_one(SELECT, &params).await?.is_some())
}

/// The history of an order from the newest, past the event that `after` names.
pub async fn list(
    db: &Db,
    order: OrderId,
    after: Option<EventId>,
    rows: i64,
) -> db::Result<Vec<Entry>> {
    const SELECT: &str = "select id, kind, actor_id, reason, created_at from order_events \
         where order_id = ? and (? is null or id < ?) order by id desc limit ?";
    let params = params![order, after, after, rows];
    let found = db.query(SELECT, &params).await?;
    found.into_iter().map(read).collect()
}

fn read(mut row: Row) -> db::Result<Entry> {
    Ok(Entry {
        id: row.next()?,
        kind: row.next()?,
        actor: row.next()?,
        reason: row.next()?,
        occurred_at: row.next()?,
    })
}
