//! The OpenAPI document says what a request may carry, and the shop takes exactly that: on either side of each
//! constraint of each value, the nearest value that is forbidden is refused by its name, and the nearest that is
//! allowed is not.

mod nearest;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use comptoir_tests::Answer;
use serde_json::{Map, Value};
use tokio::task::JoinSet;

use crate::requests::{Asker, Document, Operation, Own, Place, Spot, as_text};

/// How many operations are asked at once.
const WORKERS: usize = 6;

/// Values of a form that has no neighbours, and such as have to be the right one: that is all that is tried.
const ALONE: [&str; 5] = ["siren", "vat_number", "iban", "email", "current_password"];
/// Values that only those know to whom they were given.
const GIVEN: [&str; 2] = ["cursor", "Stripe-Signature"];

/// What the document says of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Forbidden,
    Allowed,
}

/// A value at a place; nothing where a parameter would be.
struct Attempt<'a> {
    place: &'a Place,
    value: Option<Value>,
    /// What an answer that refuses it names: a pointer, or a parameter.
    name: String,
}

#[tokio::test]
async fn what_the_document_forbids_is_refused() {
    let tried = ask_all(Verdict::Forbidden).await;
    assert!(tried > 500, "{tried}");
}

#[tokio::test]
async fn what_the_document_allows_is_not_refused() {
    let tried = ask_all(Verdict::Allowed).await;
    assert!(tried > 300, "{tried}");
}

/// Tries every value of this verdict, those of one operation one after the other.
async fn ask_all(verdict: Verdict) -> usize {
    let asker = Arc::new(Asker::open().await);
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (asker, next) = (asker.clone(), next.clone());
        workers.spawn(async move {
            let (mut tried, mut failures) = (0, Vec::new());
            while let Some(operation) = asker.operations.get(next.fetch_add(1, Ordering::Relaxed)) {
                for attempt in attempts(&asker, operation, verdict) {
                    let Some(outcome) = try_one(&asker, operation, &attempt, verdict).await else {
                        continue;
                    };
                    tried += 1;
                    failures.extend(outcome.err());
                }
            }
            (tried, failures)
        });
    }
    let (tried, failures): (Vec<usize>, Vec<Vec<String>>) =
        workers.join_all().await.into_iter().unzip();
    let (tried, failures) = (tried.iter().sum(), failures.concat());
    println!("{tried} values were tried");
    assert!(
        failures.is_empty(),
        "{}\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    tried
}

/// What is wrong with the answer, if something is; nothing where no client can send such a request.
async fn try_one(
    asker: &Asker,
    operation: &Operation,
    attempt: &Attempt<'_>,
    verdict: Verdict,
) -> Option<Result<(), String>> {
    let (json, text) = match &attempt.value {
        Some(value) => (value.to_string(), as_text(value)),
        None => (String::new(), String::new()),
    };
    let own = match attempt.value {
        Some(_) => Own::Value {
            json: &json,
            text: &text,
        },
        None => Own::Nothing,
    };
    let answer = asker.send(operation, attempt.place, own).await?;
    let is_right = match verdict {
        Verdict::Forbidden => is_refused(attempt, &answer),
        Verdict::Allowed => is_not_refused(attempt, &answer),
    };
    let shown: String = json.chars().take(80).collect();
    let (method, path, name) = (&operation.method, &operation.path, &attempt.name);
    let failure = || {
        format!(
            "{method} {path}: {:?} {name} = {shown}: {answer}",
            attempt.place
        )
    };
    Some(is_right.then_some(()).ok_or_else(failure))
}

/// Whether it is refused for what it is.
fn is_refused(attempt: &Attempt<'_>, answer: &Answer) -> bool {
    match attempt.place {
        // What has another form is the name of nothing.
        Place::Path(_) => answer.status == 404,
        // A tag that is none is that of nothing, whatever there is.
        Place::Header(name) if name == "If-Match" => (400..500).contains(&answer.status),
        Place::Header(name) => {
            let text = answer.text().to_lowercase();
            matches!(answer.status, 400 | 422) && text.contains(&name.to_lowercase())
        }
        Place::Body(at) if at.is_empty() && attempt.name.is_empty() => {
            matches!(answer.status, 400 | 422)
        }
        Place::Query(_) | Place::Body(_) => match answer.status {
            422 => names(answer).contains(&attempt.name),
            // Whatever has so many characters, it is too large.
            413 => true,
            _ => false,
        },
    }
}

/// Whether it is taken, or refused for something else.
fn is_not_refused(attempt: &Attempt<'_>, answer: &Answer) -> bool {
    match attempt.place {
        Place::Header(_) => {
            let is_known = answer.text().contains("idempotency-key-reused");
            is_known || !matches!(answer.status, 400 | 422)
        }
        _ => answer.status < 500 && !names(answer).contains(&attempt.name),
    }
}

/// The pointers and parameters that an answer names as wrong.
fn names(answer: &Answer) -> Vec<String> {
    let body: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    let errors = body["errors"].as_array().into_iter().flatten();
    let name = |error: &Value| {
        error["pointer"]
            .as_str()
            .or(error["parameter"].as_str())
            .map(str::to_owned)
    };
    errors.filter_map(name).collect()
}

fn attempts<'a>(asker: &Asker, operation: &'a Operation, verdict: Verdict) -> Vec<Attempt<'a>> {
    let spots = operation.spots.iter();
    let attempts = spots.flat_map(|spot| match verdict {
        Verdict::Forbidden => forbidden(asker, spot),
        Verdict::Allowed => allowed(asker, spot),
    });
    attempts.collect()
}

fn forbidden<'a>(asker: &Asker, spot: &'a Spot) -> Vec<Attempt<'a>> {
    let (schema, right) = (asker.document.resolve(&spot.schema), right(asker, spot));
    let mut values: Vec<Option<Value>> = match &right {
        Value::Array(entries) => some(nearest::forbidden_lists(schema, &entries[0])),
        Value::Object(_) => Vec::new(),
        _ => some(nearest::forbidden(&leaf(schema), &right)),
    };
    match &spot.place {
        Place::Body(_) if !asker.document.allows_null(&spot.schema) => {
            values.push(Some(Value::Null))
        }
        Place::Query(_) | Place::Header(_) if spot.is_required => values.push(None),
        _ => {}
    }
    let at = |value| Attempt::new(spot, value, "");
    let mut attempts: Vec<Attempt<'_>> = values.into_iter().map(at).collect();
    if let Value::Object(members) = right {
        attempts.extend(members_apart(spot, schema, &members));
    }
    attempts
}

/// The object without each member that it has to have, and with one that it may not have.
fn members_apart<'a>(
    spot: &'a Spot,
    schema: &Value,
    members: &Map<String, Value>,
) -> Vec<Attempt<'a>> {
    let required = schema["required"].as_array().into_iter().flatten();
    let names = required.filter_map(Value::as_str);
    let without = names.map(|name| {
        let mut fewer = members.clone();
        fewer.remove(name);
        Attempt::new(spot, Some(fewer.into()), &format!("/{name}"))
    });
    let is_closed = schema["additionalProperties"] == false;
    let more = is_closed.then(|| {
        let mut more = members.clone();
        more.insert("unheard_of".into(), 1.into());
        Attempt::new(spot, Some(more.into()), "/unheard_of")
    });
    without.chain(more).collect()
}

fn allowed<'a>(asker: &Asker, spot: &'a Spot) -> Vec<Attempt<'a>> {
    let (schema, right) = (asker.document.resolve(&spot.schema), right(asker, spot));
    let name = spot.place.name();
    let mut values = match &right {
        Value::Array(entries) => nearest::allowed_lists(schema, &entries[0]),
        Value::Object(_) => vec![right.clone()],
        _ if GIVEN.contains(&name) => Vec::new(),
        _ if ALONE.contains(&name) => vec![right.clone()],
        _ => nearest::allowed(&leaf(schema), &right),
    };
    match &spot.place {
        // There is one right name of each thing, which every other request has.
        Place::Path(_) => values.clear(),
        // Nothing is asked for last: it takes back what was asked for before.
        place @ Place::Body(_)
            if asker.document.allows_null(&spot.schema) && !Document::is_wanted(place) =>
        {
            values.push(Value::Null);
        }
        _ => {}
    }
    let at = |value| Attempt::new(spot, Some(value), "");
    values.into_iter().map(at).collect()
}

fn some(values: Vec<Value>) -> Vec<Option<Value>> {
    values.into_iter().map(Some).collect()
}

fn right(asker: &Asker, spot: &Spot) -> Value {
    asker
        .document
        .example(&spot.schema, spot.place.name(), &asker.known)
}

/// A schema of a value that is no list and no object, without `null`: that is asked about apart.
fn leaf(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(kinds) = schema["type"].as_array() {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        schema["type"] = kind.unwrap_or_default();
    }
    schema
}

impl<'a> Attempt<'a> {
    /// The value at a spot, of which what is `below` it is wrong.
    fn new(spot: &'a Spot, value: Option<Value>, below: &str) -> Self {
        let name = match &spot.place {
            Place::Body(at) => at
                .iter()
                .map(|name| format!("/{}", name.as_deref().unwrap_or("0")))
                .collect(),
            place => place.name().to_owned(),
        };
        Self {
            place: &spot.place,
            value,
            name: name + below,
        }
    }
}
