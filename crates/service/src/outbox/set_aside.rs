//! Events that wait: how many and for how long, for readiness and metrics; and sending those again that were set
//! aside, when somebody has mended what they met.

use std::collections::BTreeMap;

use axum::extract::State;
use commerce::{EventId, Timestamp};
use db::{Db, Row, params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::MOST_ATTEMPTS;
use super::{Outbox, RELAY};
use crate::auth::ServiceToken;
use crate::clock;
use crate::context::Context;
use crate::health::Status;
use crate::jobs::{Done, Jobs, Report};
use crate::json::{Json, JsonBody};
use crate::metrics;
use crate::problem::Problem;

/// Somebody should look when an event has waited for longer than this.
const TOO_LONG_MS: i64 = 60_000;
/// As many set-aside events are told of at once.
const LISTED: i64 = 100;

/// The events that wait for one consumer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EventsWaiting)]
pub struct Waiting {
    /// Those that were set aside among them.
    pub waiting: i64,
    pub oldest_seconds: i64,
    /// Those that their consumer has refused.
    pub set_aside: i64,
    pub set_aside_oldest_seconds: i64,
    /// Those of them that are not sent again before somebody asks for it.
    pub given_up: i64,
}

impl Waiting {
    fn status(&self) -> Status {
        let is_late = self.oldest_seconds.saturating_mul(1000) > TOO_LONG_MS;
        if is_late || self.set_aside > 0 {
            Status::Warn
        } else {
            Status::Pass
        }
    }
}

/// Which set-aside events are to be sent again: all of them, those for a consumer, or one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redeliver {
    #[serde(default)]
    pub consumer: Option<String>,
    #[serde(default)]
    pub event_id: Option<EventId>,
}

/// An event that is sent again, with what it has met so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Redelivered {
    pub event_id: EventId,
    pub consumer: String,
    pub aggregate_id: Uuid,
    pub attempts: u32,
    pub last_reason: Option<String>,
}

/// The answer: which events were sent again, and what handing over came to.
#[derive(Clone, Debug, Serialize)]
pub struct Redelivery {
    events: Vec<Redelivered>,
    relay: Report,
}

/// `POST /internal/events/redeliver`: sends set-aside events again, now.
pub async fn redeliver(
    _: ServiceToken,
    context: Context,
    State(outbox): State<Outbox>,
    State(jobs): State<Jobs>,
    body: JsonBody<Redeliver>,
) -> Result<Json<Redelivery>, Problem> {
    let events = outbox.redeliver(&body.value).await?;
    let relay = jobs.run_named(&context, RELAY).await?;
    Ok(Json(Redelivery { events, relay }))
}

impl Outbox {
    /// What waits for each consumer.
    pub async fn waiting(&self) -> Result<BTreeMap<String, Waiting>, db::Error> {
        let now = clock::now();
        let mut all = list_waiting(&self.db, now).await?;
        for (consumer, set_aside) in list_set_aside(&self.db, now).await? {
            let waiting = all.entry(consumer).or_default();
            waiting.set_aside = set_aside.set_aside;
            waiting.set_aside_oldest_seconds = set_aside.set_aside_oldest_seconds;
            waiting.given_up = set_aside.given_up;
        }
        Ok(all)
    }

    /// As good as the worst of these.
    pub(crate) fn status(waiting: &BTreeMap<String, Waiting>) -> Status {
        let worst = waiting.values().map(Waiting::status).max();
        worst.unwrap_or(Status::Pass)
    }

    /// Tells everybody who measures of what waits.
    pub(super) async fn watch(
        &self,
        service: &'static str,
        context: &Context,
    ) -> Result<Done, Problem> {
        let found = self.waiting().await?;
        let mut all = Done::default();
        for consumer in &*self.consumers {
            let waiting = found.get(consumer.name()).copied().unwrap_or_default();
            let labels = [("service", service), ("consumer", consumer.name())];
            let number = |n: i64| u64::try_from(n).unwrap_or_default();
            let micros = |seconds: i64| number(seconds).saturating_mul(1_000_000);
            for (name, value) in [
                ("comptoir_events_waiting", number(waiting.waiting)),
                (
                    "comptoir_events_waiting_oldest_seconds",
                    micros(waiting.oldest_seconds),
                ),
                ("comptoir_events_set_aside", number(waiting.set_aside)),
                (
                    "comptoir_events_set_aside_oldest_seconds",
                    micros(waiting.set_aside_oldest_seconds),
                ),
            ] {
                metrics::set(name, &labels, value);
            }
            all.did += number(waiting.waiting);
        }
        metrics::flush_soon(context);
        Ok(all)
    }

    /// Makes set-aside events due, with all their attempts before them; which ones, as far as a list goes. They
    /// are handed over by the relay that follows.
    async fn redeliver(&self, which: &Redeliver) -> Result<Vec<Redelivered>, db::Error> {
        const SELECT: &str = "select event_id, consumer, aggregate_id, attempts, last_reason from outbox \
             where attempts > 0 and (? is null or consumer = ?) and (? is null or event_id = ?) \
             order by sequence limit ?";
        const UPDATE: &str = "update outbox set due_at = ?, attempts = 0 where attempts > 0 \
             and (? is null or consumer = ?) and (? is null or event_id = ?)";
        let (consumer, event) = (which.consumer.as_deref(), which.event_id);
        let listed = params![consumer, consumer, event, event, LISTED];
        let update = params![clock::now(), consumer, consumer, event, event];
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let rows = tx.query(SELECT, &listed).await?;
                tx.execute(UPDATE, &update).await?;
                rows.into_iter().map(read).collect()
            }
            .await;
            tx.finish(outcome).await
        })
        .await
    }
}

fn read(mut row: Row) -> db::Result<Redelivered> {
    Ok(Redelivered {
        event_id: row.next()?,
        consumer: row.next()?,
        aggregate_id: Uuid::from_bytes(row.next()?),
        attempts: row.next()?,
        last_reason: row.next()?,
    })
}

/// By one index, without any body.
async fn list_waiting(db: &Db, now: Timestamp) -> db::Result<BTreeMap<String, Waiting>> {
    const SELECT: &str = "select w.consumer, w.events, o.written_at from \
         (select consumer, count(*) events, min(sequence) first from outbox group by consumer) w \
         straight_join outbox o on o.sequence = w.first";
    let rows = db.query(SELECT, &[]).await?;
    let read = |mut row: Row| {
        let (consumer, waiting) = (row.next()?, row.next()?);
        let waiting = Waiting {
            waiting,
            oldest_seconds: seconds_since(row.next()?, now),
            ..Waiting::default()
        };
        Ok((consumer, waiting))
    };
    rows.into_iter().map(read).collect()
}

async fn list_set_aside(db: &Db, now: Timestamp) -> db::Result<Vec<(String, Waiting)>> {
    const SELECT: &str = "select consumer, count(*), cast(sum(attempts >= ?) as signed), min(written_at) \
         from outbox where attempts > 0 group by consumer";
    let rows = db.query(SELECT, &params![MOST_ATTEMPTS]).await?;
    let read = |mut row: Row| {
        let (consumer, set_aside, given_up) = (row.next()?, row.next()?, row.next()?);
        let waiting = Waiting {
            set_aside,
            given_up,
            set_aside_oldest_seconds: seconds_since(row.next()?, now),
            ..Waiting::default()
        };
        Ok((consumer, waiting))
    };
    rows.into_iter().map(read).collect()
}

/// Nothing for a row of an older release, which does not say when it was written.
fn seconds_since(written: Option<Timestamp>, now: Timestamp) -> i64 {
    written.map_or(0, |written| {
        (now.unix_ms() - written.unix_ms()).max(0) / 1000
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_event_or_one_that_was_set_aside_is_worth_a_look() {
        let fresh = Waiting {
            waiting: 3,
            oldest_seconds: 60,
            ..Waiting::default()
        };
        let old = Waiting {
            oldest_seconds: 61,
            ..fresh
        };
        let refused = Waiting {
            set_aside: 1,
            ..fresh
        };
        let status = |one: Waiting| Outbox::status(&BTreeMap::from([("orders".to_owned(), one)]));
        assert_eq!(status(fresh), Status::Pass);
        assert_eq!(status(old), Status::Warn);
        assert_eq!(status(refused), Status::Warn);
        assert_eq!(Outbox::status(&BTreeMap::new()), Status::Pass);
    }
}
