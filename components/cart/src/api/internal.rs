//! What other services ask: orders for what a client is about to buy, status for our health.

use axum::extract::State;
use axum::routing::{get, post};
use cache::Cache;
use commerce::{ItemId, Quantity, UserId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::openapi::OpenApiRouter;
use service::{Health, IfMatch, Json, JsonBody, Path, Problem, ServiceToken};

use crate::App;
use crate::store::carts::{self, CartKey, Refusal};

/// Routes that need the service token, and that the public document leaves out.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .route("/internal/carts/{client_id}", get(show))
        .route("/internal/carts/{client_id}/clear", post(clear))
        .route("/internal/health", get(health))
}

/// What to order, and the version to empty the cart by.
#[derive(Serialize)]
struct Contents {
    version: u32,
    items: Vec<ItemQuantity>,
}

#[derive(Serialize)]
struct ItemQuantity {
    item_id: ItemId,
    quantity: Quantity,
}

async fn show(
    _: ServiceToken,
    Path(client): Path<UserId>,
    State(cache): State<Cache>,
) -> Result<Json<Contents>, Problem> {
    let cart = carts::find(&cache, &CartKey::of_client(client)).await?;
    let items = cart.lines.iter().map(|line| ItemQuantity {
        item_id: line.item_id,
        quantity: line.quantity,
    });
    Ok(Json(Contents {
        version: cart.version,
        items: items.collect(),
    }))
}

#[derive(Deserialize)]
struct Clear {
    version: u32,
}

/// Empties the cart that was ordered. If the client has changed it since, it stays: 204 either way.
async fn clear(
    _: ServiceToken,
    Path(client): Path<UserId>,
    State(cache): State<Cache>,
    body: JsonBody<Clear>,
) -> Result<StatusCode, Problem> {
    let ordered = IfMatch::Versions(vec![body.value.version]);
    match carts::replace(&cache, &CartKey::of_client(client), &ordered, &[]).await {
        Ok(_) | Err(Refusal::Changed) => Ok(StatusCode::NO_CONTENT),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn health(_: ServiceToken, State(cache): State<Cache>) -> Health {
    Health::of(None, Some(&cache)).await
}
