//! Events: what happened in one service, told to others after the transaction in which it happened.
//!
//! The transaction writes a row for each consumer into the table `outbox` of its own schema. Afterwards the
//! rows are handed over, in their order, and those that were taken are removed. So an event arrives at least
//! once, wherever a process dies, and its consumer must not mind a second time. Events of one aggregate
//! arrive in the order in which they happened, as long as whoever writes them holds a lock on the aggregate.
//!
//! An event that its consumer refuses is [set aside](set_aside): later ones of its aggregate wait for it, and
//! those of others go on.

mod batch;
mod relay;
mod rows;
mod set_aside;

mod deliver;

use std::cell::Cell;
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use commerce::{EventId, Timestamp};
use db::{Db, Tx, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock;
use crate::context::Context;
use crate::json::Json;
use crate::log::{chain, warn};
use crate::peer::Peer;
use crate::problem::Problem;

pub use relay::RELAY;
pub use set_aside::{Redeliver, Redelivered, Waiting, redeliver};

/// How many events of a batch may meet something that is away before the rest is left for later.
const ENOUGH_AWAY: usize = 3;

/// Something that happened, as services tell each other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    /// Such as `order.paid`.
    pub kind: String,
    /// What it happened to.
    pub aggregate_id: Uuid,
    pub occurred_at: Timestamp,
    /// What is to be known of it; the kind says what that is.
    pub data: Value,
}

impl Event {
    /// An event of this moment.
    pub fn new(kind: &str, aggregate_id: Uuid, data: Value) -> Self {
        Self {
            id: EventId::from_uuid(crate::fresh_uuid()),
            kind: kind.to_owned(),
            aggregate_id,
            occurred_at: clock::now(),
            data,
        }
    }

    /// An event of this moment that may arrive before or after any other: nothing waits for it.
    pub fn in_any_order(kind: &str, data: Value) -> Self {
        let id = crate::fresh_uuid();
        Self {
            id: EventId::from_uuid(id),
            ..Self::new(kind, id, data)
        }
    }

    /// What is to be known of it, as its wire type.
    pub fn data<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Problem> {
        // By way of its text, as bodies are read: each type is then read by one piece of code.
        let json = serde_json::to_vec(&self.data).map_err(Problem::internal)?;
        serde_json::from_slice(&json).map_err(Problem::internal)
    }
}

/// What is sent to a consumer's `POST /internal/events`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Events {
    pub events: Vec<Event>,
}

/// The consumer's answer. An event that is in neither list is sent again, and does not count as refused.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Taken {
    /// Which of them it has made its own, and which need not be sent again.
    pub taken: HashSet<EventId>,
    #[serde(default)]
    pub refused: Vec<Refused>,
}

/// An event that a consumer could not make its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    pub id: EventId,
    pub reason: String,
    /// Something that the consumer needs is away: that is not the event's fault.
    pub away: bool,
}

thread_local! {
    /// Whether this instance has written an event that it has not relayed yet.
    static WRITTEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether an event was written here since somebody asked.
pub(crate) fn was_written() -> bool {
    WRITTEN.replace(false)
}

/// Writes an event for one consumer, in the transaction in which it happens.
pub async fn insert(tx: &mut Tx, consumer: &str, event: &Event) -> db::Result<()> {
    const INSERT: &str = "insert into outbox (consumer, event_id, aggregate_id, body, due_at, written_at) \
         values (?, ?, ?, ?, ?, ?)";
    let (aggregate, now) = (event.aggregate_id.into_bytes(), clock::now());
    let params = params![consumer, event.id, aggregate, body(event)?, now, now];
    tx.execute(INSERT, &params).await?;
    WRITTEN.set(true);
    Ok(())
}

/// Writes several events for one consumer, with one statement.
pub async fn insert_all(tx: &mut Tx, consumer: &str, events: &[Event]) -> db::Result<()> {
    const INSERT: &str = "insert into outbox (consumer, event_id, aggregate_id, body, due_at, written_at) \
         select ?, unhex(e.id), unhex(e.aggregate), e.body, ?, ? from json_table(?, '$[*]' columns (\
         position for ordinality, id char(32) path '$.id', aggregate char(32) path '$.aggregate', \
         body mediumtext path '$.body')) e order by e.position";
    if events.is_empty() {
        return Ok(());
    }
    let row = |event: &Event| {
        Ok(json!({
            "id": event.id.as_uuid().simple().to_string(),
            "aggregate": event.aggregate_id.simple().to_string(),
            "body": body(event)?,
        }))
    };
    let rows = events.iter().map(row).collect::<db::Result<Value>>()?;
    let now = clock::now();
    tx.execute(INSERT, &params![consumer, now, now, rows.to_string()])
        .await?;
    WRITTEN.set(true);
    Ok(())
}

fn body(event: &Event) -> db::Result<String> {
    serde_json::to_string(event).map_err(|error| db::Error::Refused(error.to_string()))
}

/// The events of one schema, and who is told of them.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    consumers: Arc<[Peer]>,
}

impl Outbox {
    /// Each consumer's name is what [`insert`] calls it.
    pub fn new(db: Db, consumers: impl IntoIterator<Item = Peer>) -> Self {
        Self {
            db,
            consumers: consumers.into_iter().collect(),
        }
    }
}

/// Takes events one by one, as a consumer. One that fails is logged and refused, and so are the later ones of
/// its aggregate left alone.
pub async fn take<F>(context: &Context, events: Events, handle: impl Fn(Event) -> F) -> Json<Taken>
where
    F: Future<Output = Result<(), Problem>>,
{
    let mut answer = Taken::default();
    let mut held = HashSet::new();
    for event in events.events {
        let (id, aggregate) = (event.id, event.aggregate_id);
        if held.contains(&aggregate) {
            continue;
        }
        match handle(event).await {
            Ok(()) => drop(answer.taken.insert(id)),
            Err(problem) => {
                warn(context, "an event was not taken", &problem);
                answer.refuse(id, &problem);
                held.insert(aggregate);
            }
        }
        // Each of the others would wait for what is away.
        if answer.refused.iter().filter(|one| one.away).count() >= ENOUGH_AWAY {
            break;
        }
    }
    Json(answer)
}

impl Taken {
    /// Refuses an event because of a problem that it has met.
    pub fn refuse(&mut self, id: EventId, problem: &Problem) {
        self.refused.push(Refused {
            id,
            reason: chain(problem),
            away: matches!(problem.status().as_u16(), 429 | 503 | 504),
        });
    }
}
