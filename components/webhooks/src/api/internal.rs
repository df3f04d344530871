//! What only other services and schedulers ask.

use axum::extract::State;
use db::Db;
use service::outbox::{Events, Taken};
use service::{Context, Health, Json, JsonBody, Problem, ServiceToken};

use crate::sending::Sender;
use crate::tick::{self, Done};
use crate::{App, intake};

/// `POST /internal/events`: takes all of them or, if the database fails, none; then sends them.
pub async fn take_events(
    _: ServiceToken,
    context: Context,
    State(sender): State<Sender>,
    body: JsonBody<Events>,
) -> Result<Json<Taken>, Problem> {
    let events = body.value.events;
    if intake::take(&sender.db, &events).await? > 0 {
        service::in_background(&context, |context| sender.run(context));
    }
    let taken = events.into_iter().map(|event| event.id).collect();
    Ok(Json(Taken { taken }))
}

/// `POST /internal/tick`: does what is due.
pub async fn tick(
    _: ServiceToken,
    context: Context,
    State(app): State<App>,
) -> Result<Json<Done>, Problem> {
    Ok(Json(tick::tick(&context, &app).await?))
}

pub async fn health(_: ServiceToken, State(db): State<Db>) -> Health {
    Health::of(Some(&db), None).await
}
