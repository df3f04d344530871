//! The status service: whether the house works, what its API is, and the page that shows it.
//!
//! It stands on nothing of its own; what all services measure, it reads in Redis. Whatever no other service
//! owns ends here too, as a problem document.

pub mod api;
mod document;
mod metrics;
mod peers;
mod readiness;

use axum::Router;
use axum::extract::FromRef;
use cache::Cache;
use service::settings::SettingError;
use service::{ServiceToken, Settings, WebPage};

use crate::document::{ApiDocument, page};
use crate::metrics::Metrics;
use crate::peers::Peers;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    peers: Peers,
    service_token: ServiceToken,
    cache: Cache,
    metrics: Metrics,
    document: ApiDocument,
    page: WebPage,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let app = App {
        peers: Peers::from_settings(&settings).await?,
        service_token: ServiceToken::from_settings(&settings).await?,
        cache: Cache::new(&settings.text("redis_url").await?),
        metrics: Metrics::from_settings(&settings).await?,
        document: ApiDocument::new(),
        page: page(),
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
