//! The table `provider_events`: what the provider has told and was applied.

use commerce::Timestamp;
use db::{Db, Tx, params};
use service::{Done, Turn};

/// Notes an event, in the transaction of its effect; whether it is new.
pub async fn insert(tx: &mut Tx, id: &str, now: Timestamp) -> db::Result<bool> {
    const INSERT: &str = "insert into provider_events (id, received_at) values (?, ?)";
    match tx.execute(INSERT, &params![id.as_bytes(), now]).await {
        Ok(()) => Ok(true),
        Err(db::Error::Duplicate { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes those from before an instant.
pub async fn purge(turn: &Turn, db: &Db, before: Timestamp) -> db::Result<Done> {
    const FIND: &str = "select received_at from provider_events where received_at < ? limit 1";
    const DELETE: &str =
        "delete from provider_events where received_at < ? order by received_at limit 500";
    service::jobs::purge(turn, db, FIND, DELETE, before.unix_ms()).await
}
