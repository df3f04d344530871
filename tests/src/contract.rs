//! Holds every exchange of the end-to-end tests to `docs/openapi.json`: an answer has a status, headers and a body
//! that its operation names, and a request that was granted is one that the document allows.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::{Draft, Registry, Validator};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

const DOCUMENT: &str = include_str!("../../docs/openapi.json");
/// Where the document is, for references into it.
const ADDRESS: &str = "urn:comptoir:openapi";
/// Headers of HTTP, of browsers and of the shop that any answer may carry: the document says so once.
const EVERYWHERE: [&str; 22] = [
    "accept-encoding",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "date",
    "ratelimit",
    "ratelimit-policy",
    "referrer-policy",
    "transfer-encoding",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
];

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// What was asked and what came, as far as the document speaks of it.
pub(crate) struct Exchange<'a> {
    pub method: &'a Method,
    /// With its query.
    pub path: &'a str,
    pub sent: Option<&'a Value>,
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub bytes: &'a [u8],
}

/// What is not as the document says; nothing of what it does not describe, such as routes between services.
pub(crate) fn faults(exchange: &Exchange<'_>) -> Vec<String> {
    let (path, query) = exchange.path.split_once('?').unwrap_or((exchange.path, ""));
    let Some(operation) = CONTRACT.find(exchange.method, path) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    operation.check_answer(exchange, &mut faults);
    if exchange.status < 300 {
        operation.check_body(exchange, &mut faults);
        operation.check_query(query, &mut faults);
    }
    faults
}

struct Contract {
    document: Value,
    registry: Registry<'static>,
    /// By the pointer to its schema.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// One operation, and where it stands.
struct Operation<'a> {
    contract: &'a Contract,
    value: &'a Value,
    pointer: String,
}

impl Contract {
    fn read() -> Self {
        let document: Value = serde_json::from_str(DOCUMENT).expect("docs/openapi.json is JSON");
        let mut closed = document.clone();
        close(&mut closed, &document);
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(ADDRESS, closed)
            .and_then(|registry| registry.prepare());
        Self {
            document,
            registry: registry.expect("references of docs/openapi.json lead somewhere"),
            validators: Mutex::default(),
        }
    }

    /// The operation of a request: a path that is written out goes before one with parameters.
    fn find(&self, method: &Method, path: &str) -> Option<Operation<'_>> {
        let paths = self.document.get("paths")?.as_object()?;
        let candidates = paths.iter().filter(|(template, _)| fits(template, path));
        let (template, item) =
            candidates.min_by_key(|(template, _)| template.matches('{').count())?;
        let method = method.as_str().to_lowercase();
        Some(Operation {
            contract: self,
            value: item.get(&method)?,
            pointer: format!("/paths/{}/{method}", escape(template)),
        })
    }

    /// What a value is, or refers to, and where that stands.
    fn resolve<'a>(&'a self, value: &'a Value, pointer: String) -> (&'a Value, String) {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#').to_owned();
                (self.document.pointer(&pointer).unwrap_or(value), pointer)
            }
            None => (value, pointer),
        }
    }

    fn validator(&self, pointer: &str) -> Arc<Validator> {
        let mut known = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let build = || {
            // Braces of paths are no characters of an address.
            let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
            let schema = serde_json::json!({ "$ref": format!("{ADDRESS}#{fragment}") });
            let options = jsonschema::options()
                .with_draft(Draft::Draft202012)
                .with_registry(&self.registry)
                .should_validate_formats(true)
                .build(&schema);
            Arc::new(options.unwrap_or_else(|error| panic!("{pointer} is no schema: {error}")))
        };
        Arc::clone(known.entry(pointer.to_owned()).or_insert_with(build))
    }

    /// What is wrong with a value, by the schema at a pointer.
    fn judge(&self, what: &str, pointer: &str, value: &Value, faults: &mut Vec<String>) {
        let validator = self.validator(pointer);
        for error in validator.iter_errors(value).take(5) {
            faults.push(format!("{what}{}: {error}", error.instance_path()));
        }
    }
}

impl Operation<'_> {
    fn check_answer(&self, exchange: &Exchange<'_>, faults: &mut Vec<String>) {
        // Where an instance fails or is killed, the host answers for it and says nothing.
        if exchange.status >= 500 && exchange.bytes.is_empty() {
            return;
        }
        let status = exchange.status.to_string();
        let responses = &self.value["responses"];
        // What is our fault or that of the shop's servers is the same for all.
        let status = if exchange.status >= 500 && responses.get(&status).is_none() {
            "default"
        } else {
            &status
        };
        let Some(response) = responses.get(status) else {
            faults.push(format!("the status {status} is not documented"));
            return;
        };
        let (response, pointer) = self
            .contract
            .resolve(response, format!("{}/responses/{status}", self.pointer));
        self.check_headers(response, exchange.headers, faults);
        let Some(content) = response.get("content").and_then(Value::as_object) else {
            if !exchange.bytes.is_empty() && *exchange.method != Method::HEAD {
                faults.push(format!("{status} is documented without a body"));
            }
            return;
        };
        let media_type = exchange
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        let media_type = media_type
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        let Some(content) = content.get(media_type) else {
            faults.push(format!("{status} is not documented as {media_type:?}"));
            return;
        };
        if !media_type.ends_with("json") || exchange.headers.contains_key("content-encoding") {
            return;
        }
        let body: Value = serde_json::from_slice(exchange.bytes).unwrap_or_default();
        let schema = format!("{pointer}/content/{}/schema", escape(media_type));
        if content.get("schema").is_some() {
            self.contract.judge("answer", &schema, &body, faults);
        }
        self.check_code(response, &body, faults);
    }

    /// The description of a refusal names the codes that it may have.
    fn check_code(&self, response: &Value, body: &Value, faults: &mut Vec<String>) {
        let described = response["description"].as_str().unwrap_or_default();
        if let (Some(code), Some(status)) = (body["code"].as_str(), body["status"].as_u64())
            && status < 500
            && !described.contains(&format!("`{code}`"))
        {
            faults.push(format!("the code {code} of {status} is not documented"));
        }
    }

    fn check_headers(&self, response: &Value, sent: &HeaderMap, faults: &mut Vec<String>) {
        let none = Map::new();
        let documented = response["headers"].as_object().unwrap_or(&none);
        for name in sent.keys() {
            let is_documented = documented
                .keys()
                .any(|known| known.eq_ignore_ascii_case(name.as_str()));
            if !is_documented && !EVERYWHERE.contains(&name.as_str()) {
                faults.push(format!("the header {name} is not documented"));
            }
        }
        for (name, header) in documented {
            let (header, _) = self.contract.resolve(header, String::new());
            if header["required"] == true && !sent.contains_key(name) {
                faults.push(format!("the header {name} is missing"));
            }
        }
    }

    fn check_body(&self, exchange: &Exchange<'_>, faults: &mut Vec<String>) {
        const SCHEMA: &str = "/requestBody/content/application~1json/schema";
        let Some(sent) = exchange.sent else { return };
        if self.value.pointer(SCHEMA).is_some() {
            let schema = format!("{}{SCHEMA}", self.pointer);
            self.contract.judge("body", &schema, sent, faults);
        }
    }

    fn check_query(&self, query: &str, faults: &mut Vec<String>) {
        let none = Vec::new();
        let parameters = self.value["parameters"].as_array().unwrap_or(&none);
        let address = reqwest::Url::parse(&format!("http://shop/?{query}")).expect("an address");
        for (name, text) in address.query_pairs() {
            let mut all = parameters.iter().enumerate();
            let found = all.find(|(_, one)| one["in"] == "query" && one["name"] == *name);
            let Some((place, parameter)) = found else {
                faults.push(format!("the parameter {name} is not documented"));
                continue;
            };
            let value = match parameter.pointer("/schema/type").and_then(Value::as_str) {
                Some("integer" | "number" | "boolean") => {
                    serde_json::from_str(&text).unwrap_or_default()
                }
                _ => Value::from(&*text),
            };
            let schema = format!("{}/parameters/{place}/schema", self.pointer);
            let what = format!("parameter {name}");
            self.contract.judge(&what, &schema, &value, faults);
        }
    }
}

/// Has schemas of objects refuse members that they do not name: what is sent is documented. What a schema is composed
/// of is written out, so that only the whole is closed.
fn close(value: &mut Value, document: &Value) {
    match value {
        Value::Object(object) => {
            if let Some(parts) = object.get_mut("allOf") {
                write_out(parts, document);
            } else {
                object
                    .values_mut()
                    .for_each(|member| close(member, document));
            }
            let is_composed = object.contains_key("allOf");
            let names_members = object.get("properties").is_some_and(Value::is_object);
            let is_open = object.contains_key("additionalProperties");
            if (is_composed || names_members) && !is_open {
                object.insert("unevaluatedProperties".into(), false.into());
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| close(entry, document)),
        _ => {}
    }
}

/// Puts schemas in the place of references to them, and closes those of their members.
fn write_out(parts: &mut Value, document: &Value) {
    for part in parts.as_array_mut().into_iter().flatten() {
        if let Some(reference) = part.get("$ref").and_then(Value::as_str) {
            let pointer = reference.trim_start_matches('#');
            *part = document.pointer(pointer).cloned().unwrap_or_default();
        }
        if let Some(inner) = part.get_mut("allOf") {
            write_out(inner, document);
        }
        for member in part
            .get_mut("properties")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
        {
            close(member.1, document);
        }
    }
}

/// Whether a path is one of a template, such as `/api/orders/{id}`.
fn fits(template: &str, path: &str) -> bool {
    let is_same =
        |(one, other): (&str, &str)| one == other || (one.starts_with('{') && !other.is_empty());
    template.split('/').count() == path.split('/').count()
        && template.split('/').zip(path.split('/')).all(is_same)
}

/// As a part of a JSON pointer.
fn escape(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults_of(
        path: &str,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &Value,
    ) -> Vec<String> {
        let headers = headers.iter().map(|(name, value)| {
            let name = reqwest::header::HeaderName::from_static(name);
            (name, value.parse().expect("a header"))
        });
        faults(&Exchange {
            method: &Method::GET,
            path,
            sent: None,
            status,
            headers: &headers.collect(),
            bytes: body.to_string().as_bytes(),
        })
    }

    const JSON: (&str, &str) = ("content-type", "application/json");
    const TAG: (&str, &str) = ("etag", "\"1\"");
    const LIST: &str = "/api/categories";

    #[test]
    fn an_answer_as_documented_has_no_fault() {
        let none: [String; 0] = [];
        assert_eq!(
            faults_of(LIST, 200, &[JSON, TAG], &json!({ "data": [] })),
            none
        );
        assert_eq!(faults_of("/internal/tick", 418, &[], &json!(null)), none);
    }

    #[test]
    fn whatever_is_not_documented_is_a_fault() {
        let list = json!({ "data": [] });
        let more = json!({ "data": [], "more": true });
        let problem = json!({
            "type": "/problems/strange", "title": "Strange", "status": 400, "code": "strange",
            "instance": LIST, "request_id": "1",
        });
        let problem_type = ("content-type", "application/problem+json");
        for (path, status, headers, body) in [
            (LIST, 418, vec![JSON, TAG], &list),
            (LIST, 200, vec![JSON, TAG, ("x-strange", "1")], &list),
            (LIST, 200, vec![("content-type", "text/csv"), TAG], &list),
            (LIST, 200, vec![JSON, TAG], &more),
            (LIST, 400, vec![problem_type], &problem),
            ("/api/categories?strange=1", 200, vec![JSON, TAG], &list),
            ("/api/categories?limit=1000", 200, vec![JSON, TAG], &list),
        ] {
            let faults = faults_of(path, status, &headers, body);
            assert_eq!(faults.len(), 1, "{path} {status} {headers:?}: {faults:?}");
        }
    }
}
