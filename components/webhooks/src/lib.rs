//! Webhooks: events of the shop, told to merchants' own addresses in the form of Standard Webhooks.
//!
//! It asks no other service for anything. It is the only component that calls addresses which somebody has
//! written into a form; `address` says which it refuses.

mod address;
pub mod api;
mod delivery;
mod event;
mod intake;
mod jobs;
mod recording;
mod schedule;
mod sending;
mod signature;
mod store;
mod webhook;

use axum::Router;
use axum::extract::FromRef;
use db::Db;
use service::settings::SettingError;
use service::{Jobs, ServiceToken, Settings, Tokens};

use crate::address::Reach;
use crate::sending::Sender;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    db: Db,
    reach: Reach,
    jobs: Jobs,
    tokens: Tokens,
    service_token: ServiceToken,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let db = Db::new(&settings.text("database_url").await?);
    let private = settings.parsed("webhooks_to_private_addresses").await?;
    let reach = Reach { private };
    let sender = Sender {
        db: db.clone(),
        reach,
    };
    let jobs = jobs::all(&db, &sender);
    let app = App {
        tokens: Tokens::from_settings(&settings).await?,
        service_token: ServiceToken::from_settings(&settings).await?,
        jobs: jobs.clone(),
        reach,
        db,
    };
    let router = Router::from(api::router()).with_state(app);
    Ok(jobs.run_after_answers(router))
}

/// Spin calls this for every request. Only wasm exports it: the symbol's name is none that a native
/// linker takes, and the native build is for tests and for the OpenAPI document.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    service::serve("webhooks", request, build).await
}
