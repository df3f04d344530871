//! Prints what every service's part of the OpenAPI document refers to, for `cargo xtask openapi`.

use comptoir_service::openapi::{FieldDocument, ProblemDocument};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(ProblemDocument, FieldDocument)))]
struct Shared;

fn main() -> serde_json::Result<()> {
    serde_json::to_writer(std::io::stdout(), &Shared::openapi())
}
