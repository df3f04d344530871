//! What this service does now and then, beside its requests.

use serde::Serialize;
use service::{Context, Problem};

use crate::app::App;
use crate::expiry;

/// What was done.
#[derive(Serialize)]
pub struct Done {
    expired_orders: usize,
    relayed_events: usize,
}

/// Closes unpaid orders past their time, removes answers that are kept no longer, and relays events.
pub async fn tick(context: &Context, app: &App) -> Result<Done, Problem> {
    let expired_orders = expiry::sweep(context, &app.desk).await?;
    let relayed_events = app.outbox.relay(context).await?;
    Ok(Done {
        expired_orders,
        relayed_events,
    })
}

/// The same after an answer, when only the log can be told of a failure.
pub async fn tick_quietly(context: Context, app: App) {
    if let Err(problem) = tick(&context, &app).await {
        service::warn(&context, "what is due was not done", &problem);
    }
}
