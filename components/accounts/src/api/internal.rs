//! What other services ask of this one.

use axum::extract::State;
use cache::Cache;
use commerce::UserId;
use db::Db;
use service::authority::Authority;
use service::outbox::{self, Events, Outbox, Taken};
use service::{Context, Health, Json, JsonBody, KnownService, Path, Problem, ServiceToken};

use crate::app::on_authority_changed::on_authority_changed;
use crate::store::users;

/// `GET /internal/users/{id}/authority`: what an account may do at this moment. Every service asks it, the one
/// that has no token to show too.
pub async fn show_authority(
    _: KnownService,
    Path(id): Path<UserId>,
    State(db): State<Db>,
) -> Result<Json<Authority>, Problem> {
    let user = users::find(&db, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(user.authority()))
}

/// `POST /internal/events`: what this service tells itself.
pub async fn take_events(
    _: ServiceToken,
    context: Context,
    State(cache): State<Cache>,
    body: JsonBody<Events>,
) -> Json<Taken> {
    let take = async |event| on_authority_changed(&cache, &event).await;
    outbox::take(&context, body.value, take).await
}

pub async fn health(
    _: ServiceToken,
    State(db): State<Db>,
    State(cache): State<Cache>,
    State(outbox): State<Outbox>,
) -> Health {
    let health = Health::of(Some(&db), Some(&cache)).await;
    health.with_events(&outbox).await
}
