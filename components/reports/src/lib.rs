//! Reports: stock, best sellers, highest spenders, sales, VAT and suppliers, answered from Redis structures
//! that events keep.
//!
//! It decides nothing and keeps nothing of its own: what Redis loses is read again from the services that own
//! it. Amounts are those of papers, and so they agree with the books.

pub mod api;
mod building;
mod card;
mod catalog;
mod count;
mod day;
mod intake;
mod orders;
mod paper;
mod sales;
mod store;

use axum::Router;
use axum::extract::FromRef;
use cache::Cache;
use service::settings::SettingError;
use service::{Jobs, Peer, ServiceToken, Settings, Tokens};

use crate::building::Builder;
use crate::catalog::Catalog;
use crate::orders::Orders;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    cache: Cache,
    builder: Builder,
    jobs: Jobs,
    tokens: Tokens,
    service_token: ServiceToken,
}

/// Makes the router of an instance.
pub async fn build(settings: Settings) -> Result<Router, SettingError> {
    let service_token = ServiceToken::from_settings(&settings).await?;
    let peer = async |name, variable| {
        let url = settings.text(variable).await?;
        Ok(Peer::new(name, &url, service_token.clone()))
    };
    let cache = Cache::new(&settings.text("redis_url").await?);
    let builder = Builder {
        cache: cache.clone(),
        orders: Orders::new(peer("orders", "orders_url").await?),
        catalog: Catalog::new(peer("catalog", "catalog_url").await?),
    };
    let jobs = Jobs::new("reports", None, [builder.job()]);
    let app = App {
        jobs: jobs.clone(),
        tokens: Tokens::from_settings(&settings).await?,
        builder,
        service_token,
        cache,
    };
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
