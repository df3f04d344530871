//! What this service does by the clock.

use std::time::Duration;

use db::Db;
use service::outbox::Outbox;
use service::{Done, Job, Jobs, clock, idempotency};

use crate::paying::Till;
use crate::store::provider_events;

/// How long applied events are remembered: Stripe repeats them for three days.
const EVENTS_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

pub fn all(db: &Db, till: &Till, outbox: &Outbox) -> Jobs {
    let [relay, watch] = outbox.jobs("payments");
    let jobs = [
        settling(till),
        purging(db),
        idempotency::purging(db),
        relay,
        watch,
    ];
    Jobs::new("payments", Some(db.clone()), jobs)
}

/// Asks the provider about payments and refunds in doubt whose time to be asked about has come.
fn settling(till: &Till) -> Job {
    let till = till.clone();
    Job::new("settle_payments", Duration::from_secs(1), move |turn| {
        let till = till.clone();
        async move {
            let settled = till.settle_due(&turn.context).await?;
            Ok(Done::all(settled.payments + settled.refunds))
        }
    })
}

/// Forgets events of the provider that it repeats no more.
fn purging(db: &Db) -> Job {
    let db = db.clone();
    Job::new(
        "purge_provider_events",
        Duration::from_secs(600),
        move |turn| {
            let db = db.clone();
            async move {
                let oldest = clock::now().plus_ms(-EVENTS_KEPT_MS);
                Ok(provider_events::purge(&turn, &db, oldest).await?)
            }
        },
    )
}
