//! What every HTTP service of Comptoir needs, and no service's own nouns: the way from a Spin request
//! through an axum router to an answer, problems, who is asking, idempotency, lists, conditional
//! requests, limits, calls to other services, settings, logs.
//!
//! A component's entry point is one line: `service::serve(NAME, request, build)`.

pub mod accept;
mod address;
mod arrival;
pub mod audit;
pub mod auth;
pub mod authority;
mod background;
mod breaker;
mod caching;
pub mod clock;
pub mod conditional;
mod context;
mod cors;
#[cfg(not(target_family = "wasm"))]
mod described;
mod entry;
pub mod handler;
pub mod headers;
mod health;
mod house;
pub mod idempotency;
pub mod jobs;
pub mod json;
#[cfg(target_family = "wasm")]
mod lean;
mod limits;
mod log;
pub mod metrics;
pub mod openapi;
pub mod outbox;
pub mod outgoing;
pub mod page;
mod path;
mod patience;
pub mod peer;
pub mod problem;
pub mod proxies;
mod query;
mod service;
pub mod settings;
mod shared;
mod statuses;
pub mod table;
mod viewer;
pub mod web_page;

pub use address::ClientAddress;
pub use audit::{Author, Deed};
pub use auth::{
    AccountEmail, Admin, Caller, Client, KnownService, Role, Seller, ServiceToken, Supplier,
    TokenGeneration, Tokens,
};
pub use background::{afterwards, pause};
pub use conditional::{Asked, Condition, IfMatch, Resource};
pub use context::Context;
pub use entry::{Body, serve};
pub use health::{Health, Status};
pub use idempotency::IdempotencyKey;
pub use jobs::{Done, Job, Jobs, Pace, Turn};
pub use json::{Json, JsonBody, RawBody, read_json};
pub use limits::{Budget, Level, count_address};
pub use log::warn;
pub use page::{List, Page};
pub use path::Path;
pub use patience::within;
pub use peer::{Peer, PeerError};
pub use problem::{Invalid, Problem};
pub use query::Query;
pub use service::{Group, Service};
pub use settings::Settings;
pub use viewer::Viewer;
pub use web_page::WebPage;

/// A fresh id for a row: a UUID of version 7, so that rows are inserted in the order of their keys.
pub fn fresh_uuid() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
