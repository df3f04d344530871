//! The local host: serves this project's `spin.toml` with the meaning Spin 4.1 gives it, where the
//! `spin` command is not installed.
//!
//! It owns the same interfaces, conversions, limits and errors as Spin, so that what passes here
//! runs there. It promises no more than Spin: where the two differ, Spin is right. Whatever it
//! cannot honour in a manifest it refuses by name.

pub mod allowed_hosts;
pub mod application;
pub mod arguments;
pub mod cache;
pub mod chaining;
pub mod connection;
pub mod engine;
pub mod imports;
pub mod instances;
pub mod limits;
pub mod log;
pub mod manifest;
pub mod refusal;
pub mod requests;
pub mod routes;
pub mod runtime_config;
pub mod server;
pub mod shutdown;
pub mod state;
pub mod variables;
