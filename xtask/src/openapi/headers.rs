//! The headers of requests that mean the same everywhere: what each is, and what it may say.

use serde_json::{Map, Value, json};

/// Describes those that an operation takes.
pub fn describe(operation: &mut Map<String, Value>) {
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for parameter in parameters
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        let name = parameter
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if let Some((description, schema)) = header(name) {
            parameter.insert("description".into(), description.into());
            parameter.insert("schema".into(), schema);
        }
    }
}

fn header(name: &str) -> Option<(&'static str, Value)> {
    Some(match name {
        "Cart-Token" => (
            "The cart of somebody who is not signed in: what the first change without it answered",
            json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$" }),
        ),
        "Idempotency-Key" => (
            "A name of the client's own for this request, such as a UUID. Sent again with it, the request is done once \
             and answered as the first time, for 24 hours",
            json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }),
        ),
        "If-Match" => (
            "The `ETag` that was read, or `*`. The change is made only if nobody else has made one since",
            json!({ "type": "string", "minLength": 1 }),
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_what_they_may_be_and_other_parameters_are_left() {
        let id = json!({ "in": "path", "name": "id", "schema": {} });
        let key =
            json!({ "in": "header", "name": "Idempotency-Key", "required": true, "schema": {} });
        let mut operation = Map::from_iter([("parameters".to_owned(), json!([id, key]))]);
        describe(&mut operation);
        assert_eq!(operation["parameters"][0], id);
        let key = &operation["parameters"][1];
        assert_eq!(key["schema"]["maxLength"], 255);
        assert_eq!(key["required"], true);
    }
}
