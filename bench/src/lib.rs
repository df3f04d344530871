//! An empty component: 200 without a body, on the SDK alone. It costs what the host and the SDK cost,
//! so that `cargo xtask bench` can say what a service adds.

/// Only wasm exports it: the symbol's name is none that a native linker takes.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(_request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {}
