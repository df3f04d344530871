//! One request to somewhere else: sent, and its whole answer read, within a time.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};

/// The largest answer that is read.
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection, or one that broke: whether the request arrived is not known.
    #[error("{0}")]
    Failed(String),
    /// Not in time: what was asked may still happen.
    #[error("no answer in time")]
    TooSlow,
}

/// Sends a request and waits for its answer, but no longer than `patience`. Redirects are not followed.
pub async fn send(
    request: Request<Bytes>,
    patience: Duration,
) -> Result<Response<Bytes>, SendError> {
    let exchange = pin!(exchange(request));
    let patience = pin!(spin_sdk::time::sleep(patience));
    match select(exchange, patience).await {
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => Err(SendError::TooSlow),
    }
}

async fn exchange(request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
    let failed = |error: &dyn std::fmt::Display| SendError::Failed(error.to_string());
    let response = spin_sdk::http::send(request.map(Full::new))
        .await
        .map_err(|error| failed(&error))?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, ANSWER_LIMIT)
        .collect()
        .await
        .map_err(|error| failed(&error))?
        .to_bytes();
    Ok(Response::from_parts(parts, body))
}
