//! The catalogue: categories, items, reviews, stock and its reservations.
//!
//! It alone decides what is left to sell. It calls no other service.

pub mod api;
mod category;
mod item;
mod rating;
mod reservation;
mod review;
mod search;
mod stock;
mod store;
mod text;
mod warehouse;

use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use cache::Cache;
use db::Db;
use service::settings::SettingError;
use service::{ServiceToken, Settings, Tokens};

use crate::store::shelf::Shelf;
use crate::warehouse::Warehouse;

/// How long an instance waits before it looks again for reservations past their time.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    db: Db,
    cache: Cache,
    shelf: Shelf,
    warehouse: Warehouse,
    tokens: Tokens,
    service_token: ServiceToken,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let db = Db::new(&settings.text("database_url").await?);
    let cache = Cache::new(&settings.text("redis_url").await?);
    let shelf = Shelf::new(db.clone(), cache.clone());
    let warehouse = Warehouse::new(db.clone(), shelf.clone());
    let app = App {
        tokens: Tokens::from_settings(&settings).await?,
        service_token: ServiceToken::from_settings(&settings).await?,
        warehouse: warehouse.clone(),
        shelf,
        cache,
        db,
    };
    let router = Router::from(api::router()).with_state(app);
    Ok(service::now_and_then(router, SWEEP_PAUSE, move |context| {
        warehouse.clone().sweep_quietly(context)
    }))
}

/// Spin calls this for every request. Only wasm exports it: the symbol's name is none that a native
/// linker takes, and the native build is for tests and for the OpenAPI document.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    service::serve("catalog", request, build).await
}
