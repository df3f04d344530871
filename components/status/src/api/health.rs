//! Whether the process lives, and whether the house can do its work.

use axum::extract::State;
use cache::Cache;
use service::openapi::Refusals;
use service::{Context, Health};

use crate::peers::Peers;
use crate::readiness;

/// Passes as long as there is somebody to answer.
#[utoipa::path(get, path = "/livez", tag = "status",
    responses((status = 200, content_type = "application/health+json", body = Health), Refusals))]
pub async fn live() -> Health {
    Health::new([])
}

/// The state of every service's database and cache: a second or two old, and at most eleven seconds while they are
/// being asked again. 503 where one fails or a service is silent; `warn` is for whoever runs the shop, and everybody
/// is served.
#[utoipa::path(get, path = "/readyz", tag = "status",
    responses((status = 200, content_type = "application/health+json", body = Health),
        (status = 503, content_type = "application/health+json", body = Health), Refusals))]
pub async fn ready(
    context: Context,
    State(peers): State<Peers>,
    State(cache): State<Cache>,
) -> Health {
    readiness::find(&context, &cache, &peers).await
}
