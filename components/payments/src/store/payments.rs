//! The table `payments`. A payment is read with its lines; whoever changes it, its lines or its refunds holds
//! the lock on its row.

use commerce::{Currency, Money, OrderId, PaymentId, Timestamp};
use db::{Db, Row, Tx, params};
use serde_json::Value;

use super::{from_json, lines, to_json};
use crate::payment::Payment;

/// Every column, in the order in which [`read`] takes them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, number, order_id, live_order_id, client_id, provider, status, amount, \
             refunded, refunding, currency, provider_ref, client_secret, failure, cancel_wanted, \
             version, attempts, check_at, created_at, updated_at, sales from payments ",
            $rest
        )
    };
}

/// Writes a new payment with its lines. `payments_live` refuses a second one for an order.
pub async fn insert(tx: &mut Tx, payment: &Payment) -> db::Result<()> {
    const INSERT: &str = "insert into payments (id, order_id, live_order_id, client_id, provider, \
         status, amount, currency, version, check_at, created_at, updated_at, sales) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        payment.id,
        payment.order_id,
        payment.holds_order.then_some(payment.order_id),
        payment.client_id,
        payment.provider.as_str(),
        payment.status.as_str(),
        payment.amount.amount(),
        payment.amount.currency().code(),
        payment.version,
        payment.check_at,
        payment.created_at,
        payment.updated_at,
        to_json(&payment.sales)?
    ];
    tx.execute(INSERT, &params).await?;
    lines::insert(tx, payment).await
}

/// Writes down what may have changed of a payment that was locked.
pub async fn update(tx: &mut Tx, payment: &Payment) -> db::Result<()> {
    const UPDATE: &str = "update payments set live_order_id = ?, status = ?, refunded = ?, \
         refunding = ?, provider_ref = ?, client_secret = ?, failure = ?, cancel_wanted = ?, \
         version = ?, attempts = ?, check_at = ?, updated_at = ? where id = ?";
    let failure = payment.failure.as_ref();
    let params = params![
        payment.holds_order.then_some(payment.order_id),
        payment.status.as_str(),
        payment.refunded.amount(),
        payment.refunding.amount(),
        payment.provider_ref,
        payment.client_secret,
        failure.map(|text| text.chars().take(500).collect::<String>()),
        payment.cancel_wanted,
        payment.version,
        payment.attempts,
        payment.check_at,
        payment.updated_at,
        payment.id
    ];
    tx.execute(UPDATE, &params).await
}

/// The payment, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: PaymentId) -> db::Result<Option<Payment>> {
    const SELECT: &str = select!("where id = ? for update");
    let rows = tx.lock(SELECT, &params![id]).await?;
    Ok(with_locked_lines(tx, rows).await?.pop())
}

/// Every payment of an order, locked until the transaction ends.
pub async fn lock_of_order(tx: &mut Tx, order: OrderId) -> db::Result<Vec<Payment>> {
    const SELECT: &str = select!("where order_id = ? order by number for update");
    let rows = tx.lock(SELECT, &params![order]).await?;
    with_locked_lines(tx, rows).await
}

/// Those of the orders that have a payment which may still be made.
pub async fn list_payable(tx: &mut Tx, orders: &[OrderId]) -> db::Result<Vec<OrderId>> {
    const SELECT: &str = "select distinct p.order_id \
         from json_table(?, '$[*]' columns (id char(32) path '$')) o \
         straight_join payments p on p.order_id = unhex(o.id) \
         where p.status not in ('cancelled', 'succeeded') order by p.order_id";
    let orders = orders.iter().map(|id| id.as_uuid().simple().to_string());
    let rows = tx
        .query(SELECT, &params![Value::from_iter(orders).to_string()])
        .await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

pub async fn find(db: &Db, id: PaymentId) -> db::Result<Option<Payment>> {
    const SELECT: &str = select!("where id = ?");
    let rows = db.query(SELECT, &params![id]).await?;
    Ok(with_lines(db, rows).await?.pop())
}

/// The payment that the provider calls so, locked until the transaction ends.
pub async fn lock_by_reference(tx: &mut Tx, reference: &str) -> db::Result<Option<Payment>> {
    const SELECT: &str = "select id, provider_ref from payments where provider_ref = ?";
    for mut row in tx.query(SELECT, &params![reference]).await? {
        let id = row.next()?;
        // The column does not tell capitals from small letters, and the provider does.
        if row.next::<Option<String>>()?.as_deref() == Some(reference) {
            return lock(tx, id).await;
        }
    }
    Ok(None)
}

/// Has the provider be asked about a payment now.
pub async fn make_due(tx: &mut Tx, id: PaymentId, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update payments set check_at = ?, attempts = 0 where id = ?";
    tx.execute(UPDATE, &params![now, id]).await
}

/// Has the provider not be asked again about a payment that has ended, unless there was a reason to meanwhile.
pub async fn end_check(tx: &mut Tx, asked: &Payment) -> db::Result<()> {
    const UPDATE: &str = "update payments set check_at = null \
         where id = ? and status = 'succeeded' and check_at = ?";
    tx.execute(UPDATE, &params![asked.id, asked.check_at]).await
}

/// The payment that has its order's one place, if any.
pub async fn find_live(db: &Db, order: OrderId) -> db::Result<Option<PaymentId>> {
    const SELECT: &str = "select id from payments where live_order_id = ?";
    let row = db.query_one(SELECT, &params![order]).await?;
    row.map(|mut row| row.next()).transpose()
}

/// Whether an order's one place is taken, as this transaction sees it.
pub async fn is_taken(tx: &mut Tx, order: OrderId) -> db::Result<bool> {
    const SELECT: &str = "select id from payments where live_order_id = ?";
    Ok(tx.query_one(SELECT, &params![order]).await?.is_some())
}

/// Payments of an order from the newest, with numbers below `before`.
pub async fn list(
    db: &Db,
    order: OrderId,
    before: Option<u64>,
    rows: i64,
) -> db::Result<Vec<Payment>> {
    const SELECT: &str = select!("where order_id = ? and number < ? order by number desc limit ?");
    let params = params![order, before.unwrap_or(u64::MAX), rows];
    let rows = db.query(SELECT, &params).await?;
    with_lines(db, rows).await
}

/// These payments, in no order.
pub async fn list_all(db: &Db, ids: &[PaymentId]) -> db::Result<Vec<Payment>> {
    let ids = ids.iter().map(|id| id.as_uuid().simple().to_string());
    let ids = Value::from_iter(ids).to_string();
    let rows = db.query(SELECT_ALL, &params![ids]).await?;
    with_lines(db, rows).await
}

const SELECT_ALL: &str = select!(
    "where id in (select unhex(w.id) from json_table(?, '$[*]' columns (id char(32) path '$')) w)"
);

/// Whether the provider is to be asked about any.
pub async fn any_due(db: &Db, now: Timestamp) -> db::Result<bool> {
    const SELECT: &str = "select id from payments where check_at <= ? limit 1";
    Ok(db.query_one(SELECT, &params![now]).await?.is_some())
}

/// Makes the provider be asked about all in doubt now, those first that waited longest.
pub async fn make_all_due(tx: &mut Tx, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update payments set check_at = ? where check_at > ?";
    tx.execute(UPDATE, &params![now, now]).await
}

/// Takes payments up that are due, and puts off when they are due again: others take others.
pub async fn take_due(db: &Db, now: Timestamp, count: i64) -> db::Result<Vec<Payment>> {
    const LOCK: &str = "select id from payments where check_at <= ? order by check_at limit ? \
         for update skip locked";
    const PUT_OFF: &str = "update json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join payments p force index (primary) on p.id = unhex(w.id) \
         set p.check_at = ? + (15000 << least(p.attempts, 8)), p.attempts = p.attempts + 1";
    let mut tx = db.begin().await?;
    let outcome = async {
        let rows = tx.lock(LOCK, &params![now, count]).await?;
        let ids = hex_list(rows)?;
        tx.execute(PUT_OFF, &params![ids, now]).await?;
        let rows = tx.query(SELECT_ALL, &params![ids]).await?;
        with_locked_lines(&mut tx, rows).await
    }
    .await;
    tx.finish(outcome).await
}

/// How many are not known to have reached the provider, or should be cancelled there and are not.
pub async fn count_in_doubt(db: &Db) -> db::Result<i64> {
    const SELECT: &str = "select count(*) from payments \
         where check_at is not null and (status = 'pending' or cancel_wanted)";
    let row = db.query_one(SELECT, &[]).await?;
    row.map_or(Ok(0), |mut row| row.next())
}

/// Ids that rows begin with, as statements take them.
pub(super) fn hex_list(rows: Vec<Row>) -> db::Result<String> {
    let hex = |mut row: Row| {
        let id: PaymentId = row.next()?;
        Ok(Value::from(id.as_uuid().simple().to_string()))
    };
    let ids = rows.into_iter().map(hex).collect::<db::Result<Vec<_>>>()?;
    Ok(Value::Array(ids).to_string())
}

async fn with_lines(db: &Db, rows: Vec<Row>) -> db::Result<Vec<Payment>> {
    let payments = read_all(rows)?;
    if payments.is_empty() {
        return Ok(payments);
    }
    let rows = db.query(lines::SELECT, &params![ids_of(&payments)]).await?;
    joined(payments, rows)
}

async fn with_locked_lines(tx: &mut Tx, rows: Vec<Row>) -> db::Result<Vec<Payment>> {
    let payments = read_all(rows)?;
    if payments.is_empty() {
        return Ok(payments);
    }
    let rows = tx.query(lines::SELECT, &params![ids_of(&payments)]).await?;
    joined(payments, rows)
}

fn ids_of(payments: &[Payment]) -> String {
    let ids = payments.iter().map(|payment| payment.id);
    Value::from_iter(ids.map(|id| id.as_uuid().simple().to_string())).to_string()
}

fn joined(mut payments: Vec<Payment>, rows: Vec<Row>) -> db::Result<Vec<Payment>> {
    let mut lines = lines::by_payment(rows)?;
    for payment in &mut payments {
        payment.lines = lines.remove(&payment.id).unwrap_or_default();
    }
    Ok(payments)
}

fn read_all(rows: Vec<Row>) -> db::Result<Vec<Payment>> {
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> db::Result<Payment> {
    let refused = |error: String| db::Error::Refused(error);
    let (id, number, order_id) = (row.next()?, row.next()?, row.next()?);
    let live: Option<OrderId> = row.next()?;
    let client_id = row.next()?;
    let provider = row.next::<String>()?.parse().map_err(refused)?;
    let status = row.next::<String>()?.parse().map_err(refused)?;
    let amounts: [i64; 3] = [row.next()?, row.next()?, row.next()?];
    let currency = row.next::<String>()?.parse::<Currency>();
    let currency = currency.map_err(|error| refused(error.to_string()))?;
    let [amount, refunded, refunding] = amounts.map(|amount| Money::new(amount, currency));
    Ok(Payment {
        id,
        number,
        order_id,
        holds_order: live.is_some(),
        client_id,
        provider,
        status,
        amount,
        refunded,
        refunding,
        provider_ref: row.next()?,
        client_secret: row.next()?,
        failure: row.next()?,
        cancel_wanted: row.next()?,
        version: row.next()?,
        attempts: row.next()?,
        check_at: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
        lines: Vec::new(),
        sales: from_json(row.next()?)?,
    })
}
