//! What stands before localstripe and does with `Idempotency-Key` what Stripe documents
//! (<https://docs.stripe.com/api/idempotent_requests>): the first answer to a POST with a key, whatever its
//! status, is the answer to every later one with that key (`Idempotent-Replayed: true`); the same key with
//! another path or body is refused (400 `idempotency_error`); a second one while the first is running is
//! refused too (409 `idempotency_key_in_use`). Whatever carries no key is passed through.
//!
//! It can also be told to be unreliable, for every request or for those that a test picks:
//!
//! - [`StripeProxy::lose_answers`]: the next ones arrive and are carried out, and their answers are lost;
//! - [`StripeProxy::lose_requests`]: the next ones do not even arrive;
//! - [`StripeProxy::cut`]: nothing passes, until it is mended;
//! - [`StripeProxy::delay`]: each one waits for so long before it is carried out. What has arrived is carried
//!   out even if whoever asked is gone.
//!
//! [`StripeProxy::beyond`] is what it adds to localstripe. [`StripeProxy::calls`] lists what was asked. It listens on a free port of 127.0.0.1 and ends when dropped.

mod beyond;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use beyond::Beyond;

/// A request that arrived here, as tests count them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub method: String,
    /// Such as `/v1/refunds`, without its query.
    pub path: String,
    pub key: Option<String>,
    /// Whether it was answered without asking Stripe, because its key was known.
    pub replayed: bool,
}

#[derive(Debug)]
pub struct StripeProxy {
    /// Instead of Stripe's: `http://127.0.0.1:…`, without a slash at its end.
    pub url: String,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    upstream: String,
    client: reqwest::Client,
    keys: Mutex<HashMap<String, Known>>,
    faults: Mutex<Faults>,
    calls: Mutex<Vec<Call>>,
    beyond: Beyond,
}

/// What is known of a key.
#[derive(Clone, Debug)]
struct Known {
    /// The path and the body that it came with.
    request: (String, Bytes),
    /// None while the first request is running.
    answer: Option<Answer>,
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    content_type: Option<hyper::header::HeaderValue>,
    body: Bytes,
}

#[derive(Debug, Default)]
struct Faults {
    lost_answers: Vec<Picked>,
    lost_requests: Vec<Picked>,
    is_cut: bool,
    delay: Duration,
}

/// So many requests of a method to paths that begin so.
#[derive(Debug)]
struct Picked {
    method: Method,
    path: String,
    count: usize,
}

/// Ends the connection without an answer.
#[derive(Debug)]
struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("lost on purpose")
    }
}

impl std::error::Error for Lost {}

impl StripeProxy {
    /// Begins to listen, for a Stripe at `upstream`.
    pub async fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            upstream: upstream.to_owned(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            keys: Mutex::default(),
            faults: Mutex::default(),
            calls: Mutex::default(),
            beyond: Beyond::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self {
            url,
            state,
            accepting,
        }
    }

    /// The next `count` requests of this method to paths that begin so are carried out, and not answered.
    pub fn lose_answers(&self, method: Method, path: &str, count: usize) {
        let picked = Picked::new(method, path, count);
        self.state.faults.lock().unwrap().lost_answers.push(picked);
    }

    /// The next `count` requests of this method to paths that begin so are neither carried out nor answered.
    pub fn lose_requests(&self, method: Method, path: &str, count: usize) {
        let picked = Picked::new(method, path, count);
        self.state.faults.lock().unwrap().lost_requests.push(picked);
    }

    /// Nothing passes while it is cut.
    pub fn cut(&self, is_cut: bool) {
        self.state.faults.lock().unwrap().is_cut = is_cut;
    }

    /// From now on each request waits for so long before it is carried out.
    pub fn delay(&self, delay: Duration) {
        self.state.faults.lock().unwrap().delay = delay;
    }

    /// What it adds to localstripe.
    pub fn beyond(&self) -> &Beyond {
        &self.state.beyond
    }

    /// What was asked so far, those that were lost included.
    pub fn calls(&self) -> Vec<Call> {
        self.state.calls.lock().unwrap().clone()
    }
}

impl Drop for StripeProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let serve = service_fn(move |request| pass(Arc::clone(&state), request));
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new();
            // A request that is lost ends its connection, which is what was wanted.
            connection
                .serve_connection(TokioIo::new(stream), serve)
                .await
                .ok();
        });
    }
}

async fn pass(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Lost> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
    let path = parts.uri.path().to_owned();
    let target = parts
        .uri
        .path_and_query()
        .map_or_else(|| path.clone(), ToString::to_string);
    let key = key_of(&parts.method, &parts.headers);
    let mut call = Call {
        method: parts.method.to_string(),
        path: path.clone(),
        key: key.clone(),
        replayed: false,
    };
    if state.loses_request(&parts.method, &path) {
        state.calls.lock().unwrap().push(call);
        return Err(Lost);
    }
    let known = key
        .as_ref()
        .and_then(|key| state.begin(key, &target, &body));
    call.replayed = known.is_some();
    state.calls.lock().unwrap().push(call);
    let response = match known {
        Some(response) => response,
        None => {
            // What has arrived is carried out, whether or not somebody still waits for it.
            let (state, method) = (Arc::clone(&state), parts.method.clone());
            let carried_out = tokio::spawn(async move {
                let delay = state.faults.lock().unwrap().delay;
                tokio::time::sleep(delay).await;
                let answer = state.ask(method, &target, &parts.headers, body).await;
                if let Some(key) = &key {
                    state.end(key, answer.clone());
                }
                answer
            });
            let answer = carried_out.await.map_err(|_| Lost)?;
            answer.ok_or(Lost)?.response(false)
        }
    };
    if state.loses_answer(&parts.method, &path) {
        return Err(Lost);
    }
    Ok(response)
}

fn key_of(method: &Method, headers: &HeaderMap) -> Option<String> {
    let key = headers.get("idempotency-key")?.to_str().ok()?;
    (method == Method::POST).then(|| key.to_owned())
}

impl State {
    /// The answer that a known key has, or nothing and a note that its first request is running.
    fn begin(&self, key: &str, target: &str, body: &Bytes) -> Option<Response<Full<Bytes>>> {
        let mut keys = self.keys.lock().unwrap();
        let request = (target.to_owned(), body.clone());
        let Some(known) = keys.get(key) else {
            let answer = None;
            keys.insert(key.to_owned(), Known { request, answer });
            return None;
        };
        Some(match &known.answer {
            _ if known.request != request => refusal(
                StatusCode::BAD_REQUEST,
                r#"{"error": {"type": "idempotency_error",
                    "message": "Keys can only be used with the same parameters."}}"#,
            ),
            Some(answer) => answer.clone().response(true),
            None => refusal(
                StatusCode::CONFLICT,
                r#"{"error": {"type": "invalid_request_error", "code": "idempotency_key_in_use",
                    "message": "There is another request in progress with this key."}}"#,
            ),
        })
    }

    /// Keeps the answer for the key; a request that never reached Stripe leaves none.
    fn end(&self, key: &str, answer: Option<Answer>) {
        let mut keys = self.keys.lock().unwrap();
        match (answer, keys.get_mut(key)) {
            (Some(answer), Some(known)) => known.answer = Some(answer),
            (Some(_), None) => {}
            (None, _) => {
                keys.remove(key);
            }
        }
    }

    async fn ask(
        &self,
        method: Method,
        target: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Option<Answer> {
        let path = target.split('?').next().unwrap_or_default();
        if let Some((status, body)) = self.beyond.answer(&method, path) {
            return Some(Answer {
                status,
                content_type: None,
                body: body.to_string().into(),
            });
        }
        let mut headers = headers.clone();
        for name in [HOST, CONTENT_LENGTH, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        let request = self
            .client
            .request(method.clone(), format!("{}{target}", self.upstream))
            .headers(headers)
            .body(body);
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let content_type = answer.headers().get(CONTENT_TYPE).cloned();
        let body = answer.bytes().await.ok()?;
        Some(Answer {
            status,
            content_type,
            body: self.beyond.amend(&method, path, body),
        })
    }

    fn loses_request(&self, method: &Method, path: &str) -> bool {
        let mut faults = self.faults.lock().unwrap();
        faults.is_cut || picks(&mut faults.lost_requests, method, path)
    }

    fn loses_answer(&self, method: &Method, path: &str) -> bool {
        let mut faults = self.faults.lock().unwrap();
        faults.is_cut || picks(&mut faults.lost_answers, method, path)
    }
}

impl Picked {
    fn new(method: Method, path: &str, count: usize) -> Self {
        Self {
            method,
            path: path.to_owned(),
            count,
        }
    }
}

/// Whether this request is one of those that were picked; it is counted off.
fn picks(picked: &mut Vec<Picked>, method: &Method, path: &str) -> bool {
    picked.retain(|picked| picked.count > 0);
    let mut matching = picked.iter_mut();
    let found = matching.find(|picked| picked.method == method && path.starts_with(&picked.path));
    found.is_some_and(|picked| {
        picked.count -= 1;
        true
    })
}

impl Answer {
    fn response(self, replayed: bool) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(content_type) = self.content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        if replayed {
            let yes = hyper::header::HeaderValue::from_static("true");
            headers.insert("idempotent-replayed", yes);
        }
        response
    }
}

fn refusal(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let answer = Answer {
        status,
        content_type: None,
        body: Bytes::from_static(body.as_bytes()),
    };
    answer.response(false)
}
