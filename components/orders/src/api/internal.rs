//! What only other services and schedulers ask.

use axum::extract::State;
use cache::Cache;
use db::Db;
use service::{Context, Health, Json, Problem, ServiceToken};

use crate::App;
use crate::tick::{self, Done};

pub async fn health(_: ServiceToken, State(db): State<Db>, State(cache): State<Cache>) -> Health {
    Health::of(Some(&db), Some(&cache)).await
}

/// Does what is due.
pub async fn tick(
    _: ServiceToken,
    context: Context,
    State(app): State<App>,
) -> Result<Json<Done>, Problem> {
    Ok(Json(tick::tick(&context, &app).await?))
}
