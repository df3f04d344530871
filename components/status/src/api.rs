//! The HTTP interface of the status service.

mod docs;
mod health;
mod internal;

use axum::routing::{get, post};
use service::openapi::{OpenApiRouter, routes};

use crate::App;

/// Every route, with its part of the OpenAPI document.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(docs::openapi))
        .route("/internal/tick", post(internal::tick))
        .route("/docs", get(docs::page))
        .route("/", get(docs::welcome))
}
