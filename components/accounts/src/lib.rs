//! The accounts service: sign-up, sign-in, tokens, profiles, roles.
//!
//! It alone knows passwords and the private key; every other service verifies tokens by itself, and asks this one
//! where a token is not enough.

pub mod api;
mod app;
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
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Jobs, ServiceToken, Settings, Tokens};

use crate::app::change_user::Accounts;
use crate::signer::Signer;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    db: Db,
    cache: Cache,
    accounts: Accounts,
    outbox: Outbox,
    jobs: Jobs,
    tokens: Tokens,
    signer: Signer,
    service_token: ServiceToken,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let app = App::from_settings(&settings).await?;
    let jobs = app.jobs.clone();
    let router = Router::from(api::router()).with_state(app);
    Ok(jobs.run_after_answers(router))
}

impl App {
    async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let db = Db::new(&settings.text("database_url").await?);
        let cache = Cache::new(&settings.text("redis_url").await?);
        let service_token = ServiceToken::from_settings(settings).await?;
        let consumers = app::consumers(settings, &service_token).await?;
        let outbox = Outbox::new(db.clone(), consumers);
        Ok(Self {
            accounts: Accounts {
                db: db.clone(),
                cache: cache.clone(),
                outbox: outbox.clone(),
            },
            tokens: Tokens::from_settings(settings).await?,
            signer: Signer::from_settings(settings).await?,
            jobs: Jobs::new("accounts", Some(db.clone()), outbox.jobs("accounts")),
            db,
            cache,
            outbox,
            service_token,
        })
    }
}

/// Spin calls this for every request. Only wasm exports it: the symbol's name is none that a native
/// linker takes, and the native build is for tests and for the OpenAPI document.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    service::serve(api::SERVICE, request, build).await
}
