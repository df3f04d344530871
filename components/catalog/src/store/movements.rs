//! The table `stock_movements`: the ledger. It is written and read, and never changed.

use commerce::{ItemId, MovementId, OrderId, Timestamp, UserId};
use db::{Db, Row, Tx, params};
use serde_json::json;

use super::items::hex;
use super::json_rows;
use crate::restock::Restock;
use crate::stock::{Movement, RESTOCK, Shift};

fn read(row: &mut Row) -> db::Result<Movement> {
    Ok(Movement {
        id: row.next()?,
        item_id: row.next()?,
        delta: row.next()?,
        reason: row.next()?,
        order_id: row.next()?,
        restock_id: row.next()?,
        actor_id: row.next()?,
        balance: row.next()?,
        created_at: row.next()?,
    })
}

pub async fn insert(tx: &mut Tx, movement: &Movement) -> db::Result<()> {
    const INSERT: &str = "insert into stock_movements (id, item_id, delta, reason, order_id, actor_id, \
         balance, created_at) values (?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        movement.id,
        movement.item_id,
        movement.delta,
        movement.reason,
        movement.order_id,
        movement.actor_id,
        movement.balance,
        movement.created_at
    ];
    tx.execute(INSERT, &params).await
}

/// Writes down what an order has just moved in this transaction, whose locks make the balances true.
pub async fn insert_of_order(
    tx: &mut Tx,
    shifts: &[Shift],
    reason: &str,
    order: OrderId,
    client: UserId,
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str = "insert into stock_movements (id, item_id, delta, reason, order_id, actor_id, \
         balance, created_at) \
         select unhex(l.id), i.id, l.delta, ?, ?, ?, i.on_hand, ? \
         from json_table(?, '$[*]' columns (id char(32) path '$.id', item char(32) path '$.item', \
         delta bigint path '$.delta')) l straight_join items i on i.id = unhex(l.item)";
    let params = params![reason, order, client, now, movement_rows(shifts)];
    tx.execute(INSERT, &params).await
}

/// Writes down what a delivery has just added in this transaction.
pub async fn insert_of_restock(tx: &mut Tx, shifts: &[Shift], restock: &Restock) -> db::Result<()> {
    const INSERT: &str = "insert into stock_movements (id, item_id, delta, reason, restock_id, actor_id, \
         balance, created_at) \
         select unhex(l.id), i.id, l.delta, ?, ?, ?, i.on_hand, ? \
         from json_table(?, '$[*]' columns (id char(32) path '$.id', item char(32) path '$.item', \
         delta bigint path '$.delta')) l straight_join items i on i.id = unhex(l.item)";
    let params = params![
        RESTOCK,
        restock.id,
        restock.supplier_id,
        restock.created_at,
        movement_rows(shifts)
    ];
    tx.execute(INSERT, &params).await
}

/// A row with an id of its own for each shift.
fn movement_rows(shifts: &[Shift]) -> String {
    json_rows(shifts.iter().map(|shift| {
        let id = service::fresh_uuid().simple().to_string();
        json!({"id": id, "item": hex(shift.item_id), "delta": shift.on_hand})
    }))
}

pub async fn find(db: &Db, item: ItemId, id: MovementId) -> db::Result<Option<Movement>> {
    const SELECT: &str = "select id, item_id, delta, reason, order_id, restock_id, actor_id, balance, created_at \
         from stock_movements where item_id = ? and id = ?";
    let row = db.query_one(SELECT, &params![item, id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The movements of an item from the newest, past the one that `after` names.
pub async fn list(
    db: &Db,
    item: ItemId,
    after: Option<MovementId>,
    rows: i64,
) -> db::Result<Vec<Movement>> {
    const SELECT: &str = "select id, item_id, delta, reason, order_id, restock_id, actor_id, balance, created_at \
         from stock_movements where item_id = ? and (? is null or id < ?) order by id desc limit ?";
    let rows = db.query(SELECT, &params![item, after, after, rows]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}
