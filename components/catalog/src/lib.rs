//! The catalogue: categories, items, reviews, stock and its reservations.
//!
//! It alone decides what is left to sell. It asks no other service for anything; it tells webhooks, suppliers and
//! reports of its events.

mod alert;
pub mod api;
mod app;
mod card;
mod category;
mod changed;
mod expiry;
mod following;
mod item;
mod on_authority_changed;
mod rating;
mod reschedule;
mod reservation;
mod restock;
mod restocking;
mod review;
mod search;
mod sku;
mod stock;
mod store;
mod warehouse;

use axum::Router;
use service::Settings;
use service::settings::SettingError;

use crate::app::App;

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let app = App::from_settings(&settings).await?;
    let jobs = app.jobs.clone();
    let router = Router::from(api::router()).with_state(app);
    Ok(jobs.run_after_answers(router))
}

/// Spin calls this for every request. Only wasm exports it: the symbol's name is none that a native
/// linker takes, and the native build is for tests and for the OpenAPI document.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    service::serve(api::SERVICE, request, build).await
}
