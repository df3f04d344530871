//! The table `disputes`. Whoever changes one holds the lock on its payment's row.

use commerce::{Currency, Money, PaymentId, Timestamp};
use db::{Db, Row, Tx, params};
use serde_json::Value;

use super::unreadable;
use crate::dispute::Dispute;

/// Every column, in the order in which [`read`] takes them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select d.id, d.payment_id, d.provider_ref, d.status, d.amount, d.currency, d.reason, \
             d.opened_at, d.updated_at from ",
            $rest
        )
    };
}

pub async fn insert(tx: &mut Tx, dispute: &Dispute) -> db::Result<()> {
    const INSERT: &str = "insert into disputes (id, payment_id, provider_ref, status, amount, \
         currency, reason, opened_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        dispute.id,
        dispute.payment_id,
        dispute.reference,
        dispute.status.as_str(),
        dispute.amount.amount(),
        dispute.amount.currency().code(),
        dispute.reason.chars().take(100).collect::<String>(),
        dispute.opened_at,
        dispute.updated_at
    ];
    tx.execute(INSERT, &params).await
}

/// Writes down where it has got to.
pub async fn update(tx: &mut Tx, dispute: &Dispute) -> db::Result<()> {
    const UPDATE: &str = "update disputes set status = ?, updated_at = ? where id = ?";
    let params = params![dispute.status.as_str(), dispute.updated_at, dispute.id];
    tx.execute(UPDATE, &params).await
}

/// Those of a payment that was locked, from the oldest.
pub async fn list_in(tx: &mut Tx, payment: PaymentId) -> db::Result<Vec<Dispute>> {
    const SELECT: &str = select!("disputes d where d.payment_id = ? order by d.number");
    let rows = tx.query(SELECT, &params![payment]).await?;
    rows.into_iter().map(read).collect()
}

/// Those of several payments, from the oldest.
pub async fn list(db: &Db, payments: &[PaymentId]) -> db::Result<Vec<Dispute>> {
    const SELECT: &str = select!(
        "json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join disputes d on d.payment_id = unhex(w.id) order by d.number"
    );
    let ids = payments.iter().map(|id| id.as_uuid().simple().to_string());
    let ids = Value::from_iter(ids).to_string();
    let rows = db.query(SELECT, &params![ids]).await?;
    rows.into_iter().map(read).collect()
}

/// When the oldest one was opened that is open still.
pub async fn oldest_open(db: &Db) -> db::Result<Option<Timestamp>> {
    const SELECT: &str =
        "select opened_at from disputes where status = 'open' order by opened_at limit 1";
    let row = db.query_one(SELECT, &[]).await?;
    row.map(|mut row| row.next()).transpose()
}

fn read(mut row: Row) -> db::Result<Dispute> {
    let (id, payment_id, reference) = (row.next()?, row.next()?, row.next()?);
    let status = row.next::<String>()?.parse().map_err(db::Error::Refused)?;
    let amount = row.next()?;
    let currency: Currency = row.next::<String>()?.parse().map_err(unreadable)?;
    Ok(Dispute {
        id,
        payment_id,
        reference,
        status,
        amount: Money::new(amount, currency),
        reason: row.next()?,
        opened_at: row.next()?,
        updated_at: row.next()?,
    })
}
