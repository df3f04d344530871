//! The table `webhooks`.

use commerce::{Timestamp, WebhookId};
use db::{Db, Row, Tx, params};

use super::unknown;
use crate::event::EventType;
use crate::signature::Secret;
use crate::webhook::{DisabledReason, Secrets, Webhook};

/// A `select` of whole webhooks: what [`read`] reads.
macro_rules! select_webhooks {
    ($rest:literal) => {
        concat!(
            "select id, url, event_types, description, enabled, disabled_reason, failing_since, \
             previous_secret_expires_at, created_at, updated_at, version from webhooks ",
            $rest
        )
    };
}

fn read(mut row: Row) -> db::Result<Webhook> {
    Ok(Webhook {
        id: row.next()?,
        url: row.next()?,
        event_types: read_event_types(&row.next::<String>()?)?,
        description: row.next()?,
        enabled: row.next()?,
        disabled_reason: read_reason(row.next()?)?,
        failing_since: row.next()?,
        previous_secret_expires_at: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
        version: row.next()?,
    })
}

fn read_event_types(names: &str) -> db::Result<Vec<EventType>> {
    let names = names.split(',').filter(|name| !name.is_empty());
    names
        .map(|name| EventType::parse(name).ok_or_else(|| unknown("event type", name)))
        .collect()
}

fn write_event_types(types: &[EventType]) -> String {
    let names: Vec<&str> = types.iter().map(|one| one.name()).collect();
    names.join(",")
}

fn read_reason(reason: Option<String>) -> db::Result<Option<DisabledReason>> {
    let parse = |text: String| {
        DisabledReason::parse(&text).ok_or_else(|| unknown("reason to be disabled", &text))
    };
    reason.map(parse).transpose()
}

pub async fn insert(tx: &mut Tx, webhook: &Webhook, secret: &Secret) -> db::Result<()> {
    const INSERT: &str = "insert into webhooks (id, url, event_types, description, enabled, \
         disabled_reason, secret, version, created_at, updated_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        webhook.id,
        webhook.url,
        write_event_types(&webhook.event_types),
        webhook.description,
        webhook.enabled,
        webhook.disabled_reason.map(DisabledReason::as_str),
        secret.bytes(),
        webhook.version,
        webhook.created_at,
        webhook.updated_at
    ];
    tx.execute(INSERT, &params).await
}

pub async fn find(db: &Db, id: WebhookId) -> db::Result<Option<Webhook>> {
    const SELECT: &str = select_webhooks!("where id = ?");
    let row = db.query_one(SELECT, &params![id]).await?;
    row.map(read).transpose()
}

/// The webhook, locked until the transaction ends. Whoever also writes its deliveries locks it first.
pub async fn lock(tx: &mut Tx, id: WebhookId) -> db::Result<Option<Webhook>> {
    const SELECT: &str = select_webhooks!("where id = ? for update");
    let row = tx.lock_one(SELECT, &params![id]).await?;
    row.map(read).transpose()
}

/// Webhooks from the oldest, past the one that `after` names.
pub async fn list(db: &Db, after: Option<WebhookId>, rows: i64) -> db::Result<Vec<Webhook>> {
    const SELECT: &str = select_webhooks!("where (? is null or id > ?) order by id limit ?");
    let rows = db.query(SELECT, &params![after, after, rows]).await?;
    rows.into_iter().map(read).collect()
}

/// Those that are to be told of what happens.
pub async fn list_enabled(db: &Db) -> db::Result<Vec<Webhook>> {
    const SELECT: &str = select_webhooks!("where enabled = true");
    let rows = db.query(SELECT, &[]).await?;
    rows.into_iter().map(read).collect()
}

/// Writes what can change of a webhook that was locked, but for its secrets.
pub async fn update(tx: &mut Tx, webhook: &Webhook) -> db::Result<()> {
    const UPDATE: &str = "update webhooks set url = ?, event_types = ?, description = ?, enabled = ?, \
         disabled_reason = ?, failing_since = ?, version = ?, updated_at = ? where id = ?";
    let params = params![
        webhook.url,
        write_event_types(&webhook.event_types),
        webhook.description,
        webhook.enabled,
        webhook.disabled_reason.map(DisabledReason::as_str),
        webhook.failing_since,
        webhook.version,
        webhook.updated_at,
        webhook.id
    ];
    tx.execute(UPDATE, &params).await
}

pub async fn delete(tx: &mut Tx, id: WebhookId) -> db::Result<()> {
    const DELETE: &str = "delete from webhooks where id = ?";
    tx.execute(DELETE, &params![id]).await
}

/// The secrets of a webhook that was locked.
pub async fn find_secrets(tx: &mut Tx, id: WebhookId) -> db::Result<Option<Secrets>> {
    const SELECT: &str = "select secret, previous_secret, previous_secret_expires_at \
         from webhooks where id = ?";
    let row = tx.query_one(SELECT, &params![id]).await?;
    row.map(|mut row| read_secrets(&mut row)).transpose()
}

/// The columns `secret`, `previous_secret` and `previous_secret_expires_at`.
pub(super) fn read_secrets(row: &mut Row) -> db::Result<Secrets> {
    let current = Secret::from_bytes(row.next()?);
    let previous: Option<[u8; 32]> = row.next()?;
    let expires: Option<Timestamp> = row.next()?;
    Ok(Secrets {
        current,
        previous: previous.map(Secret::from_bytes).zip(expires),
    })
}

pub async fn update_secrets(tx: &mut Tx, id: WebhookId, secrets: &Secrets) -> db::Result<()> {
    const UPDATE: &str = "update webhooks set secret = ?, previous_secret = ?, \
         previous_secret_expires_at = ? where id = ?";
    let (previous, expires) = secrets.previous.unzip();
    let previous = previous.map(|secret| secret.bytes());
    let params = params![secrets.current.bytes(), previous, expires, id];
    tx.execute(UPDATE, &params).await
}

/// Notes that it failed, if it had not before.
pub async fn begin_failing(tx: &mut Tx, id: WebhookId, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str =
        "update webhooks set failing_since = ? where id = ? and failing_since is null";
    tx.execute(UPDATE, &params![now, id]).await
}

/// Notes a success.
pub async fn end_failing(tx: &mut Tx, id: WebhookId) -> db::Result<()> {
    const UPDATE: &str =
        "update webhooks set failing_since = null where id = ? and failing_since is not null";
    tx.execute(UPDATE, &params![id]).await
}
