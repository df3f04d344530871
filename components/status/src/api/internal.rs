//! What a scheduler asks.

use axum::extract::State;
use commerce::{BoundedText, EventId};
use serde::Deserialize;
use serde_json::Value;
use service::outbox::Redeliver;
use service::{Context, Json, JsonBody, Problem, ServiceToken};

use crate::peers::Peers;

/// Has every service do what is due: close what is past its time, relay events, send webhooks again.
pub async fn tick(
    _: ServiceToken,
    context: Context,
    State(peers): State<Peers>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(peers.tick(&context).await?))
}

/// Which events are to be sent again: those of all services, or of one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    #[serde(default)]
    service: Option<BoundedText<40>>,
    #[serde(default)]
    consumer: Option<BoundedText<40>>,
    #[serde(default)]
    event_id: Option<EventId>,
}

/// Has services send events again that their consumers had refused.
pub async fn redeliver(
    _: ServiceToken,
    context: Context,
    State(peers): State<Peers>,
    body: JsonBody<Wish>,
) -> Result<Json<Value>, Problem> {
    let Wish {
        service,
        consumer,
        event_id,
    } = body.value;
    let consumer = consumer.map(BoundedText::into_string);
    let which = Redeliver { consumer, event_id };
    let sent = peers
        .redeliver(&context, service.as_deref(), &which)
        .await?;
    Ok(Json(sent))
}
