//! The table `deliveries` as a queue: what is due, who has it in hand, and what came of it.

use commerce::{EventId, Timestamp, WebhookId};
use db::{Db, Row, Tx, params};
use uuid::Uuid;

use super::webhooks::read_secrets;
use super::{hex, json_rows};
use crate::delivery::{Answer, Status};
use crate::webhook::Secrets;

/// A delivery that is due.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub sequence: u64,
    pub webhook: WebhookId,
}

/// A delivery in hand, with all that sending it takes.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub sequence: u64,
    pub event: EventId,
    pub aggregate: [u8; 16],
    /// This attempt included.
    pub attempts: u32,
    /// Under which it was taken in hand.
    pub lease: [u8; 16],
    pub webhook: WebhookId,
    /// The version of the webhook whose address this is.
    pub version: u32,
    pub url: String,
    pub secrets: Secrets,
    pub failing_since: Option<Timestamp>,
    pub body: String,
}

/// What has been due for longest, but for the webhooks `beside`. One behind another of its aggregate is not
/// due before that one has ended.
pub async fn list_due(
    db: &Db,
    beside: impl Iterator<Item = WebhookId>,
    now: Timestamp,
    rows: i64,
) -> db::Result<Vec<Due>> {
    const SELECT: &str = "select d.sequence, d.webhook_id from deliveries d \
         where d.status = 'pending' and d.due_at <= ? \
         and not exists (select 1 from deliveries p where p.webhook_id = d.webhook_id \
         and p.aggregate_id = d.aggregate_id and p.status = 'pending' and p.sequence < d.sequence) \
         and not exists (select 1 from json_table(?, '$[*]' columns (webhook char(32) path '$')) b \
         where unhex(b.webhook) = d.webhook_id) \
         and exists (select 1 from webhooks w where w.id = d.webhook_id and w.enabled = true) \
         order by d.due_at, d.sequence limit ?";
    let beside = json_rows(beside.map(|id| hex(id.as_uuid()).into()));
    let rows = db.query(SELECT, &params![now, beside, rows]).await?;
    let read = |mut row: Row| {
        Ok(Due {
            sequence: row.next()?,
            webhook: row.next()?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Takes them in hand until then, but for those that somebody else has taken meanwhile. `lease` is whoever
/// takes them, this once.
pub async fn take(
    tx: &mut Tx,
    due: &[Due],
    lease: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (sequence bigint unsigned path '$')) n \
         straight_join deliveries d force index (primary) on d.sequence = n.sequence \
         set d.attempts = d.attempts + 1, d.attempted_at = ?, d.due_at = ?, d.lease = ? \
         where d.status = 'pending' and d.due_at <= ?";
    let params = params![sequences(due), now, until, lease.into_bytes(), now];
    tx.execute(UPDATE, &params).await
}

/// Those of them that were taken in hand under this lease.
pub async fn list_taken(tx: &mut Tx, due: &[Due], lease: Uuid) -> db::Result<Vec<Parcel>> {
    const SELECT: &str = "select d.sequence, d.event_id, d.aggregate_id, d.attempts, d.lease, \
         d.webhook_id, w.version, w.url, w.secret, w.previous_secret, w.previous_secret_expires_at, \
         w.failing_since, e.body \
         from json_table(?, '$[*]' columns (sequence bigint unsigned path '$')) n \
         straight_join deliveries d on d.sequence = n.sequence \
         straight_join webhooks w on w.id = d.webhook_id \
         straight_join events e on e.id = d.event_id where d.lease = ?";
    let params = params![sequences(due), lease.into_bytes()];
    let rows = tx.query(SELECT, &params).await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> db::Result<Parcel> {
    Ok(Parcel {
        sequence: row.next()?,
        event: row.next()?,
        aggregate: row.next()?,
        attempts: row.next()?,
        lease: row.next()?,
        webhook: row.next()?,
        version: row.next()?,
        url: row.next()?,
        secrets: read_secrets(&mut row)?,
        failing_since: row.next()?,
        body: row.next()?,
    })
}

/// Writes how it ended, unless it was taken in hand again meanwhile.
pub async fn end(
    tx: &mut Tx,
    parcel: &Parcel,
    status: Status,
    answer: Answer,
    now: Timestamp,
) -> db::Result<()> {
    const UPDATE: &str = "update deliveries set status = ?, response_status = ?, error = ?, ended_at = ? \
         where sequence = ? and status = 'pending' and lease = ?";
    let params = params![
        status.as_str(),
        answer.status(),
        answer.error().map(|error| error.as_str()),
        now,
        parcel.sequence,
        parcel.lease
    ];
    tx.execute(UPDATE, &params).await
}

/// Writes when it is due again, under the same condition.
pub async fn postpone(
    tx: &mut Tx,
    parcel: &Parcel,
    answer: Answer,
    due_at: Timestamp,
) -> db::Result<()> {
    const UPDATE: &str = "update deliveries set response_status = ?, error = ?, due_at = ? \
         where sequence = ? and status = 'pending' and lease = ?";
    let params = params![
        answer.status(),
        answer.error().map(|error| error.as_str()),
        due_at,
        parcel.sequence,
        parcel.lease
    ];
    tx.execute(UPDATE, &params).await
}

/// Has what waits behind it wait as long, so that nobody looks at it before it can be sent.
pub async fn hold_back(tx: &mut Tx, parcel: &Parcel, due_at: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update deliveries set due_at = greatest(due_at, ?) \
         where webhook_id = ? and aggregate_id = ? and status = 'pending' and sequence > ?";
    let params = params![due_at, parcel.webhook, parcel.aggregate, parcel.sequence];
    tx.execute(UPDATE, &params).await
}

/// Has what waited behind it go on now.
pub async fn let_go_on(tx: &mut Tx, parcel: &Parcel, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update deliveries set due_at = least(due_at, ?) \
         where webhook_id = ? and aggregate_id = ? and status = 'pending' and sequence > ?";
    let params = params![now, parcel.webhook, parcel.aggregate, parcel.sequence];
    tx.execute(UPDATE, &params).await
}

fn sequences(due: &[Due]) -> String {
    json_rows(due.iter().map(|due| due.sequence.into()))
}
