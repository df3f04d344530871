//! What a scheduler asks.

use axum::extract::State;
use serde_json::Value;
use service::{Context, Json, Problem, ServiceToken};

use crate::peers::Peers;

/// Has every service do what is due: close what is past its time, relay events, send webhooks again.
pub async fn tick(
    _: ServiceToken,
    context: Context,
    State(peers): State<Peers>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(peers.tick(&context).await?))
}
