//! The shop's HTTP API as the demo speaks it: JSON both ways, several connections, and an answer
//! that is not a success told with its problem document. Patient where it is asked to come back later.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Request, Response};

/// How often a request is sent again that the rate limit refused, or a service that could not answer just then.
const ATTEMPTS: u32 = 10;
const LIMIT: Duration = Duration::from_secs(60);
/// Too many requests, no service at the moment, no answer in time: the same request may pass later, and every
/// request of the demo may be sent again.
const FOR_NOW: [u16; 3] = [429, 503, 504];

#[derive(Debug)]
pub struct Client {
    agent: Agent,
    url: String,
    service_token: Option<String>,
    sent: AtomicU64,
}

/// One request; what is not said is not sent.
#[derive(Clone, Debug, Default)]
pub struct Call<'a> {
    pub method: &'static str,
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub idempotency_key: Option<&'a str>,
    pub if_match: Option<&'static str>,
    pub body: Option<Value>,
}

impl Client {
    pub fn new(url: &str, connections: usize) -> Self {
        let configuration = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT))
            .max_idle_connections(connections)
            .max_idle_connections_per_host(connections)
            .build();
        let url = url.trim_end_matches('/').to_owned();
        Self {
            agent: configuration.into(),
            url,
            service_token: None,
            sent: AtomicU64::new(0),
        }
    }

    /// The same, as somebody of the house, whose requests nobody counts.
    pub fn trusted(self, service_token: &str) -> Self {
        Self {
            service_token: Some(service_token.to_owned()),
            ..self
        }
    }

    /// How many requests were sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// The body of a success; anything else is an error with the problem document.
    pub fn send(&self, call: &Call<'_>) -> Result<Value> {
        let (status, body) = self.send_any(call)?;
        if !(200..300).contains(&status) {
            bail!(
                "{} {} answered {status}\n{}",
                call.method,
                call.path,
                pretty(&body)
            );
        }
        Ok(body)
    }

    /// Status and body, whatever they are.
    pub fn send_any(&self, call: &Call<'_>) -> Result<(u16, Value)> {
        for _ in 1..ATTEMPTS {
            let (status, wait, body) = self.send_once(call)?;
            if !FOR_NOW.contains(&status) {
                return Ok((status, body));
            }
            std::thread::sleep(wait.unwrap_or(Duration::from_secs(1)));
        }
        self.send_once(call).map(|(status, _, body)| (status, body))
    }

    fn send_once(&self, call: &Call<'_>) -> Result<(u16, Option<Duration>, Value)> {
        let unanswered = || format!("{} {}{} has no answer", call.method, self.url, call.path);
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.url, call.path))
            .header("accept", "application/json, application/problem+json");
        if let Some(token) = &self.service_token {
            request = request.header("comptoir-service-token", token);
        }
        if let Some(token) = call.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if let Some(tag) = call.if_match {
            request = request.header("if-match", tag);
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        let answer = match &call.body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent
                    .run(request.body(body.to_string()).with_context(unanswered)?)
            }
            None => self.agent.run(request.body(()).with_context(unanswered)?),
        };
        let mut answer = answer.with_context(unanswered)?;
        let text = answer
            .body_mut()
            .read_to_string()
            .with_context(unanswered)?;
        // A proxy on the way may answer with something else; it is shown as it is.
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok((answer.status().as_u16(), retry_after(&answer), body))
    }
}

/// The seconds of `Retry-After`, within reason.
fn retry_after<T>(answer: &Response<T>) -> Option<Duration> {
    let seconds: u64 = answer
        .headers()
        .get("retry-after")?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds.clamp(1, 60)))
}

fn pretty(body: &Value) -> String {
    match body {
        Value::String(text) => text.clone(),
        body => serde_json::to_string_pretty(body).unwrap_or_default(),
    }
}
