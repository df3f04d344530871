//! The tables `orders`, `order_lines` and `order_sellers`. The number of statements of a function does
//! not depend on the number of lines.

use std::collections::HashMap;

use commerce::{
    Currency, ItemId, Language, MerchantId, Money, OrderId, Quantity, Timestamp, Totals, UserId,
    VatRate,
};
use db::{Db, Param, Row, ToParam, Tx, params};
use serde_json::{Value, json};

use super::{from_json, to_json, unreadable};
use crate::domain::unpaid::Network;
use crate::life::{Life, Stage};
use crate::order::{Dispute, Line, Order, Parcel, PaymentShown, Shipment};

/// A `select` of whole orders, but for their lines: what [`read`] reads. The table `orders` is `o`.
macro_rules! select_orders {
    ($from:literal) => {
        concat!(
            "select o.id, o.order_number, o.client_id, o.status, o.refunded, o.totals, \
             o.shipping_address, o.billing_address, o.email, o.language, o.company, o.sales, o.version, o.expires_at, o.paid_at, o.paid_by, \
             o.begun_offline, o.processing, o.payment_id, o.payment_status, o.payment_at, o.carrier, o.tracking_number, o.shipped_at, \
             o.delivered_at, o.dispute, o.dispute_at, o.created_at, o.updated_at from ",
            $from
        )
    };
}

pub(super) use select_orders;

/// Writes a new order with its lines, and from which network it was placed. The number it was given.
pub async fn insert(tx: &mut Tx, order: &Order, network: &Network) -> db::Result<u64> {
    const INSERT: &str = "insert into orders (id, client_id, status, shipping_address, \
         billing_address, email, language, company, sales, totals, gross, currency, version, expires_at, \
         created_at, updated_at, units, network) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        order.id,
        order.client_id,
        order.life.stage.as_str(),
        to_json(&order.shipping_address)?,
        to_json(&order.billing_address)?,
        order.email,
        order.language.tag(),
        order.company.as_ref().map(to_json).transpose()?,
        to_json(&order.sales)?,
        to_json(&order.totals)?,
        order.totals.gross.amount(),
        order.totals.gross.currency().code(),
        order.version,
        order.expires_at,
        order.created_at,
        order.updated_at,
        order.units(),
        network.bytes()
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
    let lines = Value::from_iter(lines).to_string();
    tx.execute(INSERT, &params![order.id, lines]).await
}

async fn insert_sellers(tx: &mut Tx, order: &Order, number: u64) -> db::Result<()> {
    const INSERT: &str = "insert into order_sellers (seller_id, order_number, order_id) \
         select distinct seller_id, ?, order_id from order_lines where order_id = ?";
    tx.execute(INSERT, &params![number, order.id]).await
}

/// Writes down what a change has left on the order.
pub async fn update(tx: &mut Tx, order: &Order) -> db::Result<()> {
    const UPDATE: &str = "update orders set status = ?, \
         network = if(status = 'awaiting_payment', network, null), refunded = ?, paid_at = ?, paid_by = ?, \
         begun_offline = ?, processing = ?, payment_id = ?, payment_status = ?, payment_at = ?, carrier = ?, tracking_number = ?, \
         shipped_at = ?, delivered_at = ?, dispute = ?, dispute_at = ?, expires_at = ?, \
         updated_at = ?, version = ? where id = ?";
    let payment = order.payment.as_ref();
    let shipment = order.shipment.as_ref();
    let params = params![
        order.life.stage.as_str(),
        order.life.refunded.amount(),
        order.paid_at,
        order.paid_by,
        order.begun_offline,
        order.processing,
        payment.map(|payment| payment.id),
        payment.map(|payment| payment.status.as_str()),
        payment.map(|payment| payment.at),
        shipment.map(|shipment| shipment.parcel.carrier.as_str()),
        shipment.map(|shipment| shipment.parcel.tracking_number.as_str()),
        shipment.map(|shipment| shipment.shipped_at),
        shipment.and_then(|shipment| shipment.delivered_at),
        order.dispute.map(|dispute| dispute.status.as_str()),
        order.dispute.map(|dispute| dispute.at),
        order.expires_at,
        order.updated_at,
        order.version,
        order.id
    ];
    tx.execute(UPDATE, &params).await
}

/// Whether there is such an order.
pub async fn exists(tx: &mut Tx, id: OrderId) -> db::Result<bool> {
    const SELECT: &str = "select id from orders where id = ?";
    Ok(tx.query_one(SELECT, &params![id]).await?.is_some())
}

/// Whether there is such an order, and it costs nothing.
pub async fn is_free(db: &Db, id: OrderId) -> db::Result<bool> {
    const SELECT: &str = "select id from orders where id = ? and gross = 0";
    Ok(db.query_one(SELECT, &params![id]).await?.is_some())
}

/// Removes an order and its lines.
pub async fn delete(tx: &mut Tx, id: OrderId) -> db::Result<()> {
    const DELETE: &str = "delete from orders where id = ?";
    tx.execute(DELETE, &params![id]).await
}

/// The order, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: OrderId) -> db::Result<Option<Order>> {
    const SELECT: &str = select_orders!("orders o where o.id = ? for update");
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
    const SELECT: &str = select_orders!("orders o where o.id = ?");
    let found = read_all(db.query(SELECT, &params![id]).await?)?;
    Ok(with_lines(db, found).await?.pop())
}

/// Whose orders are listed.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    Client(UserId),
    Seller(UserId),
    Everybody,
}

/// How many of these orders have no more lines together: of each, its sales say how many it has. At least one.
pub(super) fn within(orders: &[Order], most: usize) -> usize {
    let mut lines = 0;
    let fit = orders.iter().take_while(|order| {
        lines += order
            .sales
            .iter()
            .map(|sale| sale.lines.len())
            .sum::<usize>();
        lines <= most
    });
    fit.count().max(1)
}

pub(super) fn read_all(rows: Vec<Row>) -> db::Result<Vec<Order>> {
    let rows = rows.into_iter();
    rows.map(|mut row| read(&mut row)).collect()
}

/// Whether anything of this seller was ordered since in their own name.
pub async fn any_in_name(tx: &mut Tx, seller: UserId, since: Timestamp) -> db::Result<bool> {
    const SELECT: &str = "select o.id from order_sellers s join orders o on o.id = s.order_id \
         where s.seller_id = ? and o.created_at >= ? \
         and json_search(o.sales, 'one', ?, null, '$[*].merchant') is not null limit 1";
    let name = MerchantId::Seller(seller).to_string();
    let row = tx.query_one(SELECT, &params![seller, since, name]).await?;
    Ok(row.is_some())
}

/// The orders that have awaited payment past their time for longest. Nothing is locked.
pub async fn list_due(db: &Db, now: Timestamp, limit: usize) -> db::Result<Vec<OrderId>> {
    const SELECT: &str = "select id from orders where status = 'awaiting_payment' and expires_at <= ? \
         order by expires_at limit ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = db.query(SELECT, &params![now, limit]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// Those of the orders that still await payment past their time, without their lines, locked by their ids until
/// the transaction ends. One that another transaction has locked is that one's business.
pub async fn lock_due(
    tx: &mut Tx,
    ids: &[OrderId],
    now: Timestamp,
) -> db::Result<Vec<db::Result<Order>>> {
    const SELECT: &str = select_orders!("orders o force index (primary)");
    let sql = format!(
        "{SELECT} where o.id in ({}) and o.status = 'awaiting_payment' and o.expires_at <= ? \
         for update skip locked",
        db::placeholders(ids.len())
    );
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    let mut params: Vec<Param> = sorted.iter().map(ToParam::to_param).collect();
    params.push(now.to_param());
    let rows = tx.lock(&sql, &params).await?;
    Ok(rows.into_iter().map(|mut row| read(&mut row)).collect())
}

/// Writes that orders that were locked have ended unpaid at this moment, which changes nothing else of them. By
/// their ids alone: where a table is small, a join would read and lock all of it.
pub async fn update_closed(
    tx: &mut Tx,
    closed: &[OrderId],
    stage: Stage,
    now: Timestamp,
) -> db::Result<()> {
    if closed.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "update orders force index (primary) set status = ?, network = null, version = version + 1, updated_at = ? \
         where id in ({})",
        db::placeholders(closed.len())
    );
    let mut params = params![stage.as_str(), now].to_vec();
    params.extend(closed.iter().map(ToParam::to_param));
    tx.execute(&sql, &params).await
}

/// The lines of several orders, from one parameter.
const SELECT_LINES: &str = "select o.order_id, o.item_id, o.seller_id, o.name, o.unit_price, \
     o.vat_rate, o.quantity from json_table(?, '$[*]' columns (id char(32) path '$')) w \
     straight_join order_lines o on o.order_id = unhex(w.id) order by o.order_id, o.position";

/// The orders with, by one more statement, the lines of all of them.
pub(super) async fn with_lines(db: &Db, mut orders: Vec<Order>) -> db::Result<Vec<Order>> {
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
    Value::from_iter(ids).to_string()
}

fn read(row: &mut Row) -> db::Result<Order> {
    let id = row.next()?;
    let order_number = row.next()?;
    let client_id = row.next()?;
    let stage: Stage = row.next::<String>()?.parse().map_err(db::Error::Refused)?;
    let refunded = row.next()?;
    let totals: Totals = from_json(&row.next::<String>()?)?;
    let shipping_address = from_json(&row.next::<String>()?)?;
    let billing_address = from_json(&row.next::<String>()?)?;
    let email = row.next()?;
    let language = read_language(&row.next::<String>()?);
    let company: Option<String> = row.next()?;
    let sales: Option<String> = row.next()?;
    let version = row.next()?;
    let expires_at = row.next()?;
    let paid_at: Option<Timestamp> = row.next()?;
    Ok(Order {
        id,
        order_number,
        client_id,
        life: Life {
            stage,
            paid: paid_at.is_some(),
            total: totals.gross,
            refunded: Money::new(refunded, totals.gross.currency()),
        },
        lines: Vec::new(),
        sales: sales
            .as_deref()
            .map(from_json)
            .transpose()?
            .unwrap_or_default(),
        totals,
        shipping_address,
        billing_address,
        email,
        language,
        company: company.as_deref().map(from_json).transpose()?,
        version,
        expires_at,
        paid_at,
        paid_by: row.next()?,
        begun_offline: row.next()?,
        processing: row.next()?,
        payment: read_payment(row)?,
        shipment: read_shipment(row)?,
        dispute: read_dispute(row)?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

fn read_language(tag: &str) -> Language {
    Language::from_accept_language(tag)
}

fn read_payment(row: &mut Row) -> db::Result<Option<PaymentShown>> {
    let columns = (row.next()?, row.next()?, row.next()?);
    let (Some(id), Some(status), Some(at)) = columns else {
        return Ok(None);
    };
    Ok(Some(PaymentShown { id, status, at }))
}

fn read_dispute(row: &mut Row) -> db::Result<Option<Dispute>> {
    let columns: (Option<String>, Option<Timestamp>) = (row.next()?, row.next()?);
    let (Some(status), Some(at)) = columns else {
        return Ok(None);
    };
    let status = status.parse().map_err(db::Error::Refused)?;
    Ok(Some(Dispute { status, at }))
}

fn read_shipment(row: &mut Row) -> db::Result<Option<Shipment>> {
    let columns = (row.next()?, row.next()?, row.next()?, row.next()?);
    let (Some(carrier), Some(tracking_number), Some(shipped_at), delivered_at) = columns else {
        return Ok(None);
    };
    let parcel = Parcel {
        carrier,
        tracking_number,
    };
    Ok(Some(Shipment {
        parcel,
        shipped_at,
        delivered_at,
    }))
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
