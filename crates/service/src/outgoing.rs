//! One request to somewhere else: sent, and its answer read, within a time.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};

use crate::patience::within;

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
    let answer = within(patience, exchange(request)).await;
    answer.unwrap_or(Err(SendError::TooSlow))
}

/// The same for an answer of which only the status and the headers count. Its body is not read: whoever it
/// comes from may be nobody that is trusted with our memory.
pub async fn send_for_head(
    request: Request<Bytes>,
    patience: Duration,
) -> Result<Response<()>, SendError> {
    let head = async { Ok(begin(request).await?.map(drop)) };
    let answer = within(patience, head).await;
    answer.unwrap_or(Err(SendError::TooSlow))
}

fn failed(error: impl std::fmt::Display) -> SendError {
    SendError::Failed(error.to_string())
}

/// The host knows the length of no body, and would send each in chunks of `Transfer-Encoding`: receivers behind
/// WSGI or PHP-FPM see an empty one then. So the length is said here.
async fn begin(mut request: Request<Bytes>) -> Result<spin_sdk::http::Response, SendError> {
    let length = request.body().len();
    let takes_body = !request.method().is_safe() || length > 0;
    if takes_body {
        let length = HeaderValue::from(length);
        request.headers_mut().insert(CONTENT_LENGTH, length);
    }
    let sending = spin_sdk::http::send(request.map(Full::new));
    polled_twice(sending).await.map_err(failed)
}

/// The future, polled again at once where it is not ready. It spawns the future that writes the body, and wit-bindgen
/// (0.57) polls what is spawned with the next poll of the request and not before: where nothing else brings that about,
/// the body is not written until somebody gives up waiting for it.
async fn polled_twice<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut is_first = true;
    poll_fn(|context| {
        let polled = future.as_mut().poll(context);
        if polled.is_pending() && std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
        }
        polled
    })
    .await
}

async fn exchange(request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
    let (parts, body) = begin(request).await?.into_parts();
    let body = Limited::new(body, ANSWER_LIMIT)
        .collect()
        .await
        .map_err(failed)?
        .to_bytes();
    Ok(Response::from_parts(parts, body))
}
