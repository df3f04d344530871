//! The HTTP interface of the status service.

mod docs;
mod health;
mod internal;
mod metrics;

use axum::routing::{get, post};
use service::openapi::{OpenApiRouter, routes};
use service::{Group, Service};

use crate::App;

/// As the entry of its requests knows it.
pub const SERVICE: Service = Service::new(
    "status",
    &[
        Group::unlimited("/livez"),
        Group::apart("health", "/readyz"),
        Group::apart("health", "/metrics"),
    ],
);

/// Every route, with its part of the OpenAPI document.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(docs::openapi))
        .route("/metrics", get(metrics::show))
        .route("/internal/tick", post(internal::tick))
        .route("/internal/events/redeliver", post(internal::redeliver))
        .route("/docs", get(docs::page))
        .route("/", get(docs::welcome))
}
