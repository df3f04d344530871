//! Prints this service's part of the OpenAPI document, for `cargo xtask openapi`.

fn main() -> serde_json::Result<()> {
    serde_json::to_writer(
        std::io::stdout(),
        &comptoir_reports::api::router().to_openapi(),
    )
}
