//! What only other services and schedulers ask.

use axum::extract::State;
use db::Db;
use service::outbox::{Events, Taken};
use service::{Context, Health, Jobs, Json, JsonBody, Problem, ServiceToken};

use crate::intake;
use crate::jobs::SEND;

/// `POST /internal/events`: takes all of them or, if the database fails, none; then sends them.
pub async fn take_events(
    _: ServiceToken,
    context: Context,
    State(db): State<Db>,
    State(jobs): State<Jobs>,
    body: JsonBody<Events>,
) -> Result<Json<Taken>, Problem> {
    let events = body.value.events;
    if intake::take(&db, &events).await? > 0 {
        jobs.run_soon(&context, SEND);
    }
    Ok(Json(Taken {
        taken: events.into_iter().map(|event| event.id).collect(),
        ..Taken::default()
    }))
}

pub async fn health(_: ServiceToken, State(db): State<Db>) -> Health {
    Health::of(Some(&db), None).await
}
