//! What is true of one request from its first to its last line: ids, language, deadline.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use commerce::Language;
use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, HeaderName};
use http::request::Parts;
use uuid::Uuid;

use crate::authority::Known;
use crate::headers;
use crate::house::House;
use crate::limits::Standing;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What is left of a request's time, in milliseconds: from one service to the next.
pub(crate) const TIME_LEFT: HeaderName = HeaderName::from_static("comptoir-time-left");

/// How long work that goes on after an answer may take.
const AFTERWARDS: Duration = Duration::from_secs(10);

/// Travels in the extensions of the request, and with every call to a peer.
#[derive(Clone, Debug)]
pub struct Context {
    pub language: Language,
    pub(crate) request_id: String,
    /// W3C Trace Context: 32 hexadecimal digits that every service of one request shares.
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) started: Instant,
    /// How long it may take, from its start.
    allowed: Duration,
    /// None in a test that has no house.
    house: Option<Arc<House>>,
    learned: Arc<Mutex<Learned>>,
}

/// What is learned of a request on its way, for its answer and for what is measured.
#[derive(Debug, Default)]
struct Learned {
    /// As it was written down, where there is one.
    route: Option<Arc<str>>,
    /// Where it stands with the limits that it has met.
    standings: Vec<Standing>,
    /// What Redis knows of the account of whoever asks, if it was asked.
    authority: Option<Option<Known>>,
    /// Whether it came with a token that is not good, and was answered as a stranger's.
    refused_token: bool,
}

impl Context {
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        let language = headers::list(headers, ACCEPT_LANGUAGE).map_or(Language::French, |wanted| {
            Language::from_accept_language(&wanted)
        });
        Self {
            language,
            request_id: given_request_id(headers)
                .unwrap_or_else(|| crate::fresh_uuid().to_string()),
            trace_id: given_trace_id(headers)
                .unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
            span_id: Uuid::new_v4().simple().to_string().split_off(16),
            started: Instant::now(),
            allowed: AFTERWARDS,
            house: None,
            learned: Arc::default(),
        }
    }

    /// Says in which house the request is, and so how long it may take: what another service leaves it, if
    /// that is less. Nobody else is asked.
    pub(crate) fn enter(&mut self, house: &Arc<House>, headers: &HeaderMap) {
        self.allowed = match given_time(headers) {
            Some(given) if house.service_token.is_shown(headers) => given.min(house.deadline),
            _ => house.deadline,
        };
        self.house = Some(Arc::clone(house));
    }

    pub(crate) fn house(&self) -> Option<&House> {
        self.house.as_deref()
    }

    /// Has the answer say where the request stands with a limit.
    pub(crate) fn tell(&self, standing: Standing) {
        if let Ok(mut learned) = self.learned.lock() {
            // What was counted last under a policy is what is left of it.
            let others = |known: &Standing| known.policy.name != standing.policy.name;
            learned.standings.retain(others);
            learned.standings.push(standing);
        }
    }

    pub(crate) fn standings(&self) -> Vec<Standing> {
        let learned = self.learned.lock();
        learned.map_or_else(|_| Vec::new(), |learned| learned.standings.clone())
    }

    pub(crate) fn note_authority(&self, known: Option<Known>) {
        if let Ok(mut learned) = self.learned.lock() {
            learned.authority = Some(known);
        }
    }

    pub(crate) fn authority(&self) -> Option<Option<Known>> {
        self.learned.lock().ok()?.authority
    }

    pub(crate) fn note_refused_token(&self) {
        if let Ok(mut learned) = self.learned.lock() {
            learned.refused_token = true;
        }
    }

    pub(crate) fn has_refused_token(&self) -> bool {
        self.learned
            .lock()
            .is_ok_and(|learned| learned.refused_token)
    }

    pub(crate) fn note_route(&self, route: Arc<str>) {
        if let Ok(mut learned) = self.learned.lock() {
            learned.route = Some(route);
        }
    }

    pub(crate) fn route(&self) -> Option<Arc<str>> {
        self.learned.lock().ok()?.route.clone()
    }

    /// The same request with time of its own, for work that goes on after its answer.
    pub(crate) fn renewed(self) -> Self {
        Self {
            started: Instant::now(),
            allowed: AFTERWARDS,
            ..self
        }
    }

    /// The same request with no more than this of its time left, for a part of it that may fail.
    pub(crate) fn shortened(&self, time: Duration) -> Self {
        Self {
            allowed: self.allowed.min(self.started.elapsed() + time),
            ..self.clone()
        }
    }

    /// The header that joins a peer's spans to ours.
    pub(crate) fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.trace_id, self.span_id)
    }

    /// Whether somebody waits for it: work that goes on after an answer has longer than a request.
    pub(crate) fn is_awaited(&self) -> bool {
        let deadline = self.house().map(|house| house.deadline);
        deadline.is_none_or(|deadline| self.allowed <= deadline)
    }

    /// What is left of the request's time.
    pub fn time_left(&self) -> Duration {
        self.allowed.saturating_sub(self.started.elapsed())
    }

    /// What a peer may take of it: no longer than a request may, and a tenth is kept to answer with.
    pub(crate) fn time_for_peer(&self) -> Duration {
        let most = self.house().map_or(AFTERWARDS, |house| house.deadline);
        self.time_left().min(most) * 9 / 10
    }
}

/// The id a proxy gave, if it is short and plain enough to log.
fn given_request_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ((1..=64).contains(&given.len()) && given.bytes().all(plain)).then(|| given.to_owned())
}

fn given_time(headers: &HeaderMap) -> Option<Duration> {
    let given = headers.get(TIME_LEFT)?.to_str().ok()?;
    given.parse().ok().map(Duration::from_millis)
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
