//! Brings a request to the shop until it is answered: again and again with the same key, whenever the
//! answer was lost or the shop could not answer. Sometimes it hangs up before the answer, and sometimes it
//! asks twice at once, because people do.

use std::time::{Duration, Instant};

use fastrand::Rng;
use reqwest::Method;
use serde_json::Value;

use super::report::Rule;
use super::world::{Somebody, World};
use crate::answer::Answer;
use crate::api::Request;

/// The shop gives a request ten seconds; a busy machine is given as much again.
const IN_TIME: Duration = Duration::from_secs(20);

/// Longer than the shop is at work on any request, its own calls included.
const AT_WORK: Duration = Duration::from_secs(14);

/// Answers 500 are asked for again only so often: each is a broken rule already.
const SERVER_ERRORS: usize = 3;

/// In a hundred requests.
const HUNG_UP: u64 = 4;
const DOUBLED: u64 = 5;

/// What somebody wants of the shop.
#[derive(Clone, Debug)]
pub struct Errand {
    method: Method,
    path: String,
    body: Option<Value>,
    key: Option<String>,
}

impl Errand {
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            body: None,
            key: None,
        }
    }

    /// A change, with a key of its own.
    pub fn post(path: impl Into<String>, body: Value, luck: &mut Rng) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            body: Some(body),
            key: Some(format!("{:016x}", luck.u64(..))),
        }
    }

    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    fn request(&self, world: &World, who: &Somebody) -> Request {
        let api = who.api(world);
        let mut request = api.request(self.method.clone(), &self.path);
        if let Some(key) = &self.key {
            request = request.key(key);
        }
        match &self.body {
            Some(body) => request.json(body.clone()),
            None => request,
        }
    }
}

/// An answer that says how it is.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// Of the problem, where it is one.
    pub code: String,
    pub body: Value,
}

impl Reply {
    fn of(answer: &Answer) -> Self {
        let body: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
        let code = body.get("code").and_then(Value::as_str);
        Self {
            status: answer.status,
            code: code.unwrap_or_default().to_owned(),
            body,
        }
    }

    /// Whether there will be another answer later.
    fn is_passing(&self) -> bool {
        match self.status {
            429 | 500 | 502 | 503 | 504 => true,
            409 => self.code == "idempotency-key-in-flight",
            _ => false,
        }
    }

    fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status) && !self.is_passing()
    }

    pub fn text(&self, pointer: &str) -> &str {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_default()
    }

    pub fn amount(&self, pointer: &str) -> i64 {
        let found = self.body.pointer(pointer).and_then(Value::as_i64);
        found.unwrap_or_default()
    }
}

/// What came of sending a request.
struct Attempt {
    reply: Option<Reply>,
    /// Whether the shop may still be at work on it.
    is_in_flight: bool,
}

impl Attempt {
    fn of(reply: Option<Reply>) -> Self {
        let is_in_flight = reply.as_ref().is_none_or(Reply::is_passing);
        Self {
            reply,
            is_in_flight,
        }
    }
}

impl World {
    /// Asks until there is an answer; none if the day ends before.
    pub async fn ask(&self, who: &Somebody, errand: &Errand, luck: &mut Rng) -> Option<Reply> {
        let mut server_errors = 0;
        let mut pause = Duration::from_millis(50);
        // When it was last sent without an answer: it may still be carried out.
        let mut in_flight: Option<Instant> = None;
        self.report.count("requests");
        loop {
            let sent = Instant::now();
            let attempt = self.attempt(who, errand, luck).await;
            if let Some(reply) = attempt.reply {
                server_errors += usize::from(reply.status == 500);
                if !reply.is_passing() || server_errors == SERVER_ERRORS {
                    let Some(begun) = in_flight.take().filter(|_| reply.is_refusal()) else {
                        return Some(reply);
                    };
                    // A refusal does not speak for an earlier request that is still on its way.
                    self.report.count("refusals asked for again");
                    tokio::time::sleep(AT_WORK.saturating_sub(begun.elapsed())).await;
                    continue;
                }
            }
            if attempt.is_in_flight {
                in_flight = Some(sent);
            }
            if !self.is_patient() {
                let how = format!("{} {}", errand.method, errand.path);
                self.report.broken(Rule::EveryRequestIsAnswered, how);
                return None;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
            self.report.count("requests sent again");
        }
    }

    async fn attempt(&self, who: &Somebody, errand: &Errand, luck: &mut Rng) -> Attempt {
        let chance = luck.u64(..100);
        let request = self.send(who, errand);
        if chance < HUNG_UP {
            let patience = Duration::from_millis(luck.u64(1..60));
            let answer = tokio::time::timeout(patience, request).await;
            if answer.is_err() {
                self.report.count("answers not waited for");
            }
            return Attempt::of(answer.ok().flatten());
        }
        if chance < HUNG_UP + DOUBLED && errand.key.is_some() {
            self.report.count("requests sent twice at once");
            let (one, other) = tokio::join!(request, self.send(who, errand));
            let (one, other) = (Attempt::of(one), Attempt::of(other));
            let is_in_flight = one.is_in_flight || other.is_in_flight;
            let mut replies = [one.reply, other.reply].into_iter().flatten();
            // One that is done says how it is; a refusal does only if the other is refused too.
            let done = replies.clone().find(|reply| reply.status < 300);
            let reply = done.or_else(|| replies.find(|reply| !reply.is_passing()));
            return Attempt {
                reply,
                is_in_flight,
            };
        }
        Attempt::of(request.await)
    }

    /// Sends it once; none where the answer was lost.
    async fn send(&self, who: &Somebody, errand: &Errand) -> Option<Reply> {
        let (begun, was_calm) = (Instant::now(), self.is_calm());
        let answer = errand.request(self, who).attempt().await;
        let took = begun.elapsed();
        if took > IN_TIME {
            let how = format!(
                "{} {} took {} ms: {}",
                errand.method,
                errand.path,
                took.as_millis(),
                answer.as_ref().map_or(0, |answer| answer.status)
            );
            self.report.broken(Rule::NothingHangs, how);
        }
        let Ok(answer) = answer else {
            self.report.count("answers lost");
            return None;
        };
        let how = || format!("{} {}: {}", errand.method, errand.path, answer.text());
        match answer.status {
            500 => self.report.broken(Rule::NoServerError, how()),
            429 => self.report.count("answered 429"),
            502 => self.report.count("answered 502"),
            503 => self.report.count("answered 503"),
            504 => self.report.count("answered 504"),
            _ => {}
        }
        if matches!(answer.status, 502..=504) && was_calm && self.is_calm() {
            self.report.broken(Rule::CalmAnswers, how());
        }
        Some(Reply::of(&answer))
    }

    /// An answer that the errand cannot have.
    pub fn surprised(&self, errand: &Errand, reply: &Reply) {
        if reply.status != 500 {
            let Reply { status, body, .. } = reply;
            let how = format!("{} {}: {status} {body}", errand.method, errand.path);
            self.report.broken(Rule::OnlyExpectedAnswers, how);
        }
    }
}
