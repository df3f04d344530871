//! What this service does now and then, beside its requests.

use serde::Serialize;
use service::{Context, Problem, clock, idempotency};

use crate::App;
use crate::store::{events, queue};

/// How long events and their deliveries are kept.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Past this many, it is enough to know that there are many.
const COUNTED: i64 = 1000;

/// What was found.
#[derive(Serialize)]
pub struct Done {
    /// Deliveries that are due, which are now being sent: nobody waits for receivers here.
    due_deliveries: usize,
}

/// Removes what is kept no longer, a bounded number at a time, and begins to send what is due.
pub async fn tick(context: &Context, app: &App) -> Result<Done, Problem> {
    let now = clock::now();
    events::purge(&app.db, now.plus_ms(-KEPT_MS)).await?;
    idempotency::purge(&app.db).await?;
    let due_deliveries = queue::count_due(&app.db, now, COUNTED).await?;
    if due_deliveries > 0 {
        service::in_background(context, |context| app.sender.clone().run(context));
    }
    Ok(Done { due_deliveries })
}

/// The same after an answer, when only the log can be told of a failure.
pub async fn tick_quietly(context: Context, app: App) {
    if let Err(problem) = tick(&context, &app).await {
        service::warn(&context, "what is due was not done", &problem);
    }
}
