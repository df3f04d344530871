//! Requests to every operation of the OpenAPI document, right but for one value, which a test chooses.

mod document;

use comptoir_tests::{Answer, Api, PASSWORD, Shop, until};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::counter::{self, Counter};
pub use document::{Document, Operation, Place, Spot};

/// No client can write a longer one: `http::Uri` ends there, with the address of the shop before it.
const LONGEST_URI: usize = 60_000;

/// The id of nothing.
const UNKNOWN: &str = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e";

/// A shop in which there is one of everything that is asked for, and whoever may ask for it.
pub struct Asker {
    pub document: Document,
    pub operations: Vec<Operation>,
    /// Right values, by the names of fields and parameters.
    pub known: Map<String, Value>,
    counter: Counter,
    client: Api,
    admin: Api,
}

/// What a test has stand at a place.
#[derive(Clone, Copy, Debug)]
pub enum Own<'a> {
    /// In JSON, where that is written, and as text in addresses and headers.
    Value { json: &'a str, text: &'a str },
    /// Nothing, where a parameter would be.
    Nothing,
}

impl Asker {
    pub async fn open() -> Self {
        let counter = counter::open().await;
        let client = counter.shop.client().await;
        let known = known(&counter, &client).await;
        until("the reports are there", async || {
            (counter.admin.get("/api/reports/stock").await.status == 200).then_some(())
        })
        .await;
        let document = Document::new(include_str!("../../../docs/openapi.json"));
        Self {
            operations: document.operations(),
            document,
            known,
            client: counter.shop.api().with_token(&client.access_token),
            admin: counter.shop.api().with_token(&counter.admin.access_token),
            counter,
        }
    }

    pub fn shop(&self) -> &Shop {
        &self.counter.shop
    }

    /// Sends a request; nothing where no client can send such a thing.
    pub async fn send(&self, operation: &Operation, place: &Place, own: Own<'_>) -> Option<Answer> {
        let method: Method = operation.method.parse().unwrap();
        let address = self.address(operation, place, own);
        if address.len() > LONGEST_URI {
            return None;
        }
        let asking = self.whose(operation, place).await;
        let mut request = asking.request(method, &address);
        if operation.method != "GET" {
            for (header, value) in [
                ("Idempotency-Key", format!("k{}", fastrand::u64(..))),
                ("If-Match", "*".to_owned()),
            ] {
                if operation.takes(header) && !is_header(place, header) {
                    request = request.header(header, &value);
                }
            }
        }
        if let (Place::Header(name), Own::Value { text, .. }) = (place, own) {
            if text.bytes().any(|byte| byte.is_ascii_control()) || text.len() > 4000 {
                return None;
            }
            request = request.header(name, text);
        }
        let json = match own {
            Own::Value { json, .. } => json,
            Own::Nothing => "",
        };
        if let Some(body) = self.document.body(operation, place, json, &self.known) {
            request = request.body("application/json", body);
        }
        match request.attempt().await {
            Ok(answer) => Some(answer),
            Err(error) => panic!("{} {address} has no answer: {error}", operation.method),
        }
    }

    fn address(&self, operation: &Operation, place: &Place, own: Own<'_>) -> String {
        let part = |part: &str| {
            let name = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'));
            match (name, place, own) {
                (Some(name), Place::Path(chosen), Own::Value { text, .. }) if name == chosen => {
                    encoded(text)
                }
                (Some(name), ..) => self.name_of(operation, name).to_owned(),
                (None, ..) => part.to_owned(),
            }
        };
        let parts: Vec<String> = operation.path.split('/').map(part).collect();
        let path = parts.join("/");
        match self.query(operation, place, own).join("&") {
            query if query.is_empty() => path,
            query => format!("{path}?{query}"),
        }
    }

    /// What a part of a path names: something that is there, unless it is to be deleted.
    fn name_of(&self, operation: &Operation, parameter: &str) -> &str {
        let name = match parameter {
            "id" => id_in(&operation.path),
            other => other,
        };
        let is_kept = operation.method == "DELETE" && name.ends_with("_id");
        let known = self.known.get(name).filter(|_| !is_kept);
        known.and_then(Value::as_str).unwrap_or(UNKNOWN)
    }

    /// What is asked for, and the parameters without which nothing is.
    fn query(&self, operation: &Operation, place: &Place, own: Own<'_>) -> Vec<String> {
        let mut pairs = Vec::new();
        if let (Place::Query(name), Own::Value { text, .. }) = (place, own) {
            pairs.push(format!("{name}={}", encoded(text)));
        }
        let others = operation.required_of_query();
        for spot in others.filter(|spot| spot.place != *place) {
            let name = spot.place.name();
            let right = self.document.example(&spot.schema, name, &self.known);
            pairs.push(format!("{name}={}", encoded(&as_text(&right))));
        }
        // Without a query, there is a page to read.
        if operation.method == "GET" && operation.path == "/graphql" && place.name() != "query" {
            pairs.push(format!("query={}", encoded("{ __typename }")));
        }
        pairs
    }

    /// Whoever may do this. A new password ends all that its owner has, so that each is somebody else's.
    async fn whose(&self, operation: &Operation, place: &Place) -> Api {
        let path = &*operation.path;
        if path == "/api/auth/password" {
            let person = self.shop().client().await;
            return self.shop().api().with_token(&person.access_token);
        }
        if is_header(place, "Cart-Token") {
            return self.shop().api().clone();
        }
        match path.starts_with("/api/cart") || is_for_clients(operation) {
            true => self.client.clone(),
            false => self.admin.clone(),
        }
    }
}

async fn known(counter: &Counter, client: &Api) -> Map<String, Value> {
    let admin = &counter.admin;
    let lines = [(&counter.pen, 1)];
    let order = counter::place(client, "order", &lines).await.is(201).id();
    let payment = json!({ "order_id": order, "provider": "offline" });
    let payment = client.post("/api/payments", payment).key("payment");
    let payment = payment.await.is(201).id();
    let hook = json!({ "url": "https://example.com/hook", "event_types": ["order.paid"] });
    let hook = admin.post("/api/webhooks", hook).key("hook");
    let hook = hook.await.is(201).id();
    let token = "A".repeat(43);
    let known = json!({
        "item_id": counter.pen.id, "category_id": counter.category, "category": counter.category,
        "order_id": order, "payment_id": payment, "webhook_id": hook, "quantity": 1, "amount": 100,
        "vat_rate": 2000, "email": "somebody@example.org", "password": PASSWORD,
        "current_password": PASSWORD, "new_password": PASSWORD,
        "name": "Nom", "country": "FR", "postal_code": "75011", "month": "2026-11",
        "from": "2026-11-01", "to": "2026-11-30", "url": "https://example.com/hook",
        "event_types": "order.paid", "scopes": "read", "starts_at": "2027-01-01T00:00:00Z",
        "ends_at": "2028-01-01T00:00:00Z", "expires_at": "2028-01-01T00:00:00Z", "merchant": "shop",
        "rating": 5, "delta": 1, "query": "{ __typename }", "cart_token": token, "Cart-Token": token,
        "If-Match": "*", "Idempotency-Key": "key", "code": "CODE", "file": "F-2026-000001.pdf",
    });
    known.as_object().unwrap().clone()
}

/// By which name it is known what `{id}` is the id of.
fn id_in(path: &str) -> &'static str {
    match path.split('/').nth(2).unwrap_or_default() {
        "items" => "item_id",
        "categories" => "category_id",
        "orders" => "order_id",
        "payments" => "payment_id",
        "webhooks" => "webhook_id",
        "merchants" => "merchant",
        _ => "nobody_id",
    }
}

/// Whether admins may not do what customers may, as `docs/authorisation.md` has it.
fn is_for_clients(operation: &Operation) -> bool {
    let table = include_str!("../../../docs/authorisation.md");
    let begin = format!("| `{} {}` |", operation.method, operation.path);
    let row = table.lines().find_map(|line| line.strip_prefix(&begin));
    let cells: Vec<&str> = row.unwrap_or_default().split('|').map(str::trim).collect();
    let is_shut_out = |cell: Option<&&str>| matches!(cell, Some(&("401" | "403")));
    let (customer, admin) = (cells.get(1), cells.get(6));
    is_shut_out(admin) && !is_shut_out(customer)
}

fn is_header(place: &Place, name: &str) -> bool {
    matches!(place, Place::Header(header) if header == name)
}

/// As it stands in an address or a header.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// For a query and for a segment of a path.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
