//! Handing a batch to its consumer; and, where the whole batch fails though the consumer is well, one event after
//! the other, so that the one which cannot be taken keeps nobody from passing.

use std::collections::HashSet;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Taken;
use super::rows::{NotTaken, OnItsWay};
use crate::context::Context;
use crate::log::{chain, warn};
use crate::peer::{Peer, PeerError};

/// How many events may fail alone before the rest of the batch is left for the next: those that have failed are
/// not in its way any more.
const ENOUGH_FAILED: usize = 5;
/// An event is not sent with less time than this.
const LEAST_TIME: Duration = Duration::from_millis(1500);

/// What became of a batch. Events that are named nowhere stay as they are.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub done: Vec<u64>,
    pub not_taken: Vec<NotTaken>,
    /// Why the consumer could not be asked.
    pub failed: Option<PeerError>,
}

#[derive(Debug, thiserror::Error)]
#[error("what was written is no event")]
struct Unreadable;

/// Hands events over. What is no event at all is not sent.
pub(super) async fn hand_over(context: &Context, consumer: &Peer, batch: &[OnItsWay]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut sent = Vec::with_capacity(batch.len());
    let mut held = HashSet::new();
    for one in batch {
        if one.body.is_null() {
            held.insert(one.aggregate);
            outcome.not_taken.push(refused(one, &Unreadable));
        } else if !held.contains(&one.aggregate) {
            sent.push(one);
        }
    }
    if sent.is_empty() {
        return outcome;
    }
    match send(context, consumer, &sent).await {
        Ok(taken) => outcome.add(&sent, &taken),
        Err(error) if is_well(context, consumer).await => {
            warn(
                context,
                "a batch of events is handed over one by one",
                &error,
            );
            one_by_one(context, consumer, &sent, &mut outcome).await;
        }
        // Nobody is to blame but whoever is away.
        Err(error) => outcome.failed = Some(error),
    }
    outcome
}

async fn one_by_one(
    context: &Context,
    consumer: &Peer,
    batch: &[&OnItsWay],
    outcome: &mut Outcome,
) {
    // The circuit may have opened because of the very event that is looked for.
    let consumer = &consumer.clone().unguarded();
    let mut held = HashSet::new();
    let mut failed = 0;
    for one in batch {
        if failed >= ENOUGH_FAILED || context.time_left() < LEAST_TIME {
            return;
        }
        if held.contains(&one.aggregate) {
            continue;
        }
        match send(context, consumer, &[*one]).await {
            Ok(taken) => {
                outcome.add(&[*one], &taken);
                if !taken.taken.contains(&one.id) {
                    held.insert(one.aggregate);
                }
            }
            Err(error) if is_well(context, consumer).await => {
                outcome.not_taken.push(refused(one, &error));
                held.insert(one.aggregate);
                failed += 1;
            }
            Err(error) => {
                outcome.failed = Some(error);
                return;
            }
        }
    }
}

/// Whether the consumer says that it can work: if so, it is an event that it cannot work with.
async fn is_well(context: &Context, consumer: &Peer) -> bool {
    let consumer = consumer.clone().unguarded();
    let asked = consumer.send(context, Method::GET, "/internal/health", None::<&()>);
    asked
        .await
        .is_ok_and(|answer| answer.status == StatusCode::OK)
}

async fn send(
    context: &Context,
    consumer: &Peer,
    events: &[&OnItsWay],
) -> Result<Taken, PeerError> {
    let events: Vec<&Value> = events.iter().map(|one| &one.body).collect();
    let body = json!({ "events": events });
    consumer.ask(context, "/internal/events", &body).await
}

fn refused(one: &OnItsWay, why: &dyn std::error::Error) -> NotTaken {
    NotTaken {
        sequence: one.sequence,
        attempts: one.attempts,
        reason: chain(why),
        away: false,
    }
}

impl Outcome {
    fn add(&mut self, sent: &[&OnItsWay], taken: &Taken) {
        for one in sent {
            if taken.taken.contains(&one.id) {
                self.done.push(one.sequence);
            } else if let Some(refused) = taken.refused.iter().find(|refused| refused.id == one.id)
            {
                self.not_taken.push(NotTaken {
                    sequence: one.sequence,
                    attempts: one.attempts,
                    reason: refused.reason.clone(),
                    away: refused.away,
                });
            }
        }
    }
}
