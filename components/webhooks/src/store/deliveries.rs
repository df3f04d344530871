//! The table `deliveries`, as people see it and as it grows.

use commerce::{DeliveryId, Timestamp, WebhookId};
use db::{Db, Row, Tx, params};
use serde_json::json;

use super::{hex, json_rows, unknown};
use crate::delivery::{Delivery, Status, Unanswered, id_of};
use crate::event::Telling;

/// A `select` of whole deliveries: what [`read`] reads.
macro_rules! select_deliveries {
    ($rest:literal) => {
        concat!(
            "select d.id, d.webhook_id, d.event_id, e.kind, d.status, d.attempts, d.attempted_at, \
             d.response_status, d.error, d.due_at, d.created_at, d.ended_at, d.sequence \
             from deliveries d straight_join events e on e.id = d.event_id ",
            $rest
        )
    };
}

fn read(mut row: Row) -> db::Result<Delivery> {
    let mut delivery = Delivery {
        id: row.next()?,
        webhook_id: row.next()?,
        event_id: row.next()?,
        event_type: row.next()?,
        status: read_status(&row.next::<String>()?)?,
        attempts: row.next()?,
        attempted_at: row.next()?,
        response_status: row.next()?,
        error: read_error(row.next()?)?,
        next_attempt_at: Some(row.next()?),
        created_at: row.next()?,
        ended_at: row.next()?,
        sequence: row.next()?,
    };
    if delivery.status != Status::Pending {
        delivery.next_attempt_at = None;
    }
    Ok(delivery)
}

fn read_status(text: &str) -> db::Result<Status> {
    Status::parse(text).ok_or_else(|| unknown("status", text))
}

fn read_error(error: Option<String>) -> db::Result<Option<Unanswered>> {
    let parse = |text: String| Unanswered::parse(&text).ok_or_else(|| unknown("error", &text));
    error.map(parse).transpose()
}

/// Adds deliveries in the order of their events; one that is here already stays as it is.
pub async fn insert(
    tx: &mut Tx,
    deliveries: &[(&Telling, WebhookId)],
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str = "insert into deliveries (id, webhook_id, event_id, aggregate_id, status, due_at, \
         created_at) select unhex(n.id), unhex(n.webhook), unhex(n.event), unhex(n.aggregate), 'pending', \
         ?, ? from json_table(?, '$[*]' columns (position for ordinality, id char(32) path '$.id', \
         webhook char(32) path '$.webhook', event char(32) path '$.event', \
         aggregate char(32) path '$.aggregate')) n order by n.position \
         on duplicate key update id = deliveries.id";
    let rows = json_rows(deliveries.iter().map(|(event, webhook)| {
        json!({
            "id": hex(id_of(*webhook, event.id).as_uuid()),
            "webhook": hex(webhook.as_uuid()),
            "event": hex(event.id.as_uuid()),
            "aggregate": hex(event.aggregate_id),
        })
    }));
    tx.execute(INSERT, &params![now, now, rows]).await
}

pub async fn find(db: &Db, webhook: WebhookId, id: DeliveryId) -> db::Result<Option<Delivery>> {
    const SELECT: &str = select_deliveries!("where d.webhook_id = ? and d.id = ?");
    let row = db.query_one(SELECT, &params![webhook, id]).await?;
    row.map(read).transpose()
}

/// One that this transaction has written or whose webhook it has locked.
pub async fn find_written(
    tx: &mut Tx,
    webhook: WebhookId,
    id: DeliveryId,
) -> db::Result<Option<Delivery>> {
    const SELECT: &str = select_deliveries!("where d.webhook_id = ? and d.id = ?");
    let row = tx.query_one(SELECT, &params![webhook, id]).await?;
    row.map(read).transpose()
}

/// Those of a webhook from the latest, past the one that `after` is.
pub async fn list(
    db: &Db,
    webhook: WebhookId,
    after: Option<u64>,
    rows: i64,
) -> db::Result<Vec<Delivery>> {
    const SELECT: &str = select_deliveries!(
        "where d.webhook_id = ? and (? is null or d.sequence < ?) order by d.sequence desc limit ?"
    );
    let rows = db
        .query(SELECT, &params![webhook, after, after, rows])
        .await?;
    rows.into_iter().map(read).collect()
}

/// Has it sent now, whatever became of it before.
pub async fn send_again(
    tx: &mut Tx,
    webhook: WebhookId,
    id: DeliveryId,
    now: Timestamp,
) -> db::Result<()> {
    const UPDATE: &str = "update deliveries set status = 'pending', due_at = ?, ended_at = null \
         where webhook_id = ? and id = ?";
    tx.execute(UPDATE, &params![now, webhook, id]).await
}

/// Ends all that a webhook was still to be sent.
pub async fn cancel(tx: &mut Tx, webhook: WebhookId, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update deliveries set status = 'cancelled', ended_at = ? \
         where webhook_id = ? and status = 'pending'";
    tx.execute(UPDATE, &params![now, webhook]).await
}
