//! Prints the GraphQL schema of this service, for `cargo xtask openapi`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(comptoir_suppliers::graphql::document().as_bytes())
}
