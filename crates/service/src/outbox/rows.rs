//! The table `outbox`, as the relay reads and writes it.

use std::collections::HashSet;

use commerce::{EventId, Timestamp};
use db::{Db, Row, Tx, params};
use serde_json::{Value, json};

use crate::clock;

/// How many events are handed over at once.
pub(super) const BATCH: usize = 50;
/// How many bytes of them: half of what a service reads of a request.
const BATCH_BYTES: usize = 512 * 1024;
/// After so many refusals an event is not sent again by itself: some seventeen minutes.
pub(super) const MOST_ATTEMPTS: u32 = 12;
/// When such a one is due: never, until somebody asks for it.
const NEVER: i64 = 253_402_300_799_000;
/// How long an event waits whose consumer could not do its work.
const AWAY_MS: i64 = 2_000;
/// As many characters of a reason as the column holds.
const REASON: usize = 500;

/// A row on its way.
#[derive(Debug)]
pub(super) struct OnItsWay {
    pub sequence: u64,
    pub id: EventId,
    pub aggregate: [u8; 16],
    pub attempts: u32,
    /// As it is sent; null where what was written is no JSON.
    pub body: Value,
    length: usize,
}

impl OnItsWay {
    pub fn kind(&self) -> &str {
        let kind = self.body.get("kind").and_then(Value::as_str);
        kind.unwrap_or_default()
    }
}

/// An event that was not taken, and why.
#[derive(Debug)]
pub(super) struct NotTaken {
    pub sequence: u64,
    pub attempts: u32,
    pub reason: String,
    /// It is not the event's fault, and not held against it.
    pub away: bool,
}

impl NotTaken {
    fn attempts(&self) -> u32 {
        self.attempts.saturating_add(u32::from(!self.away))
    }

    /// Each time that it is refused, an event waits twice as long: from a second to four minutes; and in the end
    /// until somebody asks for it.
    fn due_at(&self, now: Timestamp) -> i64 {
        let attempts = self.attempts();
        let pause = match attempts {
            _ if self.away => AWAY_MS,
            MOST_ATTEMPTS.. => return NEVER,
            _ => 1000 << attempts.saturating_sub(1).min(8),
        };
        now.plus_ms(pause).unix_ms()
    }
}

/// For whom something waits that nobody hands over at this moment: whoever does will look again. Most of
/// the time it is nobody, which one read tells. (A semi-join, `exists`, would read the whole table.)
pub(super) async fn list_consumers_due(db: &Db) -> db::Result<HashSet<String>> {
    const SELECT: &str = "select l.consumer from outbox_lanes l where (select o.sequence from outbox o \
         where o.consumer = l.consumer and o.due_at <= ? limit 1) is not null \
         for update skip locked";
    let rows = db.query(SELECT, &params![clock::now()]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// Whether nobody else relays to this consumer.
pub(super) async fn lock_lane(tx: &mut Tx, consumer: &str) -> db::Result<bool> {
    const SELECT: &str =
        "select consumer from outbox_lanes where consumer = ? for update skip locked";
    Ok(tx.lock_one(SELECT, &params![consumer]).await?.is_some())
}

/// The oldest events, but for those behind one of their aggregate that was set aside; and whether there may be more.
pub(super) async fn list_due(tx: &mut Tx, consumer: &str) -> db::Result<(Vec<OnItsWay>, bool)> {
    const SELECT: &str = "select o.sequence, o.event_id, o.aggregate_id, o.attempts, o.body from outbox o \
         where o.consumer = ? and o.due_at <= ? and not exists (select 1 from outbox e \
         where e.consumer = o.consumer and e.aggregate_id = o.aggregate_id \
         and e.sequence < o.sequence and e.due_at > ?) order by o.sequence limit ?";
    let now = clock::now();
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let params = params![consumer, now, now, limit];
    let rows = tx.query(SELECT, &params).await?;
    let found = rows.into_iter().map(read).collect::<db::Result<Vec<_>>>()?;
    let count = found.len();
    let batch = within_bytes(found);
    let has_more = count == BATCH || batch.len() < count;
    Ok((batch, has_more))
}

pub(super) fn read(mut row: Row) -> db::Result<OnItsWay> {
    let (sequence, id, aggregate, attempts) = (row.next()?, row.next()?, row.next()?, row.next()?);
    let body: String = row.next()?;
    Ok(OnItsWay {
        sequence,
        id,
        aggregate,
        attempts,
        length: body.len(),
        body: serde_json::from_str(&body).unwrap_or_default(),
    })
}

/// As many as one request may carry; the first one, however long it is.
fn within_bytes(found: Vec<OnItsWay>) -> Vec<OnItsWay> {
    let mut bytes = 0;
    let fits = |one: &OnItsWay| {
        let is_first = bytes == 0;
        bytes += one.length;
        is_first || bytes <= BATCH_BYTES
    };
    found.into_iter().take_while(fits).collect()
}

pub(super) async fn delete(tx: &mut Tx, done: &[u64]) -> db::Result<()> {
    const DELETE: &str = "delete o from json_table(?, '$[*]' columns (sequence bigint unsigned path '$')) d \
         straight_join outbox o force index (primary) on o.sequence = d.sequence";
    if done.is_empty() {
        return Ok(());
    }
    let rows = Value::from_iter(done.iter().copied()).to_string();
    tx.execute(DELETE, &params![rows]).await
}

/// Makes events due now.
pub(super) async fn release(tx: &mut Tx, sequences: &[u64]) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (sequence bigint unsigned path '$')) d \
         straight_join outbox o force index (primary) on o.sequence = d.sequence set o.due_at = ?";
    if sequences.is_empty() {
        return Ok(());
    }
    let rows = Value::from_iter(sequences.iter().copied()).to_string();
    tx.execute(UPDATE, &params![rows, clock::now()]).await
}

/// Sets events aside, with the reason of each.
pub(super) async fn set_aside(tx: &mut Tx, refused: &[NotTaken]) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (sequence bigint unsigned path '$.sequence', \
         due_at bigint path '$.due_at', attempts int unsigned path '$.attempts', \
         reason varchar(500) path '$.reason')) d straight_join outbox o force index (primary) on o.sequence = d.sequence \
         set o.due_at = d.due_at, o.attempts = d.attempts, o.last_reason = d.reason";
    if refused.is_empty() {
        return Ok(());
    }
    let now = clock::now();
    let rows = refused.iter().map(|one| {
        json!({
            "sequence": one.sequence,
            "due_at": one.due_at(now),
            "attempts": one.attempts(),
            "reason": one.reason.chars().take(REASON).collect::<String>(),
        })
    });
    let rows = Value::from_iter(rows).to_string();
    tx.execute(UPDATE, &params![rows]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_taken(attempts: u32, away: bool) -> NotTaken {
        NotTaken {
            sequence: 1,
            attempts,
            reason: String::new(),
            away,
        }
    }

    #[test]
    fn an_event_that_is_refused_again_and_again_waits_longer_and_then_for_somebody() {
        let now = Timestamp::from_unix_ms(0);
        let pauses = (0..MOST_ATTEMPTS).map(|attempts| not_taken(attempts, false).due_at(now));
        let pauses: Vec<i64> = pauses.collect();
        assert_eq!(pauses[..4], [1000, 2000, 4000, 8000]);
        assert_eq!(pauses[8..], [256_000, 256_000, 256_000, NEVER]);
    }

    #[test]
    fn a_consumer_that_is_away_is_not_held_against_an_event() {
        let away = not_taken(MOST_ATTEMPTS - 1, true);
        assert_eq!(away.attempts(), MOST_ATTEMPTS - 1);
        assert_eq!(away.due_at(Timestamp::from_unix_ms(0)), AWAY_MS);
    }

    #[test]
    fn a_batch_is_no_larger_than_a_request_may_be() {
        let of = |length: usize| OnItsWay {
            sequence: 1,
            id: EventId::from_bytes([1; 16]),
            aggregate: [1; 16],
            attempts: 0,
            body: Value::Null,
            length,
        };
        let sizes =
            |lengths: &[usize]| within_bytes(lengths.iter().map(|n| of(*n)).collect()).len();
        assert_eq!(sizes(&[1, 2, 3]), 3);
        assert_eq!(sizes(&[2 * BATCH_BYTES, 1]), 1);
        assert_eq!(sizes(&[BATCH_BYTES / 2, BATCH_BYTES / 2, 1]), 2);
    }
}
