//! The tables `refunds` and `refund_lines`. Whoever changes a refund holds the lock on its payment's row.

use std::collections::HashMap;

use commerce::{Currency, Money, PaymentId, Quantity, RefundId, Timestamp, UserId};
use db::{Db, Row, Tx, params};
use serde_json::Value;

use super::lines::pieces_json;
use super::payments::hex_list;
use super::{from_json, to_json, unreadable};
use crate::refund::{Pieces, Refund, Status};

/// Every column, in the order in which [`read`] takes them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select r.id, r.number, r.payment_id, r.status, r.amount, r.reason, r.restock, \
             r.actor_id, r.provider_ref, r.failure, r.attempts, r.check_at, r.created_at, \
             r.updated_at, r.shipping, r.credits from ",
            $rest
        )
    };
}

/// Writes a new refund with its lines.
pub async fn insert(tx: &mut Tx, refund: &Refund) -> db::Result<()> {
    const INSERT: &str = "insert into refunds (id, payment_id, status, amount, reason, restock, \
         actor_id, provider_ref, check_at, created_at, updated_at, shipping, credits) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    const INSERT_LINES: &str = "insert into refund_lines (refund_id, item_id, quantity) \
         select ?, unhex(l.item), l.quantity from json_table(?, '$[*]' columns (\
         item char(32) path '$.item', quantity bigint path '$.quantity')) l";
    let params = params![
        refund.id,
        refund.payment_id,
        refund.status.as_str(),
        refund.amount.amount(),
        refund.reason,
        refund.restock,
        refund.actor_id,
        refund.provider_ref,
        refund.check_at,
        refund.created_at,
        refund.updated_at,
        refund.shipping,
        to_json(&refund.credits)?
    ];
    tx.execute(INSERT, &params).await?;
    if refund.lines.is_empty() {
        return Ok(());
    }
    let params = params![refund.id, pieces_json(&refund.lines)];
    tx.execute(INSERT_LINES, &params).await
}

/// Writes down what may have changed of a refund whose payment was locked.
pub async fn update(tx: &mut Tx, refund: &Refund) -> db::Result<()> {
    const UPDATE: &str = "update refunds set status = ?, provider_ref = ?, failure = ?, \
         check_at = ?, updated_at = ? where id = ?";
    let failure = refund.failure.as_ref();
    let params = params![
        refund.status.as_str(),
        refund.provider_ref,
        failure.map(|text| text.chars().take(500).collect::<String>()),
        refund.check_at,
        refund.updated_at,
        refund.id
    ];
    tx.execute(UPDATE, &params).await
}

pub async fn find(db: &Db, id: RefundId) -> db::Result<Option<Refund>> {
    const SELECT: &str = select!("refunds r where r.id = ?");
    let rows = db.query(SELECT, &params![id]).await?;
    Ok(with_lines(db, rows).await?.pop())
}

/// The refund as this transaction sees it.
pub async fn read_in(tx: &mut Tx, id: RefundId) -> db::Result<Option<Refund>> {
    const SELECT: &str = select!("refunds r where r.id = ?");
    let rows = tx.query(SELECT, &params![id]).await?;
    let mut refunds = read_all(rows)?;
    let rows = tx.query(SELECT_LINES, &params![ids_of(&refunds)]).await?;
    join_lines(&mut refunds, rows)?;
    Ok(refunds.pop())
}

/// Those of a payment that was locked that have not failed, from the oldest.
pub async fn list_standing(tx: &mut Tx, payment: PaymentId) -> db::Result<Vec<Refund>> {
    let mut refunds = list_in(tx, payment).await?;
    refunds.retain(|refund| refund.status != Status::Failed);
    Ok(refunds)
}

/// Those of a payment that was locked, from the oldest.
pub async fn list_in(tx: &mut Tx, payment: PaymentId) -> db::Result<Vec<Refund>> {
    const SELECT: &str = select!("refunds r where r.payment_id = ? order by r.number");
    let mut refunds = read_all(tx.query(SELECT, &params![payment]).await?)?;
    if !refunds.is_empty() {
        let rows = tx.query(SELECT_LINES, &params![ids_of(&refunds)]).await?;
        join_lines(&mut refunds, rows)?;
    }
    Ok(refunds)
}

/// The refunds of several payments, from the oldest.
pub async fn list(db: &Db, payments: &[PaymentId]) -> db::Result<Vec<Refund>> {
    const SELECT: &str = select!(
        "json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join refunds r on r.payment_id = unhex(w.id) order by r.number"
    );
    let ids = payments.iter().map(|id| id.as_uuid().simple().to_string());
    let ids = Value::from_iter(ids).to_string();
    let rows = db.query(SELECT, &params![ids]).await?;
    with_lines(db, rows).await
}

/// Those whose money a person has still to send back, from the newest; only of payments that this seller alone sold,
/// if one is named.
pub async fn list_by_hand(
    db: &Db,
    seller: Option<UserId>,
    before: Option<u64>,
    rows: i64,
) -> db::Result<Vec<Refund>> {
    const SELECT: &str = select!(
        "refunds r straight_join payments p on p.id = r.payment_id and p.provider = 'offline' \
         where r.status = 'pending' and r.actor_id is null and r.number < ? \
         and (? is null or ? = all (select l.seller_id from payment_lines l where l.payment_id = p.id)) \
         order by r.number desc limit ?"
    );
    let params = params![before.unwrap_or(u64::MAX), seller, seller, rows];
    let rows = db.query(SELECT, &params).await?;
    with_lines(db, rows).await
}

/// Whether the provider is to be asked about any.
pub async fn any_due(db: &Db, now: Timestamp) -> db::Result<bool> {
    const SELECT: &str = "select id from refunds where check_at <= ? limit 1";
    Ok(db.query_one(SELECT, &params![now]).await?.is_some())
}

/// Makes the provider be asked about all in doubt now, those first that waited longest.
pub async fn make_all_due(tx: &mut Tx, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update refunds set check_at = ? where check_at > ?";
    tx.execute(UPDATE, &params![now, now]).await
}

/// Takes refunds up that are due, and puts off when they are due again: others take others.
pub async fn take_due(db: &Db, now: Timestamp, count: i64) -> db::Result<Vec<Refund>> {
    const LOCK: &str = "select id from refunds where check_at <= ? order by check_at limit ? \
         for update skip locked";
    const PUT_OFF: &str = "update json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join refunds r force index (primary) on r.id = unhex(w.id) \
         set r.check_at = ? + (15000 << least(r.attempts, 8)), r.attempts = r.attempts + 1";
    const SELECT: &str = select!(
        "json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join refunds r on r.id = unhex(w.id)"
    );
    let mut tx = db.begin().await?;
    let outcome = async {
        let rows = tx.lock(LOCK, &params![now, count]).await?;
        let ids = hex_list(rows)?;
        tx.execute(PUT_OFF, &params![ids, now]).await?;
        let mut refunds = read_all(tx.query(SELECT, &params![ids]).await?)?;
        let rows = tx.query(SELECT_LINES, &params![ids]).await?;
        join_lines(&mut refunds, rows)?;
        Ok(refunds)
    }
    .await;
    tx.finish(outcome).await
}

/// How many have not ended.
pub async fn count_in_doubt(db: &Db) -> db::Result<i64> {
    const SELECT: &str = "select count(*) from refunds where check_at is not null";
    let row = db.query_one(SELECT, &[]).await?;
    row.map_or(Ok(0), |mut row| row.next())
}

/// The lines of several refunds, from one parameter.
const SELECT_LINES: &str = "select l.refund_id, l.item_id, l.quantity \
     from json_table(?, '$[*]' columns (id char(32) path '$')) w \
     straight_join refund_lines l on l.refund_id = unhex(w.id)";

async fn with_lines(db: &Db, rows: Vec<Row>) -> db::Result<Vec<Refund>> {
    let mut refunds = read_all(rows)?;
    if !refunds.is_empty() {
        let rows = db.query(SELECT_LINES, &params![ids_of(&refunds)]).await?;
        join_lines(&mut refunds, rows)?;
    }
    Ok(refunds)
}

fn ids_of(refunds: &[Refund]) -> String {
    let ids = refunds.iter().map(|refund| refund.id);
    Value::from_iter(ids.map(|id| id.as_uuid().simple().to_string())).to_string()
}

fn join_lines(refunds: &mut [Refund], rows: Vec<Row>) -> db::Result<()> {
    let mut lines: HashMap<RefundId, Vec<Pieces>> = HashMap::new();
    for mut row in rows {
        let refund = row.next()?;
        let pieces = Pieces {
            item_id: row.next()?,
            quantity: Quantity::new(row.next()?).map_err(unreadable)?,
        };
        lines.entry(refund).or_default().push(pieces);
    }
    for refund in refunds {
        refund.lines = lines.remove(&refund.id).unwrap_or_default();
    }
    Ok(())
}

fn read_all(rows: Vec<Row>) -> db::Result<Vec<Refund>> {
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> db::Result<Refund> {
    Ok(Refund {
        id: row.next()?,
        number: row.next()?,
        payment_id: row.next()?,
        status: row.next::<String>()?.parse().map_err(db::Error::Refused)?,
        amount: Money::new(row.next()?, Currency::Eur),
        reason: row.next()?,
        restock: row.next()?,
        actor_id: row.next()?,
        provider_ref: row.next()?,
        failure: row.next()?,
        attempts: row.next()?,
        check_at: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
        shipping: row.next()?,
        credits: from_json(row.next()?)?,
        lines: Vec::new(),
    })
}
