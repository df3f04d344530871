//! What this service does now and then, beside its requests.

use serde::Serialize;
use service::{Context, Problem};

use crate::App;

/// What was done.
#[derive(Serialize)]
pub struct Done {
    relayed_events: usize,
}

/// Relays events.
pub async fn relay(context: &Context, app: &App) -> Result<Done, Problem> {
    let relayed_events = app.outbox.relay(context).await?;
    Ok(Done { relayed_events })
}

/// The same after an answer, when only the log can be told of a failure.
pub async fn relay_quietly(context: Context, app: App) {
    app.outbox.relay_quietly(&context).await;
}
