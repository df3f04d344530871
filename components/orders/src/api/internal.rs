//! What only other services and schedulers ask.

use axum::extract::State;
use cache::Cache;
use db::Db;
use serde::Serialize;
use service::{Context, Health, Json, Problem, ServiceToken};

use crate::catalog::Catalog;
use crate::expiry;

pub async fn health(_: ServiceToken, State(db): State<Db>, State(cache): State<Cache>) -> Health {
    Health::of(Some(&db), Some(&cache)).await
}

/// What a sweep did.
#[derive(Serialize)]
pub struct Swept {
    expired_orders: usize,
}

/// Closes unpaid orders past their time and removes answers that are kept no longer.
pub async fn sweep(
    _: ServiceToken,
    context: Context,
    State(db): State<Db>,
    State(catalog): State<Catalog>,
) -> Result<Json<Swept>, Problem> {
    let expired_orders = expiry::sweep(&context, &db, &catalog).await?;
    Ok(Json(Swept { expired_orders }))
}
