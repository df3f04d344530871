//! What only other services and schedulers ask.

use axum::extract::State;
use cache::Cache;
use commerce::{OrderId, PaymentId, Timestamp};
use db::Db;
use serde::{Deserialize, Serialize};
use service::outbox::{self, Events, Outbox, Taken};
use service::{Context, Health, Json, JsonBody, Path, Problem, ServiceToken, clock};

use crate::desk::Desk;
use crate::hold;
use crate::payable::Payable;
use crate::paying;
use crate::store::orders;

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

/// By which payment an order is to be paid.
#[derive(Deserialize)]
pub struct Hold {
    payment_id: PaymentId,
}

/// Until when an order waits.
#[derive(Serialize)]
pub struct Held {
    expires_at: Timestamp,
}

/// `POST /internal/orders/{id}/hold-for-transfer`: the customer begins to pay by transfer, and the order
/// waits for days.
pub async fn hold_for_transfer(
    _: ServiceToken,
    context: Context,
    Path(id): Path<OrderId>,
    State(desk): State<Desk>,
    body: JsonBody<Hold>,
) -> Result<Json<Held>, Problem> {
    let payment = body.value.payment_id;
    let expires_at = hold::hold_for_transfer(&context, &desk, id, payment).await?;
    Ok(Json(Held { expires_at }))
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

pub async fn health(
    _: ServiceToken,
    State(db): State<Db>,
    State(cache): State<Cache>,
    State(outbox): State<Outbox>,
) -> Health {
    let health = Health::of(Some(&db), Some(&cache)).await;
    health.with_events(&outbox).await
}
