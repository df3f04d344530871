//! What an operation answers beside what it is for, as its form tells: whoever sends a body may hear that it is too
//! large, whoever reads may hear that nothing has changed. So each operation names every status below 500 that it
//! has, and nobody writes them down a hundred times. What only one operation refuses, it says itself.

mod form;
mod response;
mod shared;

use serde_json::{Map, Value, json};

use form::Form;
use response::{add_header, describe, describe_bytes, has_tag, is_file};
use shared::SHARED;

/// The headers of answers, in `components/headers`: name, type, whether each answer that names it has it, and what
/// it is.
const HEADERS: [(&str, &str, bool, &str); 7] = [
    (
        "Content-Disposition",
        "string",
        false,
        "What the file is called",
    ),
    (
        "ETag",
        "string",
        false,
        "What `If-Match` of a change and `If-None-Match` of the next read take; tables that are made while they are sent have none",
    ),
    (
        "Idempotent-Replayed",
        "boolean",
        false,
        "`true` where this is the answer that the key's first request had",
    ),
    (
        "Link",
        "string",
        false,
        "The next page, as `<…>; rel=\"next\"`, if there is one (RFC 8288)",
    ),
    ("Location", "string", true, "Where it is from now on"),
    (
        "Retry-After",
        "integer",
        false,
        "Seconds until it may be tried again",
    ),
    (
        "WWW-Authenticate",
        "string",
        false,
        "How to sign in (RFC 6750)",
    ),
];

/// Gives an operation the answers and the headers that follow from its form.
pub fn complete(method: &str, path: &str, operation: &mut Map<String, Value>) {
    let mut form = Form::of(method, path, operation);
    if let Some(body) = operation.get_mut("requestBody") {
        describe_bytes(body);
    }
    let Some(Value::Object(responses)) = operation.get_mut("responses") else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        describe(status, response);
        describe_bytes(response);
        for header in headers_of(&form, status, response) {
            add_header(response, header);
        }
        form.is_tagged |= response.pointer("/headers/ETag").is_some();
    }
    for shared in SHARED.iter().filter(|shared| (shared.applies)(&form)) {
        match responses.get_mut(shared.status) {
            Some(own) => shared.extend(own),
            None => drop(responses.insert(shared.status.to_owned(), shared.reference())),
        }
    }
}

/// The headers of an answer of this status, as far as operations of this form have them.
fn headers_of(form: &Form, status: &str, response: &Value) -> Vec<&'static str> {
    let is_success = status.starts_with('2');
    let all = [
        ("Content-Disposition", is_success && is_file(response)),
        ("ETag", is_success && has_tag(response)),
        ("Idempotent-Replayed", is_success && form.takes_key),
        ("Link", status == "200" && form.is_list),
        ("Location", status == "201"),
        ("Retry-After", matches!(status, "503" | "default")),
    ];
    all.into_iter()
        .filter_map(|(name, has_it)| has_it.then_some(name))
        .collect()
}

/// What [`complete`] refers to.
pub fn components() -> (Value, Value) {
    let responses = SHARED.iter();
    let responses = responses.map(|shared| (shared.name.to_owned(), shared.response()));
    let headers = HEADERS.iter().map(|(name, kind, required, description)| {
        let schema = json!({ "type": kind });
        let header = json!({ "description": description, "required": required, "schema": schema });
        ((*name).to_owned(), header)
    });
    (
        Value::Object(responses.collect()),
        Value::Object(headers.collect()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(method: &str, path: &str, operation: Value) -> Value {
        let Value::Object(mut operation) = operation else {
            panic!("an operation is an object")
        };
        complete(method, path, &mut operation);
        Value::Object(operation)
    }

    fn statuses(operation: &Value) -> Vec<&str> {
        let responses = operation["responses"].as_object().unwrap();
        responses.keys().map(String::as_str).collect()
    }

    #[test]
    fn a_read_may_be_unchanged_and_sends_its_tag() {
        let content = json!({ "application/json": {} });
        let read = json!({ "responses": { "200": { "content": content } } });
        let read = completed("get", "/api/items/{id}", read);
        let expected = ["200", "304", "400", "404", "406", "412", "422", "429"];
        assert_eq!(statuses(&read), expected);
        assert!(read["responses"]["200"]["headers"]["ETag"].is_object());
    }

    #[test]
    fn a_change_names_what_it_wants_of_whom() {
        let change = completed(
            "patch",
            "/api/items/{id}",
            json!({
                "security": [{ "bearer": [] }],
                "parameters": [{ "in": "header", "name": "If-Match", "required": true }],
                "requestBody": {},
                "responses": { "200": {} },
            }),
        );
        let expected = [
            "200", "400", "401", "403", "404", "408", "412", "413", "415", "422", "428", "429",
        ];
        assert_eq!(statuses(&change), expected);
    }

    #[test]
    fn what_an_operation_refuses_itself_stands_beside_what_all_refuse() {
        let own = json!({ "description": "`out-of-stock`: too few are left" });
        let order = completed(
            "post",
            "/api/orders",
            json!({
                "parameters": [{ "in": "header", "name": "Idempotency-Key", "required": true }],
                "responses": { "201": {}, "409": own },
            }),
        );
        let refusal = &order["responses"]["409"];
        let description = refusal["description"].as_str().unwrap();
        assert!(
            description.contains("`idempotency-key-in-flight`"),
            "{description}"
        );
        assert!(
            description.ends_with("`out-of-stock`: too few are left"),
            "{description}"
        );
        assert!(refusal["content"]["application/problem+json"].is_object());
        assert!(order["responses"]["201"]["headers"]["Location"].is_object());
    }

    #[test]
    fn bytes_have_no_schema_and_tables_have_one() {
        let content = json!({ "application/pdf": { "schema": { "type": "array" } }, "text/csv": { "schema": {} } });
        let read = json!({ "responses": { "200": { "content": content } } });
        let read = completed("get", "/api/document", read);
        let content = &read["responses"]["200"]["content"];
        assert_eq!(content["application/pdf"], json!({}));
        assert!(content["text/csv"]["schema"].is_object());
    }
}
