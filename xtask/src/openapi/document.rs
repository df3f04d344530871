//! The document itself: parts in, one text out. Pure.

use anyhow::{Result, anyhow, bail};
use serde_json::{Map, Value, json};

use super::{answers, headers};

const DESCRIPTION: &str = "A shop: accounts, catalogue, cart, orders and their documents.\n\n\
    Amounts are integers of minor units (`{\"amount\": 1999, \"currency\": \"EUR\"}` is 19.99 €), VAT \
    rates basis points, instants RFC 3339 in UTC, ids UUIDs.\n\n\
    Every refusal is a problem document (RFC 9457), in French or English after `Accept-Language`. \
    Only bytes that cannot be read as a request are answered with a bare 400, 414 or 431. \
    Lists are paged by `limit` and `cursor`; `Link` names the next page. A change needs `If-Match` \
    with the `ETag` that was read, or `*`. What takes an \
    `Idempotency-Key` names it: sent again with the same key, it is answered as the first was, for 24 hours; what names \
    none takes no notice of one.\n\n\
    Every answer has an `X-Request-Id`, but for those that caches may give to others; those that are counted have `RateLimit-Policy` and `RateLimit`. What may be \
    read without an access token is shown beside a bad one too, and `WWW-Authenticate` says that it is bad.";

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// What one service prints.
#[derive(Debug)]
pub struct Part<'a> {
    pub service: &'a str,
    pub description: &'a str,
    pub value: Value,
}

#[derive(Debug)]
pub struct Document {
    version: String,
    tags: Vec<Value>,
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
    /// What a reader would stumble over.
    faults: Vec<String>,
}

impl Document {
    pub fn new(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            tags: Vec::new(),
            paths: Map::new(),
            schemas: Map::new(),
            faults: Vec::new(),
        }
    }

    pub fn add(&mut self, part: Part<'_>) -> Result<()> {
        let Part {
            service,
            description,
            value,
        } = part;
        for (name, schema) in members(&value, "/components/schemas") {
            match self.schemas.get(name) {
                Some(known) if known != schema => {
                    bail!(
                        "{service} has another schema by the name `{name}` than a service before it"
                    )
                }
                _ => self.schemas.insert(name.clone(), schema.clone()),
            };
        }
        let mut any = false;
        for (path, item) in members(&value, "/paths") {
            let mut item = item.clone();
            for method in METHODS {
                if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                    self.complete(method, path, operation);
                    any = true;
                }
            }
            if self.paths.insert(path.clone(), item).is_some() {
                bail!("{service} has the path {path}, which a service before it has");
            }
        }
        if any {
            self.tags
                .push(json!({ "name": service, "description": description }));
        }
        Ok(())
    }

    /// Gives an operation what is the same for all, and notes what is missing.
    fn complete(&mut self, method: &str, path: &str, operation: &mut Map<String, Value>) {
        let words = path.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let words: Vec<&str> = words.filter(|word| !matches!(*word, "" | "api")).collect();
        let id = format!("{method}_{}", words.join("_"));
        operation.insert("operationId".into(), id.into());
        // Nothing is required; an absent member would say that nobody thought of it.
        operation.entry("security").or_insert_with(|| json!([]));
        let has_text = |name: &str| {
            let text = operation.get(name).and_then(Value::as_str);
            text.is_some_and(|text| !text.is_empty())
        };
        let of_operation = |fault: &str| format!("{} {path} {fault}", method.to_uppercase());
        if !has_text("summary") {
            self.faults.push(of_operation("has no summary"));
        }
        let tags = operation.get("tags").and_then(Value::as_array);
        if tags.is_none_or(Vec::is_empty) {
            self.faults.push(of_operation("has no tag"));
        }
        headers::describe(operation);
        answers::complete(method, path, operation);
        let refusal = operation
            .get("responses")
            .and_then(|responses| responses.get("default"));
        if refusal.is_none() {
            self.faults
                .push(of_operation("does not say how it refuses (Refusals)"));
        }
    }

    /// The text, in an order that does not depend on who was added first.
    pub fn finish(mut self) -> Result<String> {
        self.tags
            .sort_by_key(|tag| tag.get("name").map(Value::to_string));
        refer_to_entries(&mut self.schemas);
        let (responses, response_headers) = answers::components();
        let document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Comptoir",
                "version": self.version,
                "description": DESCRIPTION,
                "license": { "name": "Apache License 2.0", "identifier": "Apache-2.0" },
            },
            "servers": [{ "url": "/", "description": "The server that answers this document" }],
            "tags": self.tags,
            "paths": self.paths,
            "components": {
                "schemas": self.schemas,
                "responses": responses,
                "headers": response_headers,
                "securitySchemes": { "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token (RFC 9068) of POST /api/auth/login.",
                } },
            },
        });
        find_dangling(&document, &document, &mut self.faults);
        self.faults.dedup();
        if !self.faults.is_empty() {
            return Err(anyhow!("{}", self.faults.join("\n")));
        }
        Ok(write(document))
    }
}

/// Has lists name what is in them: utoipa writes out the parameter of a generic type, and programs made from that
/// would have two types for one thing.
fn refer_to_entries(schemas: &mut Map<String, Value>) {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for list in &names {
        let Some(entry) = list.strip_prefix("ListBody_") else {
            continue;
        };
        let known = schemas.get(entry).cloned();
        let items = schemas
            .get_mut(list)
            .and_then(|schema| schema.pointer_mut("/properties/data/items"));
        if let (Some(known), Some(items)) = (known, items)
            && *items == known
        {
            *items = json!({ "$ref": format!("#/components/schemas/{entry}") });
        }
    }
}

/// Members of an object inside a value; none if there is no such object.
fn members<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let object = value.pointer(pointer).and_then(Value::as_object);
    object.into_iter().flatten()
}

/// References that lead nowhere.
fn find_dangling(document: &Value, value: &Value, faults: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref")
                && reference
                    .strip_prefix('#')
                    .is_none_or(|pointer| document.pointer(pointer).is_none())
            {
                faults.push(format!("{reference} leads nowhere"));
            }
            for member in object.values() {
                find_dangling(document, member, faults);
            }
        }
        Value::Array(entries) => {
            for entry in entries {
                find_dangling(document, entry, faults);
            }
        }
        _ => {}
    }
}

/// Pretty, with the members of the document in the order in which people read them.
fn write(document: Value) -> String {
    let members = ["openapi", "info", "servers", "tags", "paths", "components"].map(|name| {
        let value = document.get(name).cloned().unwrap_or_default();
        let value = format!("{:#}", sorted(value)).replace('\n', "\n  ");
        format!("  \"{name}\": {value}")
    });
    format!("{{\n{}\n}}\n", members.join(",\n"))
}

/// In alphabetical order, whichever map serde_json was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            let sorted = members
                .into_iter()
                .map(|(name, value)| (name, sorted(value)));
            Value::Object(sorted.collect())
        }
        Value::Array(entries) => Value::Array(entries.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(service: &str, path: &str, schema: Value) -> Value {
        json!({
            "paths": { path: { "get": {
                "summary": "Does it", "tags": [service],
                "responses": { "default": { "description": "A refusal" } },
            } } },
            "components": { "schemas": { "Problem": {}, "Thing": schema } },
        })
    }

    fn merge(parts: Vec<(&str, Value)>) -> Result<Value> {
        let mut document = Document::new("1.2.3");
        for (service, value) in parts {
            document.add(Part {
                service,
                description: "It does things",
                value,
            })?;
        }
        Ok(serde_json::from_str(&document.finish()?)?)
    }

    #[test]
    fn parts_are_merged_in_an_order_of_their_own() {
        let cart = || ("cart", part("cart", "/api/cart/{id}", json!({})));
        let orders = || ("orders", part("orders", "/api/orders", json!({})));
        let one = merge(vec![cart(), orders()]).unwrap();
        assert_eq!(one, merge(vec![orders(), cart()]).unwrap());
        assert_eq!(one["tags"][0]["name"], "cart");
        let operation = &one["paths"]["/api/cart/{id}"]["get"];
        assert_eq!(operation["operationId"], "get_cart_id");
        assert_eq!(operation["security"], json!([]));
    }

    #[test]
    fn one_name_for_two_schemas_is_refused_by_name() {
        let error = merge(vec![
            (
                "cart",
                part("cart", "/api/cart", json!({ "type": "object" })),
            ),
            (
                "orders",
                part("orders", "/api/orders", json!({ "type": "string" })),
            ),
        ]);
        assert!(error.unwrap_err().to_string().contains("`Thing`"));
    }

    #[test]
    fn a_list_names_what_is_in_it() {
        let thing = json!({ "type": "object" });
        let mut part = part("cart", "/api/cart", thing.clone());
        part["components"]["schemas"]["ListBody_Thing"] =
            json!({ "properties": { "data": { "items": thing } } });
        let merged = merge(vec![("cart", part)]).unwrap();
        let items =
            &merged["components"]["schemas"]["ListBody_Thing"]["properties"]["data"]["items"];
        assert_eq!(items["$ref"], "#/components/schemas/Thing");
    }

    #[test]
    fn one_path_of_two_services_is_refused() {
        let part = |service| (service, part(service, "/api/cart", json!({})));
        let error = merge(vec![part("cart"), part("orders")]).unwrap_err();
        assert!(error.to_string().contains("/api/cart"));
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let bare = json!({ "paths": { "/a": { "post": {
            "responses": { "200": { "$ref": "#/components/schemas/Nothing" } },
        } } } });
        let error = merge(vec![("cart", bare)]).unwrap_err().to_string();
        for fault in ["no summary", "no tag", "how it refuses", "leads nowhere"] {
            assert!(error.contains(fault), "{error}");
        }
    }
}
