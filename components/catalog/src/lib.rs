//! The catalogue: categories, items, reviews, stock and its reservations.
//!
//! It alone decides what is left to sell. It asks no other service for anything; it tells webhooks of its events.

mod alert;
pub mod api;
mod category;
mod following;
mod item;
mod rating;
mod reservation;
mod review;
mod search;
mod stock;
mod store;
mod tick;
mod warehouse;

use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use cache::Cache;
use db::Db;
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Peer, ServiceToken, Settings, Tokens};

use crate::store::shelf::Shelf;
use crate::warehouse::Warehouse;

/// How long an instance waits before it looks again for what is due.
const TICK_PAUSE: Duration = Duration::from_secs(1);

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    db: Db,
    cache: Cache,
    shelf: Shelf,
    warehouse: Warehouse,
    outbox: Outbox,
    tokens: Tokens,
    service_token: ServiceToken,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let db = Db::new(&settings.text("database_url").await?);
    let cache = Cache::new(&settings.text("redis_url").await?);
    let shelf = Shelf::new(db.clone(), cache.clone());
    let warehouse = Warehouse::new(db.clone(), shelf.clone());
    let service_token = ServiceToken::from_settings(&settings).await?;
    let webhooks_url = settings.text("webhooks_url").await?;
    let webhooks = Peer::new("webhooks", &webhooks_url, service_token.clone());
    let outbox = Outbox::new(db.clone(), [webhooks]);
    let app = App {
        tokens: Tokens::from_settings(&settings).await?,
        outbox: outbox.clone(),
        service_token,
        warehouse,
        shelf,
        cache,
        db,
    };
    let ticker = app.clone();
    let router = Router::from(api::router()).with_state(app);
    let router = service::now_and_then(router, TICK_PAUSE, move |context| {
        tick::tick_quietly(context, ticker.clone())
    });
    Ok(outbox.relay_after_answers(router))
}

/// Spin calls this for every request. Only wasm exports it: the symbol's name is none that a native
/// linker takes, and the native build is for tests and for the OpenAPI document.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    service::serve("catalog", request, build).await
}
