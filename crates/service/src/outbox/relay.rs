//! The jobs of an outbox: handing over what waits, and watching what stays.

use std::time::Duration;

use super::batch::{self, Outcome};
use super::rows::{self, BATCH, OnItsWay};
use super::{Outbox, was_written};
use crate::context::Context;
use crate::jobs::{Done, Job, Pace, Turn};
use crate::metrics;
use crate::peer::Peer;
use crate::problem::Problem;

/// The job that hands events over. It runs soon after every answer that has written one.
pub const RELAY: &str = "relay_events";
/// The job that counts those that wait.
const WATCH: &str = "watch_events";

/// What one batch has come to.
struct Relayed {
    done: usize,
    /// Whether there may be more.
    is_full: bool,
    failed: Option<Problem>,
}

impl Outbox {
    /// Both jobs, for whoever has an outbox.
    pub fn jobs(&self, service: &'static str) -> [Job; 2] {
        let (relay, watch) = (self.clone(), self.clone());
        [
            Job::new(RELAY, Duration::from_secs(1), move |turn| {
                let outbox = relay.clone();
                async move { outbox.relay(&turn).await }
            }),
            Job::new(WATCH, Duration::from_secs(5), move |turn| {
                let outbox = watch.clone();
                async move { outbox.watch(service, &turn.context).await }
            }),
        ]
    }

    /// Hands over what waits. A consumer that fails does not keep the others from theirs.
    async fn relay(&self, turn: &Turn) -> Result<Done, Problem> {
        was_written();
        let mut done = Done::default();
        let mut failed = None;
        let mut consumers: Vec<&Peer> = self.consumers.iter().collect();
        let mut pace = Pace::half();
        loop {
            let due = rows::list_consumers_due(&self.db).await?;
            consumers.retain(|consumer| due.contains(consumer.name()));
            let mut going_on = Vec::new();
            for consumer in consumers {
                let relayed = self.relay_batch(&turn.context, consumer).await?;
                done.did += u64::try_from(relayed.done).unwrap_or_default();
                if relayed.failed.is_some() {
                    failed = relayed.failed;
                } else if relayed.is_full {
                    going_on.push(consumer);
                }
            }
            consumers = going_on;
            if consumers.is_empty() {
                return failed.map_or(Ok(done), Err);
            }
            if !pace.rest(turn).await {
                done.left = u64::try_from(consumers.len() * BATCH).unwrap_or_default();
                return failed.map_or(Ok(done), Err);
            }
        }
    }

    /// One batch, in one transaction that holds the consumer's lane: two relays at once would mix the order.
    async fn relay_batch(&self, context: &Context, consumer: &Peer) -> Result<Relayed, Problem> {
        let mut tx = self.db.begin().await?;
        let outcome: Result<(Vec<OnItsWay>, bool, Outcome), Problem> = async {
            if !rows::lock_lane(&mut tx, consumer.name()).await? {
                return Ok(Default::default());
            }
            let (batch, has_more) = rows::list_due(&mut tx, consumer.name()).await?;
            if batch.is_empty() {
                return Ok(Default::default());
            }
            let outcome = batch::hand_over(context, consumer, &batch).await;
            rows::delete(&mut tx, &outcome.done).await?;
            rows::set_aside(&mut tx, &outcome.not_taken).await?;
            Ok((batch, has_more, outcome))
        }
        .await;
        let (batch, has_more, outcome) = tx.finish(outcome).await?;
        count(context, consumer, &batch, &outcome.done);
        // Where everything meets something that is away, the next batch would too.
        let goes_on = !outcome.done.is_empty() || outcome.not_taken.iter().any(|one| !one.away);
        let settled = outcome.done.len() + outcome.not_taken.len();
        Ok(Relayed {
            done: outcome.done.len(),
            is_full: goes_on && (settled < batch.len() || has_more),
            failed: outcome.failed.map(Problem::from),
        })
    }
}

/// Counts what a consumer has taken.
pub(super) fn count(context: &Context, consumer: &Peer, batch: &[OnItsWay], done: &[u64]) {
    for one in batch.iter().filter(|one| done.contains(&one.sequence)) {
        let labels = [("kind", one.kind()), ("consumer", consumer.name())];
        metrics::count("comptoir_events_total", &labels);
    }
    metrics::flush_soon(context);
}
