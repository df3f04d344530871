//! The HTTP interface of the orders service.

mod approvals;
mod audit;
mod changes;
mod company;
mod discounts;
mod documents;
mod events;
mod export;
mod internal;
mod invoices;
mod logos;
mod merchants;
mod orders;
mod papers;
mod place;
mod quotes;
mod refusals;
mod shipping;

use axum::routing::{get, post};
use service::openapi::{OpenApiRouter, routes};
use service::{Group, Service};

use crate::app::App;

/// As the entry of its requests knows it.
pub const SERVICE: Service = Service::new(
    "orders",
    &[
        Group::requests("orders", "POST", "/api/orders"),
        Group::of("POST", "/api/orders/quote").weighing(5),
        Group::of("GET", "/api/orders").weighing(5),
        Group::of("GET", "/api/orders/{id}/invoice.pdf").weighing(30),
        Group::of("GET", "/api/orders/{id}/invoice.xml").weighing(5),
        Group::of("GET", "/api/invoices").weighing(2),
        Group::of("GET", "/api/invoices/export.zip").weighing(300),
        Group::of("GET", "/api/invoices/{file}").weighing(30),
        Group::of("PUT", "/api/merchants/{id}/logo").taking_kib(256),
    ],
);

/// Every route, with its part of the OpenAPI document; what is only for other services has none.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(orders::list, place::place))
        .routes(routes!(quotes::quote))
        .routes(routes!(orders::show, changes::delete))
        .routes(routes!(changes::mark_paid))
        .routes(routes!(changes::cancel))
        .routes(routes!(shipping::accept))
        .routes(routes!(shipping::prepare))
        .routes(routes!(shipping::ship))
        .routes(routes!(shipping::deliver))
        .routes(routes!(events::list))
        .routes(routes!(documents::invoice_pdf))
        .routes(routes!(documents::invoice_xml))
        .routes(routes!(invoices::list))
        .routes(routes!(invoices::file))
        .routes(routes!(export::month))
        .routes(routes!(approvals::list))
        .routes(routes!(merchants::show, merchants::put, merchants::delete))
        .routes(routes!(approvals::approve))
        .routes(routes!(approvals::withdraw))
        .routes(routes!(discounts::list))
        .routes(routes!(discounts::show, discounts::put, discounts::delete))
        .routes(routes!(logos::show, logos::put, logos::delete))
        .routes(routes!(audit::list))
        .route("/internal/orders/{id}", get(internal::show))
        .route(
            "/internal/orders/{id}/hold-for-transfer",
            post(internal::hold_for_transfer),
        )
        .route("/internal/papers/of-orders", post(papers::of_orders))
        .route("/internal/papers/page", post(papers::page))
        .route("/internal/events", post(internal::take_events))
        .route("/internal/health", get(internal::health))
        .route("/internal/tick", post(service::jobs::tick))
        .route(
            "/internal/events/redeliver",
            post(service::outbox::redeliver),
        )
}
