//! The HTTP interface of the catalogue.

mod audit;
mod cards;
mod categories;
mod internal;
mod items;
mod moderation;
mod products;
mod reservations;
mod restocks;
mod returns;
mod reviews;
mod room;
mod stock;

use axum::routing::{get, post, put};
use service::openapi::{OpenApiRouter, routes};
use service::{Group, Service};

use crate::app::App;

/// As the entry of its requests knows it.
pub const SERVICE: Service = Service::new(
    "catalog",
    &[
        // A description of 5 000 characters, each of them escaped.
        Group::of("POST", "/api/items").taking_kib(128),
        Group::of("PATCH", "/api/items/{id}").taking_kib(128),
    ],
)
.read_by_anybody();

/// Every route, with its part of the OpenAPI document; what only services call has none.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(categories::list, categories::create))
        .routes(routes!(
            categories::show,
            categories::change,
            categories::delete
        ))
        .routes(routes!(items::list, items::create))
        .routes(routes!(items::show, items::change, items::delete))
        .routes(routes!(stock::show, stock::record))
        .routes(routes!(stock::list_movements))
        .routes(routes!(stock::show_movement))
        .routes(routes!(reviews::list, reviews::create))
        .routes(routes!(reviews::show, reviews::change, reviews::delete))
        .routes(routes!(moderation::report))
        .routes(routes!(moderation::hide))
        .routes(routes!(moderation::restore))
        .routes(routes!(moderation::list))
        .route(
            "/internal/reservations/{order_id}",
            put(reservations::reserve).delete(reservations::release),
        )
        .route(
            "/internal/reservations/{order_id}/commit",
            post(reservations::commit),
        )
        .route(
            "/internal/reservations/{order_id}/expiry",
            put(reservations::reschedule),
        )
        .routes(routes!(audit::list))
        .route("/internal/events", post(internal::take_events))
        .route("/internal/returns/{refund_id}", put(returns::take_back))
        .route("/internal/items", post(internal::show_items))
        .route("/internal/products/by-ids", post(products::by_ids))
        .route("/internal/products/search", post(products::search))
        .route("/internal/restocks", post(restocks::take))
        .route("/internal/cards/by-ids", post(cards::by_ids))
        .route("/internal/cards/page", post(cards::page))
        .route("/internal/tick", post(service::jobs::tick))
        .route(
            "/internal/events/redeliver",
            post(service::outbox::redeliver),
        )
        .route("/internal/health", get(internal::health))
}
