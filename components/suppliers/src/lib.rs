//! Suppliers: GraphQL over HTTP for those who deliver, the keys of their machines, and what is ordered from
//! them.
//!
//! It has no product and no stock of its own: the catalogue has. A supplier sees and restocks what it delivers,
//! and nothing else.

mod access;
mod answering;
pub mod api;
mod app;
mod catalog;
mod drafting;
pub mod graphql;
mod key;
mod limits;
mod loader;
mod on_authority_changed;
mod ordering;
mod page;
mod purchase_order;
mod refusal;
mod restocking;
mod shape;
mod store;
mod throttle;

use axum::Router;
use service::Settings;
use service::settings::SettingError;

use crate::app::App;

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let app = App::from_settings(&settings).await?;
    Ok(Router::from(api::router()).with_state(app))
}

/// Spin calls this for every request. Only wasm exports it: the symbol's name is none that a native
/// linker takes, and the native build is for tests and for the documents of the API.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    service::serve(api::SERVICE, request, build).await
}
