//! What is measured. An instance counts in its memory; soon after an answer it adds what is new to one hash of
//! Redis, in one step, where the counts of all instances meet. A request costs no round trip of its own.
//!
//! The fields of the hash are series as Prometheus writes them, the values whole numbers: a sum of seconds is
//! kept in microseconds. What an instance has not handed over when it dies is lost, and so is everything when
//! Redis loses it: Prometheus knows a counter that begins anew. Nothing here is about a person.

mod exposition;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use cache::{Cache, Script};
use http::{Method, StatusCode};

use crate::background;
use crate::context::Context;
use crate::problem::Problem;

/// How long counts wait for those of the next answers.
const GATHERING: Duration = Duration::from_millis(200);

const KEY: &str = "metrics";

/// Upper bounds of the classes of durations, as Prometheus writes them and in microseconds.
const BOUNDS: [(&str, u64); 12] = [
    ("0.001", 1_000),
    ("0.0025", 2_500),
    ("0.005", 5_000),
    ("0.01", 10_000),
    ("0.025", 25_000),
    ("0.05", 50_000),
    ("0.1", 100_000),
    ("0.25", 250_000),
    ("0.5", 500_000),
    ("1", 1_000_000),
    ("2.5", 2_500_000),
    ("5", 5_000_000),
];

/// Arguments: how many are added; their fields and what is added to each; then fields and what each is set to.
/// Numbers pass as the text that they are.
const ADD: Script = Script::new(
    "local added = 1 + 2 * tonumber(ARGV[1])
     for i = 2, #ARGV, 2 do
       local command = i <= added and 'hincrby' or 'hset'
       redis.call(command, KEYS[1], ARGV[i], ARGV[i + 1])
     end",
);

const READ: Script = Script::new("return redis.call('hgetall', KEYS[1])");

thread_local! {
    static COUNTS: RefCell<HashMap<String, u64>> = RefCell::default();
    static GAUGES: RefCell<HashMap<String, u64>> = RefCell::default();
    static DURATIONS: RefCell<HashMap<Asked, Durations>> = RefCell::default();
    static SCHEDULED: Cell<bool> = const { Cell::new(false) };
}

/// What requests have in common that are measured together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Asked {
    service: &'static str,
    method: &'static str,
    route: Arc<str>,
}

/// How long they took.
#[derive(Clone, Debug, Default)]
struct Durations {
    /// Those that took no longer than the bound at the same place, but longer than the one before.
    classes: [u64; BOUNDS.len()],
    count: u64,
    microseconds: u64,
}

impl Asked {
    fn labels(&self) -> [(&str, &str); 3] {
        [
            ("service", self.service),
            ("method", self.method),
            ("route", &self.route),
        ]
    }
}

impl Durations {
    fn add(&mut self, microseconds: u64) {
        let bounds = self.classes.iter_mut().zip(BOUNDS);
        let mut fitting = bounds.filter(|(_, (_, most))| microseconds <= *most);
        if let Some((class, _)) = fitting.next() {
            *class += 1;
        }
        self.count += 1;
        self.microseconds = self.microseconds.saturating_add(microseconds);
    }
}

/// Has a request say by which route it went, which the router alone knows: a layer of every route. Parameters
/// are `:id`, because not every reader of the format takes braces in a value.
pub(crate) async fn note_route(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    if let (Some(context), Some(path)) =
        (extensions.get::<Context>(), extensions.get::<MatchedPath>())
    {
        let route = path.as_str().replace('{', ":").replace('}', "");
        context.note_route(route.into());
    }
    next.run(request).await
}

/// Counts one of something. The name must be one of those in [`exposition`].
pub(crate) fn count(name: &'static str, labels: &[(&str, &str)]) {
    add(series(name, labels), 1);
}

/// Counts so many of something.
pub(crate) fn add_to(name: &'static str, labels: &[(&str, &str)], by: u64) {
    add(series(name, labels), by);
}

/// Says how much of something there is now: whoever says it last is right.
pub(crate) fn set(name: &'static str, labels: &[(&str, &str)], value: u64) {
    GAUGES.with_borrow_mut(|gauges| gauges.insert(series(name, labels), value));
}

fn add(series: String, by: u64) {
    COUNTS.with_borrow_mut(|counts| *counts.entry(series).or_default() += by);
}

/// Counts an answer.
pub(crate) fn count_answer(
    service: &'static str,
    method: &Method,
    context: &Context,
    status: StatusCode,
) {
    let asked = Asked {
        service,
        method: plain(method),
        route: context.route().unwrap_or_else(|| "none".into()),
    };
    let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"];
    let place = usize::from(status.as_u16() / 100).checked_sub(1);
    let class = place.and_then(|place| classes.get(place));
    let class = ("status", *class.unwrap_or(&"other"));
    let labels = [&asked.labels()[..], &[class]].concat();
    count("comptoir_http_requests_total", &labels);
    let took = u64::try_from(context.started.elapsed().as_micros());
    DURATIONS.with_borrow_mut(|durations| {
        let durations = durations.entry(asked).or_default();
        durations.add(took.unwrap_or(u64::MAX));
    });
}

/// Methods that anybody may make up are one.
fn plain(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known
        .into_iter()
        .find(|known| method == known)
        .unwrap_or("other")
}

/// A name and its labels; in values, backslashes, quotes and ends of lines are escaped.
fn series(name: &str, labels: &[(&str, &str)]) -> String {
    let mut text = name.to_owned();
    for (place, (label, value)) in labels.iter().enumerate() {
        let before = if place == 0 { '{' } else { ',' };
        let value = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        // Writing to a String cannot fail.
        let _ = write!(text, "{before}{label}=\"{value}\"");
    }
    if !labels.is_empty() {
        text.push('}');
    }
    text
}

/// Has what was counted handed over, after the answer and in the background.
pub(crate) fn flush_soon(context: &Context) {
    if SCHEDULED.replace(true) {
        return;
    }
    background::afterwards(context, async |context| {
        spin_sdk::time::sleep(GATHERING).await;
        // Whatever is counted from here on is for the next time.
        SCHEDULED.set(false);
        flush(&context).await;
    });
}

/// What Redis does not take waits for the next time.
async fn flush(context: &Context) {
    for (asked, durations) in DURATIONS.take() {
        spread(&asked, &durations);
    }
    let (counts, gauges) = (COUNTS.take(), GAUGES.take());
    let all = counts.iter().chain(&gauges);
    let pairs: Vec<(&String, String)> =
        all.map(|(name, value)| (name, value.to_string())).collect();
    let added = counts.len().to_string();
    let mut args = vec![added.as_bytes()];
    args.extend(
        pairs
            .iter()
            .flat_map(|(series, value)| [series.as_bytes(), value.as_bytes()]),
    );
    let Some(house) = context.house() else {
        return;
    };
    let written = house.shared.run(context, &ADD, &[KEY], &args).await;
    if written.is_none() {
        for (series, by) in counts {
            add(series, by);
        }
        GAUGES.with_borrow_mut(|newer| {
            for (series, value) in gauges {
                newer.entry(series).or_insert(value);
            }
        });
    }
}

/// The series of a histogram: of each bound, all that took no longer.
fn spread(asked: &Asked, durations: &Durations) {
    const NAME: &str = "comptoir_http_request_duration_seconds";
    let labels = &asked.labels()[..];
    let bucket = |bound: &str, by: u64| {
        let labels = [labels, &[("le", bound)]].concat();
        add(series(&format!("{NAME}_bucket"), &labels), by);
    };
    let mut so_far = 0;
    for ((bound, _), class) in BOUNDS.into_iter().zip(durations.classes) {
        so_far += class;
        bucket(bound, so_far);
    }
    bucket("+Inf", durations.count);
    add(series(&format!("{NAME}_count"), labels), durations.count);
    add(
        series(&format!("{NAME}_sum"), labels),
        durations.microseconds,
    );
}

/// Everything that all instances have counted, in Prometheus' text format.
pub async fn expose(cache: &Cache) -> Result<String, Problem> {
    let replies = cache.run_repeatable(&READ, &[KEY], &[]).await?;
    let texts = replies.into_iter().map(cache::Reply::text);
    let texts = texts.collect::<cache::Result<Vec<String>>>()?;
    let (pairs, _) = texts.as_chunks::<2>();
    Ok(exposition::write(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_for_the_first_bound_that_it_does_not_pass() {
        let mut durations = Durations::default();
        for microseconds in [0, 1_000, 1_001, 4_999_999, 5_000_001] {
            durations.add(microseconds);
        }
        assert_eq!(durations.classes, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!((durations.count, durations.microseconds), (5, 10_002_001));
    }

    #[test]
    fn a_value_cannot_end_its_label() {
        let text = series("n", &[("a", "x\"y\\z\n"), ("b", "")]);
        assert_eq!(text, r#"n{a="x\"y\\z\n",b=""}"#);
        assert_eq!(series("n", &[]), "n");
    }
}
