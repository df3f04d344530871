//! What only other services and schedulers ask.

use axum::extract::State;
use cache::Cache;
use commerce::OrderId;
use db::Db;
use service::outbox::{self, Events, Taken};
use service::{Context, Health, Json, JsonBody, Path, Problem, ServiceToken, clock};

use crate::app::App;
use crate::payable::Payable;
use crate::paying;
use crate::placing::Desk;
use crate::store::orders;
use crate::tick::{self, Done};

/// `GET /internal/orders/{id}`: the order as it stands at this moment.
pub async fn show(
    _: ServiceToken,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
) -> Result<Json<Payable>, Problem> {
    let order = orders::find(&db, id).await?;
    let order = order.ok_or_else(Problem::not_found)?;
    Ok(Json(Payable::at(&order, clock::now())))
}

/// `POST /internal/events`: what payments tells.
pub async fn take_events(
    _: ServiceToken,
    context: Context,
    State(desk): State<Desk>,
    body: JsonBody<Events>,
) -> Json<Taken> {
    outbox::take(&context, body.value, |event| {
        paying::take(&context, &desk, event)
    })
    .await
}

pub async fn health(_: ServiceToken, State(db): State<Db>, State(cache): State<Cache>) -> Health {
    Health::of(Some(&db), Some(&cache)).await
}

/// Does what is due.
pub async fn tick(
    _: ServiceToken,
    context: Context,
    State(app): State<App>,
) -> Result<Json<Done>, Problem> {
    Ok(Json(tick::tick(&context, &app).await?))
}
