//! The payments service: paying orders with Stripe or offline, and giving money back.
//!
//! What is owed and what happens to an order is not its business: the orders service says what is to be
//! paid, and decides what a payment that succeeded does to the order.

pub mod api;
mod confirm_refund;
mod dispute;
mod domain;
mod events;
mod following;
mod jobs;
mod look_through;
mod notices;
mod orders;
mod paying;
mod payment;
mod provider;
mod provider_activity;
mod reconciling;
mod recording;
mod refund;
mod refunding;
mod store;
mod stripe;

use axum::Router;
use axum::extract::FromRef;
use db::Db;
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Jobs, Peer, ServiceToken, Settings, Tokens};

// Waiting does not keep the instance's other requests from going on.
pub(crate) use spin_sdk::time::sleep as pause;

use crate::paying::Till;
use crate::stripe::signature::Secrets;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    db: Db,
    tokens: Tokens,
    service_token: ServiceToken,
    till: Till,
    secrets: Secrets,
    outbox: Outbox,
    jobs: Jobs,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let service_token = ServiceToken::from_settings(&settings).await?;
    let db = Db::new(&settings.text("database_url").await?);
    let peer = |name, url: &str| Peer::new(name, url, service_token.clone());
    let orders = peer("orders", &settings.text("orders_url").await?);
    let webhooks = peer("webhooks", &settings.text("webhooks_url").await?);
    let outbox = Outbox::new(db.clone(), [orders.clone(), webhooks]);
    let till = Till::from_settings(&settings, &db, &orders, &outbox).await?;
    let jobs = jobs::all(&db, &till, &outbox);
    let app = App {
        tokens: Tokens::from_settings(&settings).await?,
        secrets: Secrets::from_settings(&settings).await?,
        jobs: jobs.clone(),
        till,
        outbox,
        db,
        service_token,
    };
    Ok(jobs.run_after_answers(Router::from(api::router()).with_state(app)))
}

/// Spin calls this for every request. Only wasm exports it: the symbol's name is none that a native
/// linker takes, and the native build is for tests and for the OpenAPI document.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    service::serve(api::SERVICE, request, build).await
}
