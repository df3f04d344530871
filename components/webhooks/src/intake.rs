//! Events as they come in from the other services: each is kept once, with a delivery for every webhook
//! that wants it. What nobody wants is not kept.

use std::collections::HashSet;

use commerce::{Timestamp, WebhookId};
use db::Db;
use service::outbox::Event;
use service::{Problem, clock};

use crate::event::Telling;
use crate::store::{deliveries, events, webhooks};
use crate::webhook::Webhook;

/// Takes a batch, whole; how many deliveries it makes. However many events and webhooks there are, it takes
/// the same few statements.
pub async fn take(db: &Db, batch: &[Event]) -> Result<usize, Problem> {
    let enabled = webhooks::list_enabled(db).await?;
    let mut wanted = wanted(batch, &enabled);
    if wanted.is_empty() {
        return Ok(0);
    }
    // What came before is left as it was taken then: a webhook that is younger is not told of it.
    let known = events::list_known(db, wanted.iter().map(|telling| telling.id)).await?;
    wanted.retain(|telling| !known.contains(&telling.id));
    if wanted.is_empty() {
        return Ok(0);
    }
    let due: Vec<(&Telling, WebhookId)> = pairs(&wanted, &enabled).collect();
    let now = clock::now();
    db::retry(|| write(db, &wanted, &due, now)).await?;
    Ok(due.len())
}

async fn write(
    db: &Db,
    wanted: &[Telling],
    due: &[(&Telling, WebhookId)],
    now: Timestamp,
) -> db::Result<()> {
    let mut tx = db.begin().await?;
    let outcome = async {
        events::insert(&mut tx, wanted, now).await?;
        deliveries::insert(&mut tx, due, now).await
    }
    .await;
    tx.finish(outcome).await
}

/// Each event that somebody wants, once.
fn wanted(batch: &[Event], webhooks: &[Webhook]) -> Vec<Telling> {
    let mut seen = HashSet::new();
    let tellings = batch.iter().filter_map(Telling::of);
    tellings
        .filter(|telling| webhooks.iter().any(|webhook| wants(webhook, telling)))
        .filter(|telling| seen.insert(telling.id))
        .collect()
}

/// Every event with every webhook that wants it, in the order of the events.
fn pairs<'a>(
    tellings: &'a [Telling],
    webhooks: &'a [Webhook],
) -> impl Iterator<Item = (&'a Telling, WebhookId)> {
    tellings.iter().flat_map(|telling| {
        let wanting = webhooks.iter().filter(|webhook| wants(webhook, telling));
        wanting.map(move |webhook| (telling, webhook.id))
    })
}

fn wants(webhook: &Webhook, telling: &Telling) -> bool {
    telling
        .event_type()
        .is_some_and(|event_type| webhook.wants(event_type))
}
