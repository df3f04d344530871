//! Whatever stands in any field and any parameter of the API, the answer is the client's fault or none: never 5xx,
//! and no instance ends.
//!
//! Which values are tried is drawn anew each time, and so many as there is time for: two minutes, or as many seconds
//! as `COMPTOIR_HOSTILE_SECONDS` says (`cargo xtask test --hostile-minutes`). What fails names its request.

mod operations;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use comptoir_tests::{Answer, Api, until};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::counter;
use operations::{Document, Operation, Place};

/// No client can write a longer one: `http::Uri` ends there, with the address of the shop before it.
const LONGEST_URI: usize = 60_000;
const SECONDS: u64 = 120;
/// How many requests are on their way at once.
const WORKERS: usize = 6;

/// One request, in which one value is hostile.
#[derive(Debug)]
struct Attempt {
    operation: usize,
    place: usize,
    hostile: usize,
}

/// All that a worker needs.
struct Field {
    document: Document,
    operations: Vec<Operation>,
    /// As JSON, and as text where it is one.
    values: Vec<(String, Option<String>)>,
    known: Map<String, Value>,
    client: Api,
    admin: Api,
}

#[tokio::test]
async fn no_value_of_any_field_or_parameter_is_the_servers_fault() {
    let counter = counter::open().await;
    let field = Arc::new(open(&counter).await);
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
    let log = counter.shop.log();
    assert!(!log.contains("trapped"), "an instance has ended");
    counter.shop.api().get("/readyz").await.is(200);
}

async fn open(counter: &counter::Counter) -> Field {
    let (admin, client) = (&counter.admin, counter.shop.client().await);
    let order = counter::place(&client, "order", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    let payment = json!({ "order_id": order, "provider": "offline" });
    let payment = client
        .post("/api/payments", payment)
        .key("payment")
        .await
        .is(201)
        .id();
    let hook = json!({ "url": "https://example.com/hook", "event_types": ["order.paid"] });
    let hook = admin
        .post("/api/webhooks", hook)
        .key("hook")
        .await
        .is(201)
        .id();
    until("the reports are there", async || {
        (admin.get("/api/reports/stock").await.status == 200).then_some(())
    })
    .await;
    let known = json!({
        "item_id": counter.pen.id, "category_id": counter.category, "category": counter.category,
        "order_id": order, "payment_id": payment, "webhook_id": hook, "quantity": 1, "amount": 100,
        "vat_rate": 2000, "email": "somebody@example.org", "password": comptoir_tests::PASSWORD,
        "current_password": "not the right one", "new_password": comptoir_tests::PASSWORD,
        "name": "Nom", "country": "FR", "postal_code": "75011", "month": "2026-11",
        "from": "2026-11-01", "to": "2026-11-30", "url": "https://example.com/hook",
        "event_types": "order.paid", "scopes": "read", "starts_at": "2027-01-01T00:00:00Z",
        "ends_at": "2028-01-01T00:00:00Z", "expires_at": "2028-01-01T00:00:00Z", "merchant": "shop",
        "rating": 5, "delta": 1, "query": "{ __typename }", "cart_token": "A".repeat(43),
    });
    let path = std::env::current_dir()
        .unwrap()
        .join("../docs/openapi.json");
    let document = Document::new(&std::fs::read_to_string(path).unwrap());
    let texts = values::texts().into_iter();
    let texts = texts.map(|text| (Value::from(text.clone()).to_string(), Some(text)));
    let plain = values::JSON.iter().map(|json| ((*json).to_owned(), None));
    Field {
        operations: document.operations(),
        document,
        values: plain.chain(texts).collect(),
        known: known.as_object().unwrap().clone(),
        client: counter.shop.api().with_token(&client.access_token),
        admin: counter.shop.api().with_token(&admin.access_token),
    }
}

fn shuffled(field: &Field) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (operation, described) in field.operations.iter().enumerate() {
        for place in 0..described.places.len() {
            attempts.extend((0..field.values.len()).map(|hostile| Attempt {
                operation,
                place,
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
        let operation = &self.operations[attempt.operation];
        let (place, (json, text)) = (
            &operation.places[attempt.place],
            &self.values[attempt.hostile],
        );
        let text = text.as_deref().unwrap_or(json);
        let mut answer = self.send(operation, place, json, text).await?;
        // A machine that does something else meanwhile may be too slow, once.
        if matches!(answer.status, 503 | 504) {
            answer = self.send(operation, place, json, text).await?;
        }
        let shown: String = text.chars().take(80).collect();
        (answer.status >= 500).then(|| {
            let (method, path) = (&operation.method, &operation.path);
            format!("{method} {path} with {shown:?} in {place:?}: {answer}")
        })
    }

    /// Nothing where no client can send such a thing.
    async fn send(
        &self,
        operation: &Operation,
        place: &Place,
        json: &str,
        text: &str,
    ) -> Option<Answer> {
        let method: Method = operation.method.parse().unwrap();
        let mut path = operation.path.clone();
        if let Place::Path(name) = place {
            path = path.replace(&format!("{{{name}}}"), &encoded(text));
        }
        for (name, id) in [
            ("{id}", self.id_in(&operation.path)),
            ("{item_id}", "item_id"),
            ("{code}", "CODE"),
            ("{file}", "F-2026-000001.pdf"),
        ] {
            let id = self.known.get(id).and_then(Value::as_str).unwrap_or(id);
            path = path.replace(name, id);
        }
        // Deleting what the others name is no part of this.
        if method == Method::DELETE && !matches!(place, Place::Path(_)) {
            path = operation.path.replace(['{', '}'], "");
        }
        path = path.replace(['{', '}'], "");
        if let Place::Query(name) = place {
            path = format!("{path}?{name}={}", encoded(text));
        }
        if path.len() > LONGEST_URI {
            return None;
        }
        let mut request = self.whose(&operation.path).request(method, &path);
        if operation.method != "GET" {
            let key = format!("k{}", fastrand::u64(..));
            if !is_header(place, "Idempotency-Key") && has_header(operation, "Idempotency-Key") {
                request = request.key(&key);
            }
            if !is_header(place, "If-Match") && has_header(operation, "If-Match") {
                request = request.if_match("*");
            }
        }
        if let Place::Header(name) = place {
            if text.bytes().any(|byte| byte.is_ascii_control()) || text.len() > 4000 {
                return None;
            }
            request = request.header(name, text);
        }
        if let Some(body) = self.document.body(operation, place, json, &self.known) {
            request = request.body("application/json", body);
        }
        match request.attempt().await {
            Ok(answer) => Some(answer),
            Err(error) => panic!("{} {path} has no answer: {error}", operation.method),
        }
    }

    fn whose(&self, path: &str) -> &Api {
        let of_clients = ["/api/orders/quote", "/api/payments", "/api/cart"];
        let is_clients = path == "/api/orders" || path.contains("/reviews");
        match is_clients || of_clients.iter().any(|prefix| path.starts_with(prefix)) {
            true => &self.client,
            false => &self.admin,
        }
    }

    /// What `{id}` is the id of.
    fn id_in(&self, path: &str) -> &'static str {
        match path.split('/').nth(2).unwrap_or_default() {
            "items" => "item_id",
            "categories" => "category_id",
            "orders" => "order_id",
            "payments" => "payment_id",
            "webhooks" => "webhook_id",
            "merchants" => "shop",
            _ => "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e",
        }
    }
}

fn is_header(place: &Place, name: &str) -> bool {
    matches!(place, Place::Header(header) if header == name)
}

fn has_header(operation: &Operation, name: &str) -> bool {
    operation.places.iter().any(|place| is_header(place, name))
}

/// For a query and for a segment of a path.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
