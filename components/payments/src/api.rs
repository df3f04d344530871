//! The HTTP interface of the payments service.

mod audit;
mod internal;
mod payments;
mod refunds;
mod stripe;
pub mod view;

use axum::routing::{get, post};
use service::openapi::{OpenApiRouter, routes};
use service::{Group, Service};

use crate::App;

/// As the entry of its requests knows it.
pub const SERVICE: Service = Service::new(
    "payments",
    &[
        Group::requests("payments", "POST", "/api/payments"),
        Group::of("POST", "/api/payments/{id}/refunds").weighing(5),
        Group::requests("provider", "POST", "/webhooks/stripe").taking_kib(256),
    ],
);

/// Every route, with its part of the OpenAPI document; what is only for other services has none.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(payments::list, payments::create))
        .routes(routes!(payments::show))
        .routes(routes!(payments::confirm))
        .routes(routes!(refunds::list, refunds::create))
        .routes(routes!(refunds::confirm))
        .routes(routes!(refunds::list_by_hand))
        .routes(routes!(stripe::receive))
        .routes(routes!(audit::list))
        .route("/internal/health", get(internal::health))
        .route("/internal/events", post(internal::events))
        .route("/internal/reconcile", post(internal::reconcile))
        .route("/internal/tick", post(service::jobs::tick))
        .route(
            "/internal/events/redeliver",
            post(service::outbox::redeliver),
        )
}
