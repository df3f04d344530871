//! What the figures of `cargo xtask bench` are compared with: an empty component, 200 without a body on the
//! SDK alone, which costs what the host and the SDK cost; and the SQL of a placed order, which
//! `examples/orders_by_sql` runs natively, with no service around it.

#[cfg(not(target_family = "wasm"))]
pub mod statements;

/// Only wasm exports it: the symbol's name is none that a native linker takes.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(_request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {}
