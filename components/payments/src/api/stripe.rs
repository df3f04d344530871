//! Stripe's webhooks.

use axum::extract::State;
use db::Db;
use http::{HeaderMap, StatusCode};
use service::openapi::Refusals;
use service::{Context, Problem, RawBody, clock};

use crate::notices;
use crate::stripe::event::Event;
use crate::stripe::signature::{Secrets, SignatureError};

/// Takes an event of Stripe, once, in any order. 400 where the signature is not good; an event that means
/// nothing here is taken too.
#[utoipa::path(post, path = "/webhooks/stripe", tag = "payments",
    request_body(content = Object, description = "An Event of Stripe"),
    params(("Stripe-Signature" = String, Header, description = "`t=…,v1=…`")),
    responses((status = 200, description = "The event is taken"), Refusals))]
pub async fn receive(
    context: Context,
    State(db): State<Db>,
    State(secrets): State<Secrets>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, Problem> {
    let event = verified(&secrets, &headers, &body)?;
    notices::take(&context, &db, event).await?;
    Ok(StatusCode::OK)
}

fn verified(secrets: &Secrets, headers: &HeaderMap, body: &[u8]) -> Result<Event, Problem> {
    let header = headers.get("stripe-signature");
    let header = header.and_then(|value| value.to_str().ok());
    let header = header.ok_or(SignatureError::Unreadable)?;
    secrets.verify(header, body, clock::now_ms() / 1000)?;
    serde_json::from_slice(body).map_err(|error| Problem::malformed().caused_by(error))
}
