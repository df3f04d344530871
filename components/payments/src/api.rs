//! The HTTP interface of the payments service.

mod internal;

use axum::routing::get;
use service::openapi::OpenApiRouter;

use crate::App;

/// Every route, with its part of the OpenAPI document; what is only for other services has none.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().route("/internal/health", get(internal::health))
}
