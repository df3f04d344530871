//! The tables `orders`, `order_lines` and `order_sellers`. The number of statements of a function does
//! not depend on the number of lines.

use std::collections::HashMap;

use commerce::{Address, Currency, ItemId, Money, OrderId, Quantity, Timestamp, Totals, VatRate};
use db::{Db, Row, Tx, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::order::{Line, Order};

/// Writes a new order with its lines. The number it was given.
pub async fn insert(tx: &mut Tx, order: &Order) -> db::Result<u64> {
    const INSERT: &str = "insert into orders (id, client_id, status, shipping_address, \
         billing_address, totals, gross, currency, version, expires_at, created_at, updated_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        order.id,
        order.client_id,
        order.status.as_str(),
        to_json(&order.shipping_address)?,
        to_json(&order.billing_address)?,
        to_json(&order.totals)?,
        order.totals.gross.amount(),
        order.totals.gross.currency().code(),
        order.version,
        order.expires_at,
        order.created_at,
        order.updated_at
    ];
    tx.execute(INSERT, &params).await?;
    let number = last_number(tx).await?;
    insert_lines(tx, order).await?;
    insert_sellers(tx, order, number).await?;
    Ok(number)
}

async fn last_number(tx: &mut Tx) -> db::Result<u64> {
    let row = tx.query_one("select last_insert_id()", &[]).await?;
    row.ok_or_else(|| db::Error::Refused("last_insert_id() gave no row".into()))?
        .next()
}

/// All lines in one statement, from one parameter.
async fn insert_lines(tx: &mut Tx, order: &Order) -> db::Result<()> {
    const INSERT: &str = "insert into order_lines \
         (order_id, position, item_id, seller_id, name, unit_price, vat_rate, quantity) \
         select ?, l.position, unhex(l.item), unhex(l.seller), l.name, l.unit_price, l.vat_rate, \
         l.quantity from json_table(?, '$[*]' columns (\
         position int path '$.position', item char(32) path '$.item', \
         seller char(32) path '$.seller', name varchar(200) path '$.name', \
         unit_price bigint path '$.unit_price', vat_rate int path '$.vat_rate', \
         quantity bigint path '$.quantity')) l";
    let lines = order.lines.iter().enumerate().map(|(position, line)| {
        json!({
            "position": position,
            "item": line.item_id.as_uuid().simple().to_string(),
            "seller": line.seller_id.as_uuid().simple().to_string(),
            "name": line.name,
            "unit_price": line.unit_price.amount(),
            "vat_rate": line.vat_rate.basis_points(),
            "quantity": line.quantity.get(),
        })
    });
    let lines = serde_json::Value::from_iter(lines).to_string();
    tx.execute(INSERT, &params![order.id, lines]).await
}

async fn insert_sellers(tx: &mut Tx, order: &Order, number: u64) -> db::Result<()> {
    const INSERT: &str = "insert into order_sellers (seller_id, order_number, order_id) \
         select distinct seller_id, ?, order_id from order_lines where order_id = ?";
    tx.execute(INSERT, &params![number, order.id]).await
}

/// Writes down where the order stands.
pub async fn update_status(tx: &mut Tx, order: &Order) -> db::Result<()> {
    const UPDATE: &str =
        "update orders set status = ?, paid_at = ?, updated_at = ?, version = ? where id = ?";
    let params = params![
        order.status.as_str(),
        order.paid_at,
        order.updated_at,
        order.version,
        order.id
    ];
    tx.execute(UPDATE, &params).await
}

/// Removes an order and its lines.
pub async fn delete(tx: &mut Tx, id: OrderId) -> db::Result<()> {
    const DELETE: &str = "delete from orders where id = ?";
    tx.execute(DELETE, &params![id]).await
}

/// The order, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: OrderId) -> db::Result<Option<Order>> {
    const SELECT: &str = "select id, order_number, client_id, status, totals, shipping_address, \
         billing_address, version, expires_at, paid_at, created_at, updated_at \
         from orders where id = ? for update";
    let Some(mut row) = tx.lock_one(SELECT, &params![id]).await? else {
        return Ok(None);
    };
    let mut order = read(&mut row)?;
    for mut row in tx.query(SELECT_LINES, &params![hex_list(&[id])]).await? {
        let (_, line) = read_line(&mut row)?;
        order.lines.push(line);
    }
    Ok(Some(order))
}

pub async fn find(db: &Db, id: OrderId) -> db::Result<Option<Order>> {
    const SELECT: &str = "select id, order_number, client_id, status, totals, shipping_address, \
         billing_address, version, expires_at, paid_at, created_at, updated_at \
         from orders where id = ?";
    let rows = db.query(SELECT, &params![id]).await?;
    Ok(with_lines(db, rows).await?.pop())
}

/// Whose orders are listed.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    Client(commerce::UserId),
    Seller(commerce::UserId),
    Everybody,
}

/// Orders from the newest, with numbers below `before`.
pub async fn list(db: &Db, whose: Whose, before: Option<u64>, rows: i64) -> db::Result<Vec<Order>> {
    const OF_CLIENT: &str = "select id, order_number, client_id, status, totals, \
         shipping_address, billing_address, version, expires_at, paid_at, created_at, updated_at \
         from orders where client_id = ? and order_number < ? order by order_number desc limit ?";
    const OF_SELLER: &str = "select o.id, o.order_number, o.client_id, o.status, o.totals, \
         o.shipping_address, o.billing_address, o.version, o.expires_at, o.paid_at, o.created_at, \
         o.updated_at from order_sellers s join orders o on o.id = s.order_id \
         where s.seller_id = ? and s.order_number < ? order by s.order_number desc limit ?";
    const OF_EVERYBODY: &str = "select id, order_number, client_id, status, totals, \
         shipping_address, billing_address, version, expires_at, paid_at, created_at, updated_at \
         from orders where order_number < ? order by order_number desc limit ?";
    let before = before.unwrap_or(u64::MAX);
    let found = match whose {
        Whose::Client(client) => db.query(OF_CLIENT, &params![client, before, rows]).await?,
        Whose::Seller(seller) => db.query(OF_SELLER, &params![seller, before, rows]).await?,
        Whose::Everybody => db.query(OF_EVERYBODY, &params![before, rows]).await?,
    };
    with_lines(db, found).await
}

/// Whether any order awaits payment past its time.
pub async fn any_due(db: &Db, now: Timestamp) -> db::Result<bool> {
    const SELECT: &str = "select id from orders where status = 'awaiting_payment' \
         and expires_at <= ? limit 1";
    Ok(db.query_one(SELECT, &params![now]).await?.is_some())
}

/// The order that has awaited payment past its time for longest, locked until the transaction ends. One
/// that another transaction has locked is that one's business.
pub async fn lock_next_due(tx: &mut Tx, now: Timestamp) -> db::Result<Option<Order>> {
    const SELECT: &str = "select id from orders where status = 'awaiting_payment' \
         and expires_at <= ? order by expires_at limit 1 for update skip locked";
    match tx.lock_one(SELECT, &params![now]).await? {
        Some(mut row) => lock(tx, row.next()?).await,
        None => Ok(None),
    }
}

/// The lines of several orders, from one parameter.
const SELECT_LINES: &str = "select o.order_id, o.item_id, o.seller_id, o.name, o.unit_price, \
     o.vat_rate, o.quantity from json_table(?, '$[*]' columns (id char(32) path '$')) w \
     straight_join order_lines o on o.order_id = unhex(w.id) order by o.order_id, o.position";

/// Reads orders and, with one more statement, the lines of all of them.
async fn with_lines(db: &Db, rows: Vec<Row>) -> db::Result<Vec<Order>> {
    let mut orders = rows
        .into_iter()
        .map(|mut row| read(&mut row))
        .collect::<db::Result<Vec<Order>>>()?;
    if orders.is_empty() {
        return Ok(orders);
    }
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let mut lines: HashMap<OrderId, Vec<Line>> = HashMap::new();
    for mut row in db.query(SELECT_LINES, &params![hex_list(&ids)]).await? {
        let (order, line) = read_line(&mut row)?;
        lines.entry(order).or_default().push(line);
    }
    for order in &mut orders {
        order.lines = lines.remove(&order.id).unwrap_or_default();
    }
    Ok(orders)
}

fn hex_list(ids: &[OrderId]) -> String {
    let ids = ids.iter().map(|id| id.as_uuid().simple().to_string());
    serde_json::Value::from_iter(ids).to_string()
}

fn read(row: &mut Row) -> db::Result<Order> {
    Ok(Order {
        id: row.next()?,
        order_number: row.next()?,
        client_id: row.next()?,
        status: row.next::<String>()?.parse().map_err(db::Error::Refused)?,
        lines: Vec::new(),
        totals: from_json::<Totals>(&row.next::<String>()?)?,
        shipping_address: from_json::<Address>(&row.next::<String>()?)?,
        billing_address: from_json::<Address>(&row.next::<String>()?)?,
        version: row.next()?,
        expires_at: row.next()?,
        paid_at: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

fn read_line(row: &mut Row) -> db::Result<(OrderId, Line)> {
    let order = row.next()?;
    let item_id: ItemId = row.next()?;
    let seller_id = row.next()?;
    let name = row.next()?;
    let unit_price = Money::new(row.next()?, Currency::Eur);
    let vat_rate = VatRate::new(row.next()?).map_err(unreadable)?;
    let quantity = Quantity::new(row.next()?).map_err(unreadable)?;
    let line_total = unit_price.checked_mul(quantity).map_err(unreadable)?;
    let line = Line {
        item_id,
        name,
        seller_id,
        unit_price,
        vat_rate,
        quantity,
        line_total,
    };
    Ok((order, line))
}

fn to_json<T: Serialize>(value: &T) -> db::Result<String> {
    serde_json::to_string(value).map_err(unreadable)
}

fn from_json<T: DeserializeOwned>(text: &str) -> db::Result<T> {
    serde_json::from_str(text).map_err(unreadable)
}

fn unreadable(error: impl ToString) -> db::Error {
    db::Error::Refused(error.to_string())
}
