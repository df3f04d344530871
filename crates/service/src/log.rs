//! One line of JSON a request on standard output, and warnings in between. No query string, no header,
//! no body: nothing that is about a person or secret.

use std::io::Write as _;
use std::time::Instant;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::clock::now_ms;
use crate::context::Context;
use crate::problem::Problem;

pub(crate) struct Line<'a> {
    pub context: &'a Context,
    pub service: &'static str,
    pub method: &'a Method,
    pub path: &'a str,
    pub status: StatusCode,
    pub problem: Option<&'a Problem>,
}

impl Line<'_> {
    pub(crate) fn write(&self) {
        let level = match self.status.as_u16() {
            500 | 502 => "error",
            503 | 504 => "warn",
            _ => "info",
        };
        let mut line = json!({
            "time": now_ms(),
            "level": level,
            "service": self.service,
            "request_id": self.context.request_id,
            "trace_id": self.context.trace_id,
            "span_id": self.context.span_id,
            "method": self.method.as_str(),
            "path": self.path,
            "status": self.status.as_u16(),
            "duration_us": micros(self.context.started),
        });
        if let (Some(problem), Value::Object(members)) = (self.problem, &mut line) {
            members.insert("code".into(), problem.code().into());
            if let Some(cause) = problem.causes() {
                members.insert("cause".into(), cause.into());
            }
        }
        put(&line);
    }
}

/// Says that something went wrong which the client was spared.
pub fn warn(context: &Context, message: &str, cause: &dyn std::error::Error) {
    let line = json!({
        "time": now_ms(),
        "level": "warn",
        "request_id": context.request_id,
        "trace_id": context.trace_id,
        "message": message,
        "cause": chain(cause),
    });
    put(&line);
}

/// A log that cannot be written stops no request: `println!` would panic, and end every one of the instance.
fn put(line: &Value) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// An error and what it comes from, to the root.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
