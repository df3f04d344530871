//! The HTTP interface of the status service.

mod docs;
mod health;

use axum::routing::get;
use service::openapi::{OpenApiRouter, routes};

use crate::App;

/// Every route, with its part of the OpenAPI document.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(docs::openapi))
        .route("/docs", get(docs::page))
        .route("/", get(docs::welcome))
}
