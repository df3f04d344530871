//! What this service does now and then, beside its requests.

use serde::Serialize;
use service::{Context, Problem, clock, idempotency};

use crate::App;
use crate::store::provider_events;

/// How long applied events are remembered: Stripe repeats them for three days.
const EVENTS_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// What was done.
#[derive(Serialize)]
pub struct Done {
    settled_payments: usize,
    settled_refunds: usize,
    relayed_events: usize,
}

/// Settles what is due, removes answers and events that are kept no longer, and relays events.
pub async fn tick(context: &Context, app: &App) -> Result<Done, Problem> {
    idempotency::purge(&app.db).await?;
    let oldest = clock::now().plus_ms(-EVENTS_KEPT_MS);
    provider_events::purge(&app.db, oldest).await?;
    let settled = app.till.settle_due(context).await?;
    let relayed_events = app.outbox.relay(context).await?;
    Ok(Done {
        settled_payments: settled.payments,
        settled_refunds: settled.refunds,
        relayed_events,
    })
}

/// The same after an answer, when only the log can be told of a failure.
pub async fn tick_quietly(context: Context, app: App) {
    if let Err(problem) = tick(&context, &app).await {
        service::warn(&context, "what is due was not done", &problem);
    }
}
