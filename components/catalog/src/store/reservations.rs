//! The tables `reservations` and `reservation_lines`.

use std::collections::HashMap;

use commerce::{ItemId, OrderId, Quantity, Timestamp};
use db::{Db, Param, Row, ToParam, Tx, params};
use serde_json::json;

use super::items::hex;
use super::{json_rows, read_price, read_vat_rate, refused};
use crate::reservation::{Asked, Line, Reservation, State};

/// What the column `held_until` says of a line that holds no stock: the last instant that can be written.
const HOLDS_NOTHING: i64 = 253_402_300_799_999;

/// A `select` of a reservation, one row a line: what [`read`] reads.
macro_rules! select_reservation {
    ($rest:literal) => {
        concat!(
            "select r.client_id, r.state, r.expires_at, r.order_version, l.item_id, l.quantity, l.name, l.unit_price, \
             l.currency, l.vat_rate, l.seller_id, l.returned from reservations r \
             straight_join reservation_lines l on l.order_id = r.order_id \
             where r.order_id = ? order by l.position",
            $rest
        )
    };
}

fn read(order_id: OrderId, rows: Vec<Row>) -> db::Result<Option<Reservation>> {
    let mut reservation: Option<Reservation> = None;
    for mut row in rows {
        let head = Reservation {
            order_id,
            client_id: row.next()?,
            state: row.next::<String>()?.parse().map_err(refused)?,
            expires_at: row.next()?,
            order_version: row.next()?,
            lines: Vec::new(),
        };
        let line = read_line(&mut row)?;
        reservation.get_or_insert(head).lines.push(line);
    }
    Ok(reservation)
}

fn read_line(row: &mut Row) -> db::Result<Line> {
    Ok(Line {
        item_id: row.next()?,
        quantity: Quantity::new(row.next()?).map_err(refused)?,
        name: row.next()?,
        unit_price: read_price(row)?,
        vat_rate: read_vat_rate(row)?,
        seller_id: row.next()?,
        returned: row.next()?,
    })
}

/// Claims the order's reservation; [`db::Error::Duplicate`] if there is one already.
pub async fn insert(tx: &mut Tx, asked: &Asked, now: Timestamp) -> db::Result<()> {
    const INSERT: &str = "insert into reservations (order_id, client_id, state, expires_at, order_version, \
         created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        asked.order_id,
        asked.client_id,
        State::Held.as_str(),
        now.plus_ms(asked.ttl_ms),
        asked.order_version,
        now,
        now
    ];
    tx.execute(INSERT, &params).await
}

/// Keeps what the items are at this moment, for all lines at once.
pub async fn insert_lines(tx: &mut Tx, asked: &Asked) -> db::Result<()> {
    const INSERT: &str = "insert into reservation_lines (order_id, position, item_id, quantity, name, \
         unit_price, currency, vat_rate, seller_id, held_until) \
         select ?, l.position, i.id, l.quantity, i.name, i.price, i.currency, i.vat_rate, i.seller_id, \
         (select r.expires_at from reservations r where r.order_id = ?) \
         from json_table(?, '$[*]' columns (position for ordinality, item char(32) path '$.item', \
         quantity bigint path '$.quantity')) l straight_join items i on i.id = unhex(l.item)";
    let rows = asked
        .lines
        .iter()
        .map(|line| json!({"item": hex(line.item_id), "quantity": line.quantity}));
    let params = params![asked.order_id, asked.order_id, json_rows(rows)];
    tx.execute(INSERT, &params).await
}

pub async fn find(db: &Db, order: OrderId) -> db::Result<Option<Reservation>> {
    const SELECT: &str = select_reservation!("");
    read(order, db.query(SELECT, &params![order]).await?)
}

/// The reservation, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, order: OrderId) -> db::Result<Option<Reservation>> {
    const SELECT: &str = select_reservation!(" for update");
    read(order, tx.lock(SELECT, &params![order]).await?)
}

/// Removes a reservation that was locked, with its lines.
pub async fn delete(tx: &mut Tx, order: OrderId) -> db::Result<()> {
    const DELETE_LINES: &str = "delete from reservation_lines where order_id = ?";
    const DELETE: &str = "delete from reservations where order_id = ?";
    tx.execute(DELETE_LINES, &params![order]).await?;
    tx.execute(DELETE, &params![order]).await
}

/// Writes where a reservation stands, and until when its lines hold stock.
pub async fn update(tx: &mut Tx, reservation: &Reservation, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update reservations r force index (primary) \
         straight_join reservation_lines l force index (primary) on l.order_id = r.order_id \
         set r.state = ?, r.order_version = ?, r.expires_at = ?, r.updated_at = ?, l.held_until = ? \
         where r.order_id = ?";
    let held_until = match reservation.state {
        State::Held => reservation.expires_at.unix_ms(),
        State::Committed | State::Released | State::Expired => HOLDS_NOTHING,
    };
    let params = params![
        reservation.state.as_str(),
        reservation.order_version,
        reservation.expires_at,
        now,
        held_until,
        reservation.order_id
    ];
    tx.execute(UPDATE, &params).await
}

/// Reservations past their time, the oldest. Nothing is locked.
pub async fn list_due(db: &Db, now: Timestamp, limit: usize) -> db::Result<Vec<OrderId>> {
    const SELECT: &str = "select order_id from reservations where state = 'held' and expires_at <= ? \
         order by expires_at limit ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = db.query(SELECT, &params![now, limit]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// Reservations past their time that hold some of these items, the oldest. Nothing is locked.
pub async fn list_due_of(
    db: &Db,
    items: &[ItemId],
    now: Timestamp,
    limit: usize,
) -> db::Result<Vec<OrderId>> {
    let sql = format!(
        "select distinct order_id from reservation_lines where item_id in ({}) and held_until <= ? limit ?",
        db::placeholders(items.len())
    );
    let mut params: Vec<Param> = items.iter().map(ToParam::to_param).collect();
    params.push(now.to_param());
    params.push(i64::try_from(limit).unwrap_or(i64::MAX).to_param());
    let rows = db.query(&sql, &params).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// Those of the reservations that still hold stock past their time, locked by their ids until the transaction
/// ends; those that another transaction has locked are its business.
pub async fn lock_due(tx: &mut Tx, orders: &[OrderId], now: Timestamp) -> db::Result<Vec<OrderId>> {
    let sql = format!(
        "select order_id from reservations force index (primary) where order_id in ({}) \
         and state = 'held' and expires_at <= ? for update skip locked",
        db::placeholders(orders.len())
    );
    let mut sorted = orders.to_vec();
    sorted.sort_unstable();
    let mut params: Vec<Param> = sorted.iter().map(ToParam::to_param).collect();
    params.push(now.to_param());
    let rows = tx.lock(&sql, &params).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// What of these items is held past its time: nobody's any more, though nobody has swept it yet.
pub async fn past_due(
    db: &Db,
    items: &[ItemId],
    now: Timestamp,
) -> db::Result<HashMap<ItemId, i64>> {
    if items.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select item_id, cast(sum(quantity) as signed) from reservation_lines \
         where item_id in ({}) and held_until <= ? group by item_id",
        db::placeholders(items.len())
    );
    let mut params: Vec<Param> = items.iter().map(ToParam::to_param).collect();
    params.push(now.to_param());
    let rows = db.query(&sql, &params).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.next()?, row.next()?)))
        .collect()
}

/// Where these reservations stand.
pub async fn list_states(db: &Db, orders: &[OrderId]) -> db::Result<Vec<(OrderId, State)>> {
    const SELECT: &str = "select r.order_id, r.state \
         from json_table(?, '$[*]' columns (order_id char(32) path '$.order')) d \
         straight_join reservations r on r.order_id = unhex(d.order_id)";
    let rows = db.query(SELECT, &[order_rows(orders)]).await?;
    rows.into_iter()
        .map(|mut row| {
            let order = row.next()?;
            Ok((order, row.next::<String>()?.parse().map_err(refused)?))
        })
        .collect()
}

/// What the lines of these reservations hold.
pub async fn list_held(tx: &mut Tx, orders: &[OrderId]) -> db::Result<Vec<(ItemId, i64)>> {
    const SELECT: &str = "select l.item_id, l.quantity \
         from json_table(?, '$[*]' columns (order_id char(32) path '$.order')) d \
         straight_join reservation_lines l on l.order_id = unhex(d.order_id)";
    let rows = tx.query(SELECT, &[order_rows(orders)]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.next()?, row.next()?)))
        .collect()
}

/// Ends reservations that were locked. By their ids alone: where a table is small, a join would read and lock all
/// of it.
pub async fn expire(tx: &mut Tx, orders: &[OrderId], now: Timestamp) -> db::Result<()> {
    let marks = db::placeholders(orders.len());
    let ids = || orders.iter().map(ToParam::to_param);
    let sql = format!(
        "update reservations force index (primary) set state = 'expired', updated_at = ? \
         where order_id in ({marks})"
    );
    let params: Vec<Param> = [now.to_param()].into_iter().chain(ids()).collect();
    tx.execute(&sql, &params).await?;
    let sql = format!(
        "update reservation_lines force index (primary) set held_until = ? where order_id in ({marks})"
    );
    let params: Vec<Param> = [HOLDS_NOTHING.to_param()]
        .into_iter()
        .chain(ids())
        .collect();
    tx.execute(&sql, &params).await
}

/// The parameter that names orders.
fn order_rows(orders: &[OrderId]) -> Param {
    let rows = orders
        .iter()
        .map(|order| json!({"order": order.as_uuid().simple().to_string()}));
    Param::Str(json_rows(rows))
}
