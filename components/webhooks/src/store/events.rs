//! The table `events`.

use std::collections::HashSet;

use commerce::{EventId, Timestamp};
use db::{Db, Tx, params};
use serde_json::json;
use service::{Done, Turn};

use super::{hex, json_rows};
use crate::event::Telling;

/// Those of the events that are here already.
pub async fn list_known(
    db: &Db,
    ids: impl Iterator<Item = EventId>,
) -> db::Result<HashSet<EventId>> {
    const SELECT: &str = "select e.id from json_table(?, '$[*]' columns (event char(32) path '$')) n \
         straight_join events e on e.id = unhex(n.event)";
    let ids = json_rows(ids.map(|id| hex(id.as_uuid()).into()));
    let rows = db.query(SELECT, &params![ids]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// Adds events; one that somebody else has added meanwhile stays as it is.
pub async fn insert(tx: &mut Tx, events: &[Telling], now: Timestamp) -> db::Result<()> {
    const INSERT: &str = "insert into events (id, kind, body, received_at) \
         select unhex(n.id), n.kind, n.body, ? from json_table(?, '$[*]' columns (id char(32) path '$.id', \
         kind varchar(64) path '$.kind', body mediumtext path '$.body')) n \
         on duplicate key update id = events.id";
    let rows = json_rows(events.iter().map(
        |event| json!({ "id": hex(event.id.as_uuid()), "kind": event.kind, "body": event.body }),
    ));
    tx.execute(INSERT, &params![now, rows]).await
}

/// Removes those that were received before then, and their deliveries with them.
pub async fn purge(turn: &Turn, db: &Db, before: Timestamp) -> db::Result<Done> {
    const FIND: &str = "select id from events where received_at < ? limit 1";
    const DELETE: &str = "delete from events where received_at < ? order by received_at limit 200";
    service::jobs::purge(turn, db, FIND, DELETE, before.unix_ms()).await
}
