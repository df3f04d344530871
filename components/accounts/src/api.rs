//! The HTTP interface of the accounts service.

mod actor;
mod audit;
mod auth;
mod internal;
mod keys;
mod profile;
mod users;

use axum::routing::{get, post};
use service::openapi::{OpenApiRouter, routes};
use service::{Group, Service};

use crate::App;

/// As the entry of its requests knows it.
pub const SERVICE: Service = Service::new(
    "accounts",
    &[
        Group::requests("login", "POST", "/api/auth/login").at_the_door(),
        Group::requests("login", "POST", "/api/auth/password").at_the_door(),
        Group::requests("register", "POST", "/api/auth/register").at_the_door(),
        Group::requests("refresh", "POST", "/api/auth/refresh").at_the_door(),
        Group::requests("refresh", "POST", "/api/auth/logout").at_the_door(),
    ],
);

/// Every route, with its part of the OpenAPI document.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::change_password))
        .routes(routes!(profile::validate_token))
        .routes(routes!(profile::show, profile::change))
        .routes(routes!(users::list))
        .routes(routes!(users::show, users::change))
        .routes(routes!(keys::show))
        .routes(routes!(audit::list))
        .route(
            "/internal/users/{id}/authority",
            get(internal::show_authority),
        )
        .route("/internal/events", post(internal::take_events))
        .route("/internal/tick", post(service::jobs::tick))
        .route(
            "/internal/events/redeliver",
            post(service::outbox::redeliver),
        )
        .route("/internal/health", get(internal::health))
}
