//! What other services ask: orders for what a client is about to buy, status for our health.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use cache::Cache;
use commerce::{ItemId, OrderId, Quantity, UserId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::openapi::OpenApiRouter;
use service::{Health, Json, JsonBody, Path, Problem, ServiceToken};

use crate::App;
use crate::cart::CartLine;
use crate::store::carts::{self, CartKey};
use crate::store::claims::{self, Claim};

/// Routes that need the service token, and that the public document leaves out.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .route("/internal/carts/{client_id}", get(show))
        .route("/internal/carts/{client_id}/claim", post(claim))
        .route("/internal/carts/{client_id}/settle", post(settle))
        .route("/internal/carts/{client_id}/give-back", post(give_back))
        .route("/internal/health", get(health))
}

/// What is in a cart, and which order emptied it.
#[derive(Serialize)]
struct Contents {
    items: Vec<ItemQuantity>,
    ordered_as: Option<OrderId>,
}

#[derive(Serialize)]
struct ItemQuantity {
    item_id: ItemId,
    quantity: Quantity,
}

impl Contents {
    fn new(lines: &[CartLine], ordered_as: Option<OrderId>) -> Self {
        let items = lines.iter().map(|line| ItemQuantity {
            item_id: line.item_id,
            quantity: line.quantity,
        });
        Self {
            items: items.collect(),
            ordered_as,
        }
    }
}

async fn show(
    _: ServiceToken,
    Path(client): Path<UserId>,
    State(cache): State<Cache>,
) -> Result<Json<Contents>, Problem> {
    let cart = carts::find(&cache, &CartKey::of_client(client)).await?;
    Ok(Json(Contents::new(&cart.lines, None)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimCart {
    order_id: OrderId,
    /// An order that has claimed the cart and is known to have stopped.
    instead_of: Option<OrderId>,
}

/// Who has the cart.
#[derive(Serialize)]
struct Holder {
    held_by: OrderId,
    since_ms: i64,
}

/// `POST /internal/carts/{client_id}/claim`: what the order is to have; 409 while another has it.
async fn claim(
    _: ServiceToken,
    Path(client): Path<UserId>,
    State(cache): State<Cache>,
    body: JsonBody<ClaimCart>,
) -> Result<Response, Problem> {
    let ClaimCart {
        order_id,
        instead_of,
    } = body.value;
    let key = CartKey::of_client(client);
    let now = service::clock::now();
    Ok(
        match claims::claim(&cache, &key, order_id, instead_of, now).await? {
            Claim::Claimed { lines, ordered_as } => {
                Json(Contents::new(&lines, ordered_as)).into_response()
            }
            Claim::Held { by, since_ms } => {
                let holder = Holder {
                    held_by: by,
                    since_ms,
                };
                (StatusCode::CONFLICT, Json(holder)).into_response()
            }
        },
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndClaim {
    order_id: OrderId,
}

/// `POST /internal/carts/{client_id}/settle`: takes what was ordered off the cart, once.
async fn settle(
    _: ServiceToken,
    Path(client): Path<UserId>,
    State(cache): State<Cache>,
    body: JsonBody<EndClaim>,
) -> Result<StatusCode, Problem> {
    claims::settle(&cache, &CartKey::of_client(client), body.value.order_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /internal/carts/{client_id}/give-back`: nothing became of the order.
async fn give_back(
    _: ServiceToken,
    Path(client): Path<UserId>,
    State(cache): State<Cache>,
    body: JsonBody<EndClaim>,
) -> Result<StatusCode, Problem> {
    claims::give_back(&cache, &CartKey::of_client(client), body.value.order_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn health(_: ServiceToken, State(cache): State<Cache>) -> Health {
    Health::of(None, Some(&cache)).await
}
