//! The HTTP interface of the webhooks service.

mod audit;
mod deliveries;
mod internal;
mod webhooks;

use axum::routing::{get, post};
use service::openapi::{OpenApiRouter, routes};

use crate::App;

/// Every route, with its part of the OpenAPI document; what is only for other services has none.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::show, webhooks::change, webhooks::delete))
        .routes(routes!(webhooks::rotate_secret))
        .routes(routes!(deliveries::test))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::show))
        .routes(routes!(deliveries::retry))
        .routes(routes!(audit::list))
        .route("/internal/events", post(internal::take_events))
        .route("/internal/tick", post(service::jobs::tick))
        .route("/internal/health", get(internal::health))
}
