//! The orders service: the life of an order from its placing to its delivery, and its papers.
//!
//! Stock is not its business: the catalogue reserves and commits it, and an order becomes paid only if
//! its reservation could be committed.

pub mod api;
mod cart;
mod catalog;
mod changing;
mod expiry;
mod history;
mod life;
mod order;
mod paper;
mod payable;
mod paying;
mod placing;
mod refunding;
mod store;
mod tick;

use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use cache::Cache;
use db::Db;
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Peer, ServiceToken, Settings, Tokens};

use crate::cart::Carts;
use crate::catalog::Catalog;
use crate::paper::Letterhead;
use crate::placing::{Desk, ReservationTtl};

/// How long an instance waits before it looks again for what is due.
const TICK_PAUSE: Duration = Duration::from_secs(1);

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    db: Db,
    cache: Cache,
    tokens: Tokens,
    service_token: ServiceToken,
    desk: Desk,
    outbox: Outbox,
    letterhead: Letterhead,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let service_token = ServiceToken::from_settings(&settings).await?;
    let catalog_url = settings.text("catalog_url").await?;
    let cart_url = settings.text("cart_url").await?;
    let db = Db::new(&settings.text("database_url").await?);
    let peer = |name, url: &str| Peer::new(name, url, service_token.clone());
    let consumers = [
        peer("payments", &settings.text("payments_url").await?),
        peer("webhooks", &settings.text("webhooks_url").await?),
    ];
    let outbox = Outbox::new(db.clone(), consumers);
    let desk = Desk {
        db: db.clone(),
        catalog: Catalog::new(peer("catalog", &catalog_url)),
        carts: Carts::new(peer("cart", &cart_url)),
        ttl: ReservationTtl::from_settings(&settings).await?,
    };
    let app = App {
        cache: Cache::new(&settings.text("redis_url").await?),
        tokens: Tokens::from_settings(&settings).await?,
        letterhead: Letterhead::from_settings(&settings).await?,
        outbox: outbox.clone(),
        db,
        desk,
        service_token,
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
    service::serve("orders", request, build).await
}
