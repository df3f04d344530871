//! The cart service: what guests and clients mean to buy, kept in Redis: a client's for 30 days, a guest's for 7.
//!
//! It stores items and quantities and never a price: each answer asks the catalogue what things cost now.

pub mod api;
mod cart;
mod catalog;
mod offer;
mod store;
mod token;

use axum::Router;
use axum::extract::FromRef;
use cache::Cache;
use service::settings::SettingError;
use service::{Peer, ServiceToken, Settings, Tokens};

use crate::catalog::Catalog;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    cache: Cache,
    tokens: Tokens,
    catalog: Catalog,
    service_token: ServiceToken,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let service_token = ServiceToken::from_settings(&settings).await?;
    let catalog_url = settings.text("catalog_url").await?;
    let app = App {
        cache: Cache::new(&settings.text("redis_url").await?),
        tokens: Tokens::from_settings(&settings).await?,
        catalog: Catalog::new(Peer::new("catalog", &catalog_url, service_token.clone())),
        service_token,
    };
    Ok(Router::from(api::router()).with_state(app))
}

/// Spin calls this for every request. Only wasm exports it: the symbol's name is none that a native
/// linker takes, and the native build is for tests and for the OpenAPI document.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    service::serve(api::SERVICE, request, build).await
}
