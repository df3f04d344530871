//! The HTTP interface of the cart service.

mod cart;
mod internal;
mod items;
mod merge;
mod shopper;

use service::openapi::{OpenApiRouter, routes};
use service::{Group, Service};

use crate::App;

/// As the entry of its requests knows it. A new cart of a guest is counted as `carts` beside that.
pub const SERVICE: Service = Service::new(
    "cart",
    &[Group::of("POST", "/api/cart/merge").at_the_door()],
);

/// Every route, with its part of the OpenAPI document.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(cart::show))
        .routes(routes!(items::add, items::replace, items::clear))
        .routes(routes!(items::change, items::remove))
        .routes(routes!(merge::merge))
        .merge(internal::router())
}
