//! The orders service: the life of an order from its placing to its delivery, and its papers.
//!
//! Stock is not its business: the catalogue reserves and commits it, and an order becomes paid only if
//! its reservation could be committed.

pub mod api;
mod app;
mod archive;
mod cart;
mod catalog;
mod changing;
mod checkout;
mod crediting;
mod desk;
mod destination;
mod discount;
mod disputing;
mod domain;
mod expiry;
mod figures;
mod files;
mod history;
mod hold;
mod invoicing;
mod issued;
mod life;
mod mark_paid;
mod merchant;
mod order;
mod paper;
mod pay_free_order;
mod payable;
mod paying;
mod placing;
mod refunding;
mod series;
mod store;
mod take_money;

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
