//! The tables `reservations` and `reservation_lines`.

use commerce::{ItemId, OrderId, Quantity, Timestamp};
use db::{Db, Param, Row, Tx, params};
use serde_json::json;

use super::items::hex;
use super::{json_rows, read_price, read_vat_rate, refused};
use crate::reservation::{Asked, Line, Reservation, State};

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
         unit_price, currency, vat_rate, seller_id) \
         select ?, l.position, i.id, l.quantity, i.name, i.price, i.currency, i.vat_rate, i.seller_id \
         from json_table(?, '$[*]' columns (position for ordinality, item char(32) path '$.item', \
         quantity bigint path '$.quantity')) l straight_join items i on i.id = unhex(l.item)";
    let rows = asked
        .lines
        .iter()
        .map(|line| json!({"item": hex(line.item_id), "quantity": line.quantity}));
    tx.execute(INSERT, &params![asked.order_id, json_rows(rows)])
        .await
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

/// Writes where a reservation stands.
pub async fn update(tx: &mut Tx, reservation: &Reservation, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update reservations set state = ?, order_version = ?, expires_at = ?, updated_at = ? \
         where order_id = ?";
    let params = params![
        reservation.state.as_str(),
        reservation.order_version,
        reservation.expires_at,
        now,
        reservation.order_id
    ];
    tx.execute(UPDATE, &params).await
}

/// Reservations past their time, locked until the transaction ends; those that another transaction has
/// locked are its business.
pub async fn lock_due(tx: &mut Tx, now: Timestamp, limit: i64) -> db::Result<Vec<OrderId>> {
    const SELECT: &str = "select order_id from reservations where state = 'held' and expires_at <= ? \
         order by expires_at limit ? for update skip locked";
    let rows = tx.lock(SELECT, &params![now, limit]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
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

pub async fn expire(tx: &mut Tx, orders: &[OrderId], now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (order_id char(32) path '$.order')) d \
         straight_join reservations r force index (primary) on r.order_id = unhex(d.order_id) \
         set r.state = 'expired', r.updated_at = ?";
    tx.execute(UPDATE, &[order_rows(orders), Param::Int64(now.unix_ms())])
        .await
}

/// Whether any reservation is past its time.
pub async fn any_due(db: &Db, now: Timestamp) -> db::Result<bool> {
    const SELECT: &str =
        "select order_id from reservations where state = 'held' and expires_at <= ? limit 1";
    Ok(db.query_one(SELECT, &params![now]).await?.is_some())
}

/// The parameter that names orders.
fn order_rows(orders: &[OrderId]) -> Param {
    let rows = orders
        .iter()
        .map(|order| json!({"order": order.as_uuid().simple().to_string()}));
    Param::Str(json_rows(rows))
}
