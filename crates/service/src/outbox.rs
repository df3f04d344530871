//! Events: what happened in one service, told to others after the transaction in which it happened.
//!
//! The transaction writes a row for each consumer into the table `outbox` of its own schema. Afterwards the
//! rows are handed over, in their order, and those that were taken are removed. So an event arrives at least
//! once, wherever a process dies, and its consumer must not mind a second time. Events of one aggregate
//! arrive in the order in which they happened, as long as whoever writes them holds a lock on the aggregate;
//! where one is not taken, later ones of its aggregate wait for it, and those of others do not.

mod deliver;

use std::cell::Cell;
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use commerce::{EventId, Timestamp};
use db::{Db, Row, Tx, params};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock;
use crate::context::Context;
use crate::json::Json;
use crate::log::warn;
use crate::metrics;
use crate::peer::Peer;
use crate::problem::Problem;

/// How many events are handed over at once.
const BATCH: usize = 50;
/// How many batches one relay hands over at most: others want to be answered too.
const BATCHES: usize = 20;
/// How long an answer's events wait for those of the next answers.
const GATHERING: Duration = Duration::from_millis(100);

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

/// The consumer's answer: which of them it has made its own, and which need not be sent again.
#[derive(Debug, Serialize, Deserialize)]
pub struct Taken {
    pub taken: HashSet<EventId>,
}

thread_local! {
    /// Whether this instance has written an event that it has not relayed yet.
    static WRITTEN: Cell<bool> = const { Cell::new(false) };
    /// Whether it is about to relay.
    static SCHEDULED: Cell<bool> = const { Cell::new(false) };
}

/// Writes an event for one consumer, in the transaction in which it happens.
pub async fn insert(tx: &mut Tx, consumer: &str, event: &Event) -> db::Result<()> {
    const INSERT: &str = "insert into outbox (consumer, event_id, aggregate_id, body, due_at) \
         values (?, ?, ?, ?, ?)";
    let body =
        serde_json::to_string(event).map_err(|error| db::Error::Refused(error.to_string()))?;
    let aggregate = event.aggregate_id.into_bytes();
    let params = params![consumer, event.id, aggregate, body, event.occurred_at];
    tx.execute(INSERT, &params).await?;
    WRITTEN.set(true);
    Ok(())
}

/// Writes several events for one consumer, with one statement.
pub async fn insert_all(tx: &mut Tx, consumer: &str, events: &[Event]) -> db::Result<()> {
    const INSERT: &str = "insert into outbox (consumer, event_id, aggregate_id, body, due_at) \
         select ?, unhex(e.id), unhex(e.aggregate), e.body, e.due from json_table(?, '$[*]' columns (\
         position for ordinality, id char(32) path '$.id', aggregate char(32) path '$.aggregate', \
         body mediumtext path '$.body', due bigint path '$.due')) e order by e.position";
    if events.is_empty() {
        return Ok(());
    }
    let row = |event: &Event| {
        let body =
            serde_json::to_string(event).map_err(|error| db::Error::Refused(error.to_string()))?;
        Ok(json!({
            "id": event.id.as_uuid().simple().to_string(),
            "aggregate": event.aggregate_id.simple().to_string(),
            "body": body,
            "due": event.occurred_at.unix_ms(),
        }))
    };
    let rows = events.iter().map(row).collect::<db::Result<Value>>()?;
    tx.execute(INSERT, &params![consumer, rows.to_string()])
        .await?;
    WRITTEN.set(true);
    Ok(())
}

/// The events of one schema, and who is told of them.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    consumers: Arc<[Peer]>,
}

/// A row on its way.
struct Waiting {
    sequence: u64,
    event: Event,
}

impl Outbox {
    /// Each consumer's name is what [`insert`] calls it.
    pub fn new(db: Db, consumers: impl IntoIterator<Item = Peer>) -> Self {
        Self {
            db,
            consumers: consumers.into_iter().collect(),
        }
    }

    /// Relays what an answer has written, after the answer and in the background; what cannot be handed over
    /// waits for the next relay.
    pub fn relay_after_answers(self, router: Router) -> Router {
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let outbox = self.clone();
            async move {
                let context = request.extensions().get::<Context>().cloned();
                let response = next.run(request).await;
                if let Some(context) = context
                    && WRITTEN.get()
                    && !SCHEDULED.replace(true)
                {
                    spin_sdk::wasip3::spawn(outbox.relay_soon(context));
                }
                response
            }
        }))
    }

    async fn relay_soon(self, context: Context) {
        spin_sdk::time::sleep(GATHERING).await;
        // Whatever is written from here on is for the next relay.
        SCHEDULED.set(false);
        WRITTEN.set(false);
        self.relay_quietly(&context.renewed()).await;
    }

    /// Relays, when only the log can be told of a failure.
    pub async fn relay_quietly(&self, context: &Context) {
        if let Err(problem) = self.relay(context).await {
            warn(context, "events wait for the next relay", &problem);
        }
    }

    /// Hands over what waits; how many events. A consumer that fails does not keep the others from theirs.
    pub async fn relay(&self, context: &Context) -> Result<usize, Problem> {
        let mut relayed = 0;
        let mut failed = None;
        let mut consumers: Vec<&Peer> = self.consumers.iter().collect();
        for _ in 0..BATCHES {
            let due = self.list_consumers_due().await?;
            consumers.retain(|consumer| due.contains(consumer.name()));
            if consumers.is_empty() {
                break;
            }
            let mut taking = Vec::new();
            for consumer in consumers {
                match self.relay_batch(context, consumer).await {
                    Ok(0) => {}
                    Ok(events) => {
                        relayed += events;
                        taking.push(consumer);
                    }
                    Err(problem) => failed = Some(problem),
                }
            }
            consumers = taking;
        }
        failed.map_or(Ok(relayed), Err)
    }

    /// For whom something waits that nobody hands over at this moment: whoever does will look again. Most of
    /// the time it is nobody, which one read tells. (A semi-join, `exists`, would read the whole table.)
    async fn list_consumers_due(&self) -> db::Result<HashSet<String>> {
        const SELECT: &str = "select l.consumer from outbox_lanes l where (select o.sequence from outbox o \
             where o.consumer = l.consumer and o.due_at <= ? limit 1) is not null \
             for update skip locked";
        let rows = self.db.query(SELECT, &params![clock::now()]).await?;
        rows.into_iter().map(|mut row| row.next()).collect()
    }

    /// One batch, in one transaction that holds the consumer's lane: two relays at once would mix the order.
    async fn relay_batch(&self, context: &Context, consumer: &Peer) -> Result<usize, Problem> {
        let mut tx = self.db.begin().await?;
        let outcome: Result<Vec<Waiting>, Problem> = async {
            if !lock_lane(&mut tx, consumer).await? {
                return Ok(Vec::new());
            }
            let waiting = list_due(&mut tx, consumer).await?;
            if waiting.is_empty() {
                return Ok(Vec::new());
            }
            let taken = hand_over(context, consumer, &waiting).await?;
            let (done, refused): (Vec<_>, Vec<_>) = waiting
                .into_iter()
                .partition(|waiting| taken.contains(&waiting.event.id));
            delete(&mut tx, &done).await?;
            postpone(&mut tx, &refused).await?;
            Ok(done)
        }
        .await;
        let done = tx.finish(outcome).await?;
        count(context, consumer, &done);
        Ok(done.len())
    }
}

/// Counts what a consumer has taken.
fn count(context: &Context, consumer: &Peer, done: &[Waiting]) {
    for Waiting { event, .. } in done {
        let labels = [("kind", &*event.kind), ("consumer", consumer.name())];
        metrics::count("comptoir_events_total", &labels);
    }
    metrics::flush_soon(context);
}

/// Whether nobody else relays to this consumer.
async fn lock_lane(tx: &mut Tx, consumer: &Peer) -> db::Result<bool> {
    const SELECT: &str =
        "select consumer from outbox_lanes where consumer = ? for update skip locked";
    Ok(tx
        .lock_one(SELECT, &params![consumer.name()])
        .await?
        .is_some())
}

/// The oldest events, but for those behind one of their aggregate that was postponed.
async fn list_due(tx: &mut Tx, consumer: &Peer) -> db::Result<Vec<Waiting>> {
    const SELECT: &str = "select o.sequence, o.body from outbox o \
         where o.consumer = ? and o.due_at <= ? and not exists (select 1 from outbox e \
         where e.consumer = o.consumer and e.aggregate_id = o.aggregate_id \
         and e.sequence < o.sequence and e.due_at > ?) order by o.sequence limit ?";
    let now = clock::now();
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let params = params![consumer.name(), now, now, limit];
    let rows = tx.query(SELECT, &params).await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> db::Result<Waiting> {
    Ok(Waiting {
        sequence: row.next()?,
        event: serde_json::from_slice(row.next::<String>()?.as_bytes())
            .map_err(|error| db::Error::Refused(error.to_string()))?,
    })
}

async fn hand_over(
    context: &Context,
    consumer: &Peer,
    waiting: &[Waiting],
) -> Result<HashSet<EventId>, Problem> {
    let events: Vec<&Event> = waiting.iter().map(|waiting| &waiting.event).collect();
    let body = json!({ "events": events });
    let answer = consumer
        .send(context, Method::POST, "/internal/events", Some(&body))
        .await?;
    match answer.status {
        StatusCode::OK => Ok(answer.json::<Taken>()?.taken),
        _ => Err(answer.unexpected().into()),
    }
}

async fn delete(tx: &mut Tx, done: &[Waiting]) -> db::Result<()> {
    const DELETE: &str = "delete o from json_table(?, '$[*]' columns (sequence bigint unsigned path '$')) d \
         straight_join outbox o force index (primary) on o.sequence = d.sequence";
    if done.is_empty() {
        return Ok(());
    }
    tx.execute(DELETE, &params![sequences(done)]).await
}

/// Each time it is refused, an event waits twice as long: from a second to four minutes.
async fn postpone(tx: &mut Tx, refused: &[Waiting]) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (sequence bigint unsigned path '$')) d \
         straight_join outbox o force index (primary) on o.sequence = d.sequence \
         set o.due_at = ? + (1000 << least(o.attempts, 8)), o.attempts = o.attempts + 1";
    if refused.is_empty() {
        return Ok(());
    }
    tx.execute(UPDATE, &params![sequences(refused), clock::now()])
        .await
}

fn sequences(rows: &[Waiting]) -> String {
    Value::from_iter(rows.iter().map(|row| row.sequence)).to_string()
}

/// Takes events one by one, as a consumer. One that fails is logged and comes again, and so do the later
/// ones of its aggregate.
pub async fn take<F>(context: &Context, events: Events, handle: impl Fn(Event) -> F) -> Json<Taken>
where
    F: Future<Output = Result<(), Problem>>,
{
    let mut taken = HashSet::new();
    let mut held = HashSet::new();
    for event in events.events {
        let (id, aggregate) = (event.id, event.aggregate_id);
        if held.contains(&aggregate) {
            continue;
        }
        match handle(event).await {
            Ok(()) => {
                taken.insert(id);
            }
            Err(problem) => {
                warn(context, "an event was not taken", &problem);
                held.insert(aggregate);
            }
        }
    }
    Json(Taken { taken })
}
