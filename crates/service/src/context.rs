//! What is true of one request from its first to its last line: ids, language, deadline.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use commerce::Language;
use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, HeaderName};
use http::request::Parts;
use uuid::Uuid;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// How long a request may take before its answer is 504.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Travels in the extensions of the request, and with every call to a peer.
#[derive(Clone, Debug)]
pub struct Context {
    pub language: Language,
    pub(crate) request_id: String,
    /// W3C Trace Context: 32 hexadecimal digits that every service of one request shares.
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) started: Instant,
}

impl Context {
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        let language = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .map_or(Language::French, Language::from_accept_language);
        Self {
            language,
            request_id: given_request_id(headers)
                .unwrap_or_else(|| crate::fresh_uuid().to_string()),
            trace_id: given_trace_id(headers)
                .unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
            span_id: Uuid::new_v4().simple().to_string().split_off(16),
            started: Instant::now(),
        }
    }

    /// The same request with time of its own, for work that goes on after its answer.
    pub(crate) fn renewed(self) -> Self {
        Self {
            started: Instant::now(),
            ..self
        }
    }

    /// The header that joins a peer's spans to ours.
    pub(crate) fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.trace_id, self.span_id)
    }

    /// What is left of the request's time.
    pub fn time_left(&self) -> Duration {
        DEADLINE.saturating_sub(self.started.elapsed())
    }
}

/// The id a proxy gave, if it is short and plain enough to log.
fn given_request_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ((1..=64).contains(&given.len()) && given.bytes().all(plain)).then(|| given.to_owned())
}

/// `00-<32 hex>-<16 hex>-<2 hex>`, of which the first is kept.
fn given_trace_id(headers: &HeaderMap) -> Option<String> {
    let mut parts = headers.get(TRACEPARENT)?.to_str().ok()?.split('-');
    let (_version, trace_id) = (parts.next()?, parts.next()?);
    let good = trace_id.len() == 32
        && trace_id
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        && trace_id.bytes().any(|b| b != b'0');
    good.then(|| trace_id.to_owned())
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Context>()
            .cloned()
            .unwrap_or_else(|| Context::new(&parts.headers)))
    }
}
