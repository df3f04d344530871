//! The HTTP interface of the suppliers service.

mod accept;
mod audit;
mod graphql;
mod internal;
mod keys;

use axum::routing::{get, post};
use service::openapi::{OpenApiRouter, routes};

use crate::app::App;
pub use accept::Media;

/// Every route, with its part of the OpenAPI document; what is only for other services has none.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(graphql::get, graphql::post))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::show, keys::revoke))
        .routes(routes!(audit::list))
        .route("/internal/events", post(internal::take_events))
        .route("/internal/health", get(internal::health))
}
