//! The HTTP interface of the reports service.

mod answer;
mod internal;
mod rankings;
mod rebuild;
mod sales;
mod stock;
mod suppliers;

use axum::routing::{get, post};
use service::openapi::{OpenApiRouter, routes};
use service::{Group, Service};

use crate::App;

/// As the entry of its requests knows it: a report reads up to three years, and to build the model is to read all.
pub const SERVICE: Service = Service::new(
    "reports",
    &[
        Group::of("GET", "/api/reports/{report}").weighing(5),
        Group::of("POST", "/api/reports/rebuild").weighing(50),
    ],
);

/// Every route, with its part of the OpenAPI document; what is only for other services has none.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(stock::list))
        .routes(routes!(rankings::best_sellers))
        .routes(routes!(rankings::highest_spenders))
        .routes(routes!(sales::sales))
        .routes(routes!(sales::vat))
        .routes(routes!(suppliers::list))
        .routes(routes!(rebuild::begin))
        .routes(routes!(rebuild::show))
        .route("/internal/events", post(internal::take_events))
        .route("/internal/health", get(internal::health))
        .route("/internal/tick", post(service::jobs::tick))
}
