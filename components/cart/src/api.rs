//! The HTTP interface of the cart service.

mod cart;
mod internal;
mod items;
mod merge;
mod shopper;

use service::openapi::{OpenApiRouter, routes};

use crate::App;

/// Every route, with its part of the OpenAPI document.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(cart::show))
        .routes(routes!(items::add, items::replace, items::clear))
        .routes(routes!(items::change, items::remove))
        .routes(routes!(merge::merge))
        .merge(internal::router())
}
