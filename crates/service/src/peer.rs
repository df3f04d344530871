//! Calls to another service: one base URL, the service token, the request's trace and what is left of its
//! time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::auth::{SERVICE_TOKEN, ServiceToken};
use crate::context::{Context, REQUEST_ID, TRACEPARENT};
use crate::outgoing::{self, SendError};
use crate::problem::Problem;

/// How long a peer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a peer gave no answer that could be used.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// It could not be reached, or said that it cannot answer now: nothing is known to have happened.
    #[error("{peer} is unavailable: {reason}")]
    Unavailable { peer: &'static str, reason: String },
    /// It did not answer in time: what was asked may still happen.
    #[error("{peer} took too long")]
    TooSlow { peer: &'static str },
    /// It answered something that it should not.
    #[error("{peer} answered badly: {reason}")]
    Bad { peer: &'static str, reason: String },
}

impl From<PeerError> for Problem {
    fn from(error: PeerError) -> Self {
        match error {
            PeerError::Unavailable { .. } => Self::unavailable(error),
            PeerError::TooSlow { .. } => Self::gateway_timeout(error),
            PeerError::Bad { .. } => Self::bad_gateway(error),
        }
    }
}

/// Another service of the house.
#[derive(Clone, Debug)]
pub struct Peer {
    name: &'static str,
    base_url: Arc<str>,
    token: ServiceToken,
}

/// A peer's answer: its status and its whole body.
#[derive(Debug)]
pub struct PeerAnswer {
    pub status: StatusCode,
    peer: &'static str,
    body: Bytes,
}

impl PeerAnswer {
    /// The body as its wire type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PeerError> {
        serde_json::from_slice(&self.body).map_err(|error| PeerError::Bad {
            peer: self.peer,
            reason: error.to_string(),
        })
    }

    /// The error for a status that the caller has no meaning for.
    pub fn unexpected(&self) -> PeerError {
        let reason = format!("status {}", self.status.as_u16());
        match self.status.as_u16() {
            503 => PeerError::Unavailable {
                peer: self.peer,
                reason,
            },
            504 => PeerError::TooSlow { peer: self.peer },
            _ => PeerError::Bad {
                peer: self.peer,
                reason,
            },
        }
    }
}

impl Peer {
    pub fn new(name: &'static str, base_url: &str, token: ServiceToken) -> Self {
        Self {
            name,
            base_url: base_url.trim_end_matches('/').into(),
            token,
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Sends a request and reads the whole answer, within the time that is left.
    pub async fn send<B: Serialize>(
        &self,
        context: &Context,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<PeerAnswer, PeerError> {
        let body = body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|error| self.bad(error))?;
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header(ACCEPT, "application/*")
            .header(CONTENT_TYPE, "application/json")
            .header(SERVICE_TOKEN, &*self.token.0)
            .header(REQUEST_ID, &context.request_id)
            .header(TRACEPARENT, context.traceparent())
            .body(Bytes::from(body.unwrap_or_default()))
            .map_err(|error| self.bad(error))?;
        let answer = outgoing::send(request, PATIENCE.min(context.time_left()))
            .await
            .map_err(|error| self.unanswered(error))?;
        Ok(PeerAnswer {
            status: answer.status(),
            peer: self.name,
            body: answer.into_body(),
        })
    }

    fn unanswered(&self, error: SendError) -> PeerError {
        match error {
            SendError::Failed(reason) => PeerError::Unavailable {
                peer: self.name,
                reason,
            },
            SendError::TooSlow => PeerError::TooSlow { peer: self.name },
        }
    }

    fn bad(&self, reason: impl ToString) -> PeerError {
        PeerError::Bad {
            peer: self.name,
            reason: reason.to_string(),
        }
    }
}
