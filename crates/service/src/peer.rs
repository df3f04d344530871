//! Calls to another service: one base URL, the service token, the request's trace and what is left of its
//! time; and none at all while the peer is known to be away.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::auth::{SERVICE_TOKEN, ServiceToken};
use crate::breaker::{self, Outcome};
use crate::context::{Context, REQUEST_ID, TIME_LEFT, TRACEPARENT};
use crate::outgoing::{self, SendError};
use crate::problem::Problem;
use crate::statuses::DEADLINE_PASSED;

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
    is_guarded: bool,
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

    /// Whether the peer ran out of time, and not somebody whom it asked.
    fn was_too_slow(&self) -> bool {
        #[derive(Deserialize)]
        struct Code {
            code: String,
        }
        let code = || self.json().map(|Code { code }| code);
        self.status == StatusCode::GATEWAY_TIMEOUT
            && code().is_ok_and(|code| code == DEADLINE_PASSED)
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
            is_guarded: true,
        }
    }

    /// The same, asked whatever is known of it: for those who want to know how it is.
    pub fn unguarded(self) -> Self {
        Self {
            is_guarded: false,
            ..self
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
            .map_err(|error| self.bad(error))?
            .unwrap_or_default();
        let request = self.request(context, method, path, body)?;
        self.send_request(context, request).await
    }

    /// Reads something in the name of whoever has this access token.
    pub async fn get_as(
        &self,
        context: &Context,
        path: &str,
        token: &str,
    ) -> Result<PeerAnswer, PeerError> {
        let mut request = self.request(context, Method::GET, path, Vec::new())?;
        let value = HeaderValue::try_from(format!("Bearer {token}"));
        let value = value.map_err(|error| self.bad(error))?;
        request.headers_mut().insert(AUTHORIZATION, value);
        self.send_request(context, request).await
    }

    async fn send_request(
        &self,
        context: &Context,
        request: http::Request<Bytes>,
    ) -> Result<PeerAnswer, PeerError> {
        let time = context.time_for_peer();
        if !self.is_guarded {
            let sent = self.exchange(request, time).await;
            return sent.map_err(|error| self.unanswered(error));
        }
        let call = breaker::begin(context, self.name, time).await;
        let call = call.ok_or_else(|| self.away())?;
        let time = call.patience();
        let sent = self.exchange(request, time).await;
        call.end(context, outcome(&sent)).await;
        sent.map_err(|error| self.unanswered(error))
    }

    /// Asks a question that changes nothing, with `POST`; only 200 answers it.
    pub async fn ask<Q: Serialize, A: DeserializeOwned>(
        &self,
        context: &Context,
        path: &str,
        question: &Q,
    ) -> Result<A, PeerError> {
        let answer = self
            .send(context, Method::POST, path, Some(question))
            .await?;
        match answer.status {
            StatusCode::OK => answer.json(),
            _ => Err(answer.unexpected()),
        }
    }

    fn request(
        &self,
        context: &Context,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<http::Request<Bytes>, PeerError> {
        http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header(ACCEPT, "application/*")
            .header(CONTENT_TYPE, "application/json")
            .header(SERVICE_TOKEN, self.token.shown())
            .header(REQUEST_ID, &context.request_id)
            .header(TRACEPARENT, context.traceparent())
            .body(Bytes::from(body))
            .map_err(|error| self.bad(error))
    }

    async fn exchange(
        &self,
        mut request: http::Request<Bytes>,
        time: Duration,
    ) -> Result<PeerAnswer, SendError> {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let left = HeaderValue::from(milliseconds);
        request.headers_mut().insert(TIME_LEFT, left);
        let answer = outgoing::send(request, time).await?;
        Ok(PeerAnswer {
            status: answer.status(),
            peer: self.name,
            body: answer.into_body(),
        })
    }

    fn away(&self) -> PeerError {
        PeerError::Unavailable {
            peer: self.name,
            reason: "it did not answer lately, and is not asked for a moment".to_owned(),
        }
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

/// How a call has ended, as the peer's circuit hears it. A peer that was too slow may have said so itself,
/// before whoever asked lost patience.
fn outcome(sent: &Result<PeerAnswer, SendError>) -> Outcome {
    match sent {
        Ok(answer) if answer.was_too_slow() => Outcome::TooSlow,
        Ok(_) => Outcome::Answered,
        Err(SendError::Failed(_)) => Outcome::Unreachable,
        Err(SendError::TooSlow) => Outcome::TooSlow,
    }
}
