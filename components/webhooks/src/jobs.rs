//! What this service does by the clock.

use std::time::Duration;

use db::Db;
use service::{Job, Jobs, clock, idempotency};

use crate::sending::Sender;
use crate::store::events;

/// The job that sends what is due. It runs soon after every answer that has made a delivery.
pub const SEND: &str = "send_webhooks";

/// How long events and their deliveries are kept.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

pub fn all(db: &Db, sender: &Sender) -> Jobs {
    let jobs = [sending(sender), purging(db), idempotency::purging(db)];
    Jobs::new("webhooks", Some(db.clone()), jobs)
}

/// Nobody waits for receivers.
fn sending(sender: &Sender) -> Job {
    let sender = sender.clone();
    let send = Job::new(SEND, Duration::from_secs(1), move |turn| {
        let sender = sender.clone();
        async move { sender.run(&turn).await }
    });
    send.in_background()
}

/// Removes events, and their deliveries with them.
fn purging(db: &Db) -> Job {
    let db = db.clone();
    Job::new("purge_events", Duration::from_secs(60), move |turn| {
        let db = db.clone();
        async move {
            let oldest = clock::now().plus_ms(-KEPT_MS);
            Ok(events::purge(&turn, &db, oldest).await?)
        }
    })
}
