//! Whatever stands in any field and any parameter of the API, the answer is the client's fault or none: never 5xx,
//! and no instance ends.
//!
//! Which values are tried is drawn anew each time, and so many as there is time for: two minutes, or as many seconds
//! as `COMPTOIR_HOSTILE_SECONDS` says (`cargo xtask test --hostile-minutes`). What fails names its request.

mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::requests::{Asker, Own};

const SECONDS: u64 = 120;
/// How many requests are on their way at once.
const WORKERS: usize = 6;

/// One request, in which one value is hostile.
#[derive(Debug)]
struct Attempt {
    operation: usize,
    spot: usize,
    hostile: usize,
}

/// All that a worker needs.
struct Field {
    asker: Asker,
    /// As JSON, and as text where it is one.
    values: Vec<(String, Option<String>)>,
}

#[tokio::test]
async fn no_value_of_any_field_or_parameter_is_the_servers_fault() {
    let field = Arc::new(Field {
        asker: Asker::open().await,
        values: values(),
    });
    assert!(field.values.len() >= 60);
    let attempts = Arc::new(shuffled(&field));
    let seconds = std::env::var("COMPTOIR_HOSTILE_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |text| text.parse().expect("a number of seconds"));
    let end = Instant::now() + Duration::from_secs(seconds);
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (field, attempts, next) = (field.clone(), attempts.clone(), next.clone());
        workers.spawn(async move {
            let mut failures = Vec::new();
            while let Some(attempt) = attempts.get(next.fetch_add(1, Ordering::Relaxed)) {
                failures.extend(field.attempt(attempt).await);
                if Instant::now() > end {
                    break;
                }
            }
            failures
        });
    }
    let failures = workers.join_all().await.concat();
    let done = next.load(Ordering::Relaxed).min(attempts.len());
    println!("{done} of {} requests with a hostile value", attempts.len());
    assert!(
        failures.is_empty(),
        "{}\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    let log = field.asker.shop().log();
    assert!(!log.contains("trapped"), "an instance has ended");
    field.asker.shop().api().get("/readyz").await.is(200);
}

fn values() -> Vec<(String, Option<String>)> {
    let texts = values::texts().into_iter();
    let texts = texts.map(|text| (Value::from(text.clone()).to_string(), Some(text)));
    let plain = values::JSON.iter().map(|json| ((*json).to_owned(), None));
    plain.chain(texts).collect()
}

fn shuffled(field: &Field) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (operation, described) in field.asker.operations.iter().enumerate() {
        for spot in 0..described.spots.len() {
            attempts.extend((0..field.values.len()).map(|hostile| Attempt {
                operation,
                spot,
                hostile,
            }));
        }
    }
    fastrand::shuffle(&mut attempts);
    attempts
}

impl Field {
    /// What is wrong with the answer, if something is.
    async fn attempt(&self, attempt: &Attempt) -> Option<String> {
        let operation = &self.asker.operations[attempt.operation];
        let place = &operation.spots[attempt.spot].place;
        let (json, text) = &self.values[attempt.hostile];
        let text = text.as_deref().unwrap_or(json);
        let own = Own::Value { json, text };
        let mut answer = self.asker.send(operation, place, own).await?;
        // A machine that does something else meanwhile may be too slow, once.
        if matches!(answer.status, 503 | 504) {
            answer = self.asker.send(operation, place, own).await?;
        }
        let shown: String = text.chars().take(80).collect();
        (answer.status >= 500).then(|| {
            let (method, path) = (&operation.method, &operation.path);
            format!("{method} {path} with {shown:?} in {place:?}: {answer}")
        })
    }
}
