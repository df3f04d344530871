//! Delivery before the answer: whoever changes something sees its effect in another service with the next
//! request. A use case calls this after its transaction; what cannot be delivered in time waits for the relay,
//! like every other event.

use std::time::Duration;

use db::params;
use uuid::Uuid;

use super::Outbox;
use super::batch;
use super::relay::count;
use super::rows::{self, OnItsWay};
use crate::clock;
use crate::context::Context;
use crate::log::warn;
use crate::peer::Peer;
use crate::problem::Problem;

/// The longest time that an answer waits for this, where half of what it has left is not less.
const LONGEST: Duration = Duration::from_secs(2);
/// How long events are left to the request that delivers them: longer than it may take.
const LEASE_MS: i64 = 4_000;
/// How long to wait before looking again at events that somebody else is delivering.
const PAUSE: Duration = Duration::from_millis(20);

/// Why an event is left to the relay.
#[derive(Debug, thiserror::Error)]
enum Left {
    #[error("no consumer is called {0}")]
    UnknownConsumer(String),
    #[error("somebody else is still delivering earlier events of {0}")]
    Busy(Uuid),
}

/// What was found of an aggregate's events.
enum Found {
    Nothing,
    /// They are being delivered by somebody else, or wait because one was refused.
    Busy,
    Leased(Vec<OnItsWay>),
}

impl Outbox {
    /// Delivers now what waits for a consumer about one aggregate, in its order, with what was written by the
    /// transaction before. Failing is not an error of the caller: the change is made, and the relay delivers
    /// it later.
    pub async fn deliver_now(&self, context: &Context, consumer: &str, aggregate: Uuid) {
        let context = &context.shortened(LONGEST.min(context.time_left() / 2));
        if let Err(problem) = self.try_deliver(context, consumer, aggregate).await {
            let message = "an event is not delivered before the answer, and waits for the relay";
            warn(context, message, &problem);
        }
    }

    async fn try_deliver(
        &self,
        context: &Context,
        consumer: &str,
        aggregate: Uuid,
    ) -> Result<(), Problem> {
        let known = self.consumers.iter().find(|peer| peer.name() == consumer);
        let peer =
            known.ok_or_else(|| Problem::internal(Left::UnknownConsumer(consumer.to_owned())))?;
        loop {
            match self.lease(peer, aggregate).await? {
                Found::Nothing => return Ok(()),
                Found::Leased(waiting) => return self.deliver(context, peer, waiting).await,
                Found::Busy if context.time_left() <= PAUSE => {
                    return Err(Problem::unavailable(Left::Busy(aggregate)));
                }
                Found::Busy => spin_sdk::time::sleep(PAUSE).await,
            }
        }
    }

    /// Keeps the relay and others from an aggregate's events for a while. They are in nobody's transaction while
    /// the consumer works: if this request dies, the lease runs out and the relay delivers them.
    async fn lease(&self, consumer: &Peer, aggregate: Uuid) -> Result<Found, db::Error> {
        const LEASE: &str = "update outbox set due_at = ? \
             where consumer = ? and aggregate_id = ? and due_at <= ?";
        const SELECT: &str = "select sequence, event_id, aggregate_id, attempts, body from outbox \
             where consumer = ? and aggregate_id = ? order by sequence";
        let (name, id) = (consumer.name(), aggregate.into_bytes());
        db::retry(|| async {
            let now = clock::now();
            let until = now.plus_ms(LEASE_MS);
            let mut tx = self.db.begin().await?;
            let leased = async {
                tx.execute(LEASE, &params![until, name, id, now]).await?;
                let leased = tx.affected().await?;
                let rows = tx.query(SELECT, &params![name, id]).await?;
                match rows.len() {
                    0 => Ok(Found::Nothing),
                    // Not all of them: the others go first.
                    count if usize::try_from(leased) != Ok(count) => Ok(Found::Busy),
                    _ => {
                        let waiting = rows
                            .into_iter()
                            .map(rows::read)
                            .collect::<db::Result<_>>()?;
                        Ok(Found::Leased(waiting))
                    }
                }
            }
            .await;
            match leased {
                // Those that were leased are not kept.
                Ok(Found::Busy) => {
                    tx.roll_back().await;
                    Ok(Found::Busy)
                }
                leased => tx.finish(leased).await,
            }
        })
        .await
    }

    /// What is refused is set aside, as by the relay; what could not be handed over is the relay's.
    async fn deliver(
        &self,
        context: &Context,
        consumer: &Peer,
        leased: Vec<OnItsWay>,
    ) -> Result<(), Problem> {
        let outcome = batch::hand_over(context, consumer, &leased).await;
        let is_settled = |one: &&OnItsWay| {
            let mut refused = outcome.not_taken.iter();
            outcome.done.contains(&one.sequence)
                || refused.any(|refused| refused.sequence == one.sequence)
        };
        let left = leased.iter().filter(|one| !is_settled(one));
        let left: Vec<u64> = left.map(|one| one.sequence).collect();
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let written = async {
                rows::delete(&mut tx, &outcome.done).await?;
                rows::set_aside(&mut tx, &outcome.not_taken).await?;
                rows::release(&mut tx, &left).await
            }
            .await;
            tx.finish(written).await
        })
        .await?;
        count(context, consumer, &leased, &outcome.done);
        outcome.failed.map_or(Ok(()), |error| Err(error.into()))
    }
}
