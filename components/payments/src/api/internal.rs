//! What only other services and schedulers ask.

use axum::extract::State;
use db::Db;
use service::{Health, ServiceToken};

pub async fn health(_: ServiceToken, State(db): State<Db>) -> Health {
    Health::of(Some(&db), None).await
}
