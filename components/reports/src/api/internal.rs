//! What only other services and schedulers ask.

use axum::extract::State;
use cache::Cache;
use serde::Serialize;
use service::outbox::{Events, Taken};
use service::{Context, Health, Json, JsonBody, Problem, ServiceToken, Status};

use crate::building::Builder;
use crate::intake;
use crate::store::state::{self, State as Model};

/// `POST /internal/events`: what orders and the catalogue tell. If anything that it is about cannot be read,
/// nothing is taken.
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

/// What was found.
#[derive(Serialize)]
pub struct Done {
    /// Whether the model is being built, which goes on in the background.
    building: bool,
}

/// `POST /internal/tick`: has the model built if it is due. Nobody waits for that here: it goes on after this
/// answer as it does after any other.
pub async fn tick(_: ServiceToken, State(cache): State<Cache>) -> Result<Json<Done>, Problem> {
    let model = state::read(&cache).await?;
    Ok(Json(Done {
        building: model.building.is_some() || !model.is_trusted,
    }))
}
