//! The accounts service: sign-up, sign-in, tokens, profiles, roles.
//!
//! It alone knows passwords and the private key; every other service verifies tokens by itself.

pub mod api;
mod name;
mod password;
mod refresh_token;
mod signer;
mod store;
mod throttle;
mod user;

use axum::Router;
use axum::extract::FromRef;
use cache::Cache;
use db::Db;
use service::settings::SettingError;
use service::{ServiceToken, Settings, Tokens};

use crate::signer::Signer;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    db: Db,
    cache: Cache,
    tokens: Tokens,
    signer: Signer,
    service_token: ServiceToken,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let app = App {
        db: Db::new(&settings.text("database_url").await?),
        cache: Cache::new(&settings.text("redis_url").await?),
        tokens: Tokens::from_settings(&settings).await?,
        signer: Signer::from_settings(&settings).await?,
        service_token: ServiceToken::from_settings(&settings).await?,
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
