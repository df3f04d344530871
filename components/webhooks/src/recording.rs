//! Writes down what came of an attempt, for the delivery and for its webhook: its own transaction, after the
//! answer. If that fails, the delivery is sent once more when its lease is over.

use commerce::Timestamp;
use db::{Db, Tx};
use service::{Context, clock};

use crate::delivery::{Answer, Status, Verdict};
use crate::store::queue::{self, Parcel};
use crate::store::{deliveries, webhooks};
use crate::webhook::{DisabledReason, fails_for_too_long};

/// Writes it down, when only the log can be told of a failure.
pub async fn record_quietly(context: &Context, db: &Db, parcel: &Parcel, answer: Answer) {
    let verdict = answer.judge(parcel.attempts, chance());
    let recorded = db::retry(|| record(db, parcel, answer, verdict)).await;
    if let Err(error) = recorded {
        service::warn(
            context,
            "what came of a delivery is not written down",
            &error,
        );
    }
}

/// Without randomness there is no jitter, which is no reason not to go on.
fn chance() -> u16 {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_or(0, |()| u16::from_ne_bytes(bytes))
}

async fn record(db: &Db, parcel: &Parcel, answer: Answer, verdict: Verdict) -> db::Result<()> {
    let now = clock::now();
    let mut tx = db.begin().await?;
    let outcome = async {
        // The webhook before its deliveries: everybody locks them in this order.
        match verdict {
            Verdict::Delivered => webhooks::end_failing(&mut tx, parcel.webhook).await?,
            _ => webhooks::begin_failing(&mut tx, parcel.webhook, now).await?,
        }
        let disabling = disabling(parcel, verdict, now);
        let disabled = match disabling {
            Some(reason) => disable(&mut tx, parcel, reason, now).await?,
            None => false,
        };
        write(&mut tx, parcel, answer, verdict, now).await?;
        if disabled {
            deliveries::cancel(&mut tx, parcel.webhook, now).await?;
        }
        Ok(())
    }
    .await;
    tx.finish(outcome).await
}

async fn write(
    tx: &mut Tx,
    parcel: &Parcel,
    answer: Answer,
    verdict: Verdict,
    now: Timestamp,
) -> db::Result<()> {
    let status = match verdict {
        Verdict::Again { pause } => {
            let due_at = now.plus_ms(pause);
            queue::postpone(tx, parcel, answer, due_at).await?;
            return queue::hold_back(tx, parcel, due_at).await;
        }
        Verdict::Delivered => Status::Delivered,
        Verdict::Failed | Verdict::Gone => Status::Failed,
    };
    queue::end(tx, parcel, status, answer, now).await?;
    queue::let_go_on(tx, parcel, now).await
}

/// Whether its webhook is to be told nothing more, and why.
fn disabling(parcel: &Parcel, verdict: Verdict, now: Timestamp) -> Option<DisabledReason> {
    match verdict {
        Verdict::Delivered => None,
        Verdict::Gone => Some(DisabledReason::Gone),
        Verdict::Again { .. } | Verdict::Failed => {
            fails_for_too_long(parcel.failing_since, now).then_some(DisabledReason::Failing)
        }
    }
}

/// Disables it, unless somebody has changed it since the delivery was taken in hand: that may have been the
/// address which failed.
async fn disable(
    tx: &mut Tx,
    parcel: &Parcel,
    reason: DisabledReason,
    now: Timestamp,
) -> db::Result<bool> {
    let found = webhooks::lock(tx, parcel.webhook).await?;
    let Some(mut webhook) = found.filter(|webhook| webhook.version == parcel.version) else {
        return Ok(false);
    };
    webhook.disable(reason);
    webhook.changed(now);
    webhooks::update(tx, &webhook).await?;
    Ok(true)
}
