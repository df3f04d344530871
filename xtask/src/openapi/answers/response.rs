//! One answer of an operation, as JSON: what is added to it.

use serde_json::{Map, Value, json};

/// A refusal is a problem document; a success has a description, as OpenAPI 3.1 §4.8.17 wants, where its type says
/// it all.
pub fn describe(status: &str, response: &mut Value) {
    if status.starts_with('4') {
        add_problem(response);
    }
    let phrase = match status {
        "201" => "Created",
        "202" => "Accepted",
        "204" => "Done; there is nothing to show",
        "302" => "Elsewhere",
        _ => "OK",
    };
    let is_described = response.get("description").and_then(Value::as_str);
    if is_described.is_none_or(str::is_empty) {
        set(response, "description", phrase.into());
    }
}

/// Bytes have a media type and no schema (OpenAPI 3.1 §4.8.14.3); `Vec<u8>` would be an array of numbers.
pub fn describe_bytes(body: &mut Value) {
    let content = body.get_mut("content").and_then(Value::as_object_mut);
    for (media_type, described) in content.into_iter().flatten() {
        let is_text = media_type.starts_with("text/")
            || media_type.ends_with("xml")
            || media_type.ends_with("json");
        if !is_text {
            *described = json!({});
        }
    }
}

/// A refusal is a problem document, beside what else an operation says.
pub fn add_problem(response: &mut Value) {
    let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    add(response, "content", "application/problem+json", problem);
}

/// Adds a header that stands in `components/headers`.
pub fn add_header(response: &mut Value, name: &str) {
    let header = json!({ "$ref": format!("#/components/headers/{name}") });
    add(response, "headers", name, header);
}

/// Adds an entry to a member that is an object, which is made where there is none.
fn add(value: &mut Value, member: &str, name: &str, entry: Value) {
    if value.get(member).is_none() {
        set(value, member, json!({}));
    }
    if let Some(entries) = value.get_mut(member) {
        set(entries, name, entry);
    }
}

fn media_types(response: &Value) -> impl Iterator<Item = &str> {
    let content = response.get("content").and_then(Value::as_object);
    content.into_iter().flat_map(Map::keys).map(String::as_str)
}

/// What people save: papers, tables, pictures.
pub fn is_file(response: &Value) -> bool {
    media_types(response).any(|media_type| !media_type.ends_with("json"))
}

/// Resources and files have a tag. An archive, which is made while it is sent, has none, nor have answers of
/// protocols of their own (GraphQL, health).
pub fn has_tag(response: &Value) -> bool {
    let has_none =
        |media_type: &str| media_type.ends_with("+json") || media_type == "application/zip";
    let mut all = media_types(response).peekable();
    all.peek().is_some() && !all.any(has_none)
}

pub fn set(value: &mut Value, name: &str, member: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(name.to_owned(), member);
    }
}
