//! What other services ask of this one.

use axum::extract::State;
use db::Db;
use service::outbox::{self, Events, Taken};
use service::{Context, Health, Json, JsonBody, ServiceToken};

use crate::drafting;
use crate::on_authority_changed::on_authority_changed;

/// `POST /internal/events`: what the catalogue and accounts tell.
pub async fn take_events(
    _: ServiceToken,
    context: Context,
    State(db): State<Db>,
    body: JsonBody<Events>,
) -> Json<Taken> {
    let take = async |event| {
        drafting::follow(&db, &event).await?;
        on_authority_changed(&db, &event).await
    };
    outbox::take(&context, body.value, take).await
}

pub async fn health(_: ServiceToken, State(db): State<Db>) -> Health {
    Health::of(Some(&db), None).await
}
