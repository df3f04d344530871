//! What only other services and schedulers ask.

use axum::extract::State;
use cache::Cache;
use service::outbox::{Events, Taken};
use service::{Context, Health, Json, JsonBody, Problem, ServiceToken, Status};

use crate::building::Builder;
use crate::intake;
use crate::store::state::{self, State as Model};

/// `POST /internal/events`: what orders and the catalogue tell. If anything that they are about cannot be had,
/// nothing is taken; an event that says nothing readable is refused by itself.
pub async fn take_events(
    _: ServiceToken,
    context: Context,
    State(builder): State<Builder>,
    body: JsonBody<Events>,
) -> Result<Json<Taken>, Problem> {
    let taken = intake::take(&context, &builder, body.value.events).await?;
    Ok(Json(taken))
}

/// Passes while the model is known to be true; warns while it is missing, in doubt, or was found to be wrong.
pub async fn health(_: ServiceToken, State(cache): State<Cache>) -> Health {
    let model = match state::read(&cache).await {
        Ok(model) if is_sound(&model) => Status::Pass,
        _ => Status::Warn,
    };
    let mut checks = Health::of(None, Some(&cache)).await.checks;
    checks.insert("model".to_owned(), model);
    Health::new(checks)
}

fn is_sound(model: &Model) -> bool {
    let differences = model.last.as_ref().map_or(0, |last| last.differences);
    model.is_trusted && differences == 0
}
