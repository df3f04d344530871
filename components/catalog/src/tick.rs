//! What this service does now and then, beside its requests.

use serde::Serialize;
use service::{Context, Problem};

use crate::app::App;

/// What was done.
#[derive(Serialize)]
pub struct Done {
    expired_reservations: usize,
    relayed_events: usize,
}

/// Frees what reservations past their time hold, removes answers that are kept no longer, and relays events.
pub async fn tick(context: &Context, app: &App) -> Result<Done, Problem> {
    let expired_reservations = app.warehouse.sweep(context).await?.reservations;
    let relayed_events = app.outbox.relay(context).await?;
    Ok(Done {
        expired_reservations,
        relayed_events,
    })
}

/// The same after an answer, when only the log can be told of a failure.
pub async fn tick_quietly(context: Context, app: App) {
    if let Err(problem) = tick(&context, &app).await {
        service::warn(&context, "what is due was not done", &problem);
    }
}
