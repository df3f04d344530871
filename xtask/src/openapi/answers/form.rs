//! What there is about an operation: what it takes and what it names.

use serde_json::{Map, Value};

/// What there is about an operation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Form {
    pub is_read: bool,
    /// Somebody must be signed in, or may.
    pub needs_token: bool,
    pub takes_token: bool,
    pub names_something: bool,
    pub has_body: bool,
    pub needs_condition: bool,
    pub takes_key: bool,
    pub needs_key: bool,
    pub takes_cart: bool,
    pub is_list: bool,
    /// Its answer has an `ETag`.
    pub is_tagged: bool,
}

impl Form {
    pub fn of(method: &str, path: &str, operation: &Map<String, Value>) -> Self {
        let security = operation.get("security").and_then(Value::as_array);
        let ways = security.map_or(&[][..], Vec::as_slice);
        let takes_token = ways.iter().any(|way| way.get("bearer").is_some());
        let is_required = |name: &str| {
            let parameter = find_parameter(operation, "header", name);
            parameter.map(|parameter| parameter.get("required") == Some(&Value::Bool(true)))
        };
        Self {
            is_read: method == "get",
            takes_token,
            needs_token: takes_token && ways.len() == 1,
            names_something: path.contains('{'),
            has_body: operation.contains_key("requestBody"),
            // What is there is replaced under a condition only.
            needs_condition: is_required("If-Match").is_some_and(|is| is || method == "put"),
            takes_key: is_required("Idempotency-Key").is_some(),
            needs_key: is_required("Idempotency-Key") == Some(true),
            takes_cart: is_required("Cart-Token").is_some(),
            is_list: find_parameter(operation, "query", "cursor").is_some(),
            is_tagged: false,
        }
    }
}

fn find_parameter<'a>(
    operation: &'a Map<String, Value>,
    place: &str,
    name: &str,
) -> Option<&'a Value> {
    let mut parameters = operation.get("parameters")?.as_array()?.iter();
    parameters.find(|one| {
        one.get("in").and_then(Value::as_str) == Some(place)
            && one.get("name").and_then(Value::as_str) == Some(name)
    })
}
