//! Delivery before the answer: whoever changes something sees its effect in another service with the next
//! request. A use case calls this after its transaction; what cannot be delivered in time waits for the relay,
//! like every other event.

use std::time::Duration;

use db::{Tx, params};
use uuid::Uuid;

use super::{Outbox, Waiting, count, delete, hand_over, postpone, read, sequences};
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
    Leased(Vec<Waiting>),
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
        const SELECT: &str = "select sequence, body from outbox \
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
                        let waiting = rows.into_iter().map(read).collect::<db::Result<_>>()?;
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

    async fn deliver(
        &self,
        context: &Context,
        consumer: &Peer,
        waiting: Vec<Waiting>,
    ) -> Result<(), Problem> {
        let handed_over = hand_over(context, consumer, &waiting).await;
        let taken = handed_over.as_ref().ok();
        let is_taken = |one: &Waiting| taken.is_some_and(|taken| taken.contains(&one.event.id));
        let (done, refused): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_taken);
        let is_answered = taken.is_some();
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                delete(&mut tx, &done).await?;
                match is_answered {
                    true => postpone(&mut tx, &refused).await,
                    false => release(&mut tx, &refused).await,
                }
            }
            .await;
            tx.finish(outcome).await
        })
        .await?;
        count(context, consumer, &done);
        handed_over.map(drop)
    }
}

/// Makes events due again that could not be handed over: they are the relay's.
async fn release(tx: &mut Tx, waiting: &[Waiting]) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (sequence bigint unsigned path '$')) d \
         straight_join outbox o on o.sequence = d.sequence set o.due_at = ?";
    let params = params![sequences(waiting), clock::now()];
    tx.execute(UPDATE, &params).await
}
