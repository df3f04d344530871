//! Whatever a request sends has a bound: in the type of the field that reads it, and in the document that others
//! read. A list or a text without one would be read to its end before anybody refuses it.

use serde_json::Value;

use super::source::{Finding, Source};

/// Where what arrives is read.
const EDGE: [&str; 2] = ["/src/api/", "/src/merchant/input.rs"];

/// Types that hold as much as is sent.
const UNBOUNDED: [&str; 9] = [
    "Vec<",
    "VecDeque<",
    "String",
    "HashMap<",
    "BTreeMap<",
    "HashSet<",
    "BTreeSet<",
    "Cow<",
    "Box<",
];

/// A field whose members are its sender's business: only the size of the body bounds it.
const FREE: [&str; 1] = ["Map<String, Value>"];

/// The document of the API.
pub const DOCUMENT: &str = "docs/openapi.json";

pub fn check(sources: &[Source]) -> Vec<Finding> {
    let at_the_edge = |source: &&Source| {
        source.path.starts_with("components/") && EDGE.iter().any(|part| source.path.contains(part))
    };
    sources
        .iter()
        .filter(at_the_edge)
        .flat_map(fields)
        .collect()
}

/// The fields of types that are deserialized and hold as much as is sent, or less than the document says.
fn fields(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut is_read, mut is_bounded, mut shown) = (false, false, None);
    for (number, line) in source.lines() {
        let text = line.trim();
        if line.starts_with("#[derive(") {
            is_read = text.contains("Deserialize");
        } else if line.starts_with('}') || (line.contains("struct ") && text.ends_with(';')) {
            is_read = false;
        } else if text.starts_with("#[serde(") {
            is_bounded |= text.contains("deserialize_with = \"bounded::");
        } else if text.starts_with("#[schema(") || text.starts_with("#[param(") {
            shown = number_after(text, "max_length = ").or(number_after(text, "max_items = "));
        } else if let Some((_, of)) = text.split_once(": ").filter(|_| is_read && is_field(text)) {
            let of = FREE
                .iter()
                .fold(of.to_owned(), |of, free| of.replace(free, ""));
            if !is_bounded && UNBOUNDED.iter().any(|name| has_word(&of, name)) {
                let what = "what a request sends is bounded: BoundedText or BoundedList";
                findings.push(source.finding(number, what));
            }
            let read = number_after(&of, "BoundedText<").or_else(|| {
                let (_, list) = of.split_once("BoundedList<")?;
                list.trim_end_matches(',')
                    .rsplit_once(',')
                    .and_then(|(_, most)| number_after(most, " "))
            });
            if let (Some(shown), Some(read)) = (shown, read)
                && shown > read
            {
                let what = format!("the document says {shown}, and no more than {read} is read");
                findings.push(source.finding(number, what));
            }
            (is_bounded, shown) = (false, None);
        }
    }
    findings
}

/// The number that stands behind these words, digits grouped or not.
fn number_after(text: &str, words: &str) -> Option<usize> {
    let (_, rest) = text.split_once(words)?;
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '_')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

fn is_field(text: &str) -> bool {
    !text.starts_with("//") && !text.starts_with('#') && text.ends_with(',')
}

/// Whether the name of a type is in a text, and not as a part of a longer one.
fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text
            .get(at + name.len()..)
            .and_then(|after| after.chars().next());
        let is_name = |next: Option<char>| next.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_name(before) && (name.ends_with('<') || !is_name(after))
    })
}

/// What requests may send without a bound, by the OpenAPI document.
pub fn check_document(text: &str) -> Vec<Finding> {
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => return vec![Finding::new(DOCUMENT, 1, format!("is no JSON: {error}"))],
    };
    let mut walk = Walk {
        document: &document,
        seen: Vec::new(),
        found: Vec::new(),
    };
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, methods) in paths.into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let of = format!("{method} {path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "query" {
                    let name = parameter["name"].as_str().unwrap_or_default();
                    walk.schema(&parameter["schema"], &format!("{of} ?{name}"));
                }
            }
            let contents = operation.pointer("/requestBody/content");
            let contents = contents.and_then(Value::as_object);
            for (_, content) in contents.into_iter().flatten() {
                walk.schema(&content["schema"], &of);
            }
        }
    }
    let findings = walk.found.into_iter();
    findings
        .map(|what| Finding::new(DOCUMENT, 1, what))
        .collect()
}

struct Walk<'a> {
    document: &'a Value,
    /// The schemas on the way, by their names: one may be inside itself.
    seen: Vec<&'a str>,
    found: Vec<String>,
}

impl<'a> Walk<'a> {
    fn schema(&mut self, schema: &'a Value, at: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            if !self.seen.contains(&name) {
                self.seen.push(name);
                let pointer = name.trim_start_matches('#');
                if let Some(named) = self.document.pointer(pointer) {
                    self.schema(named, at);
                }
                self.seen.pop();
            }
            return;
        }
        for one_of in ["oneOf", "anyOf", "allOf"] {
            for inner in schema[one_of].as_array().into_iter().flatten() {
                self.schema(inner, at);
            }
        }
        let is = |kind: &str| match &schema["type"] {
            Value::Array(kinds) => kinds.iter().any(|one| one == kind),
            one => one == kind,
        };
        let has = |name: &str| !schema[name].is_null();
        if is("array") {
            // Bytes of a file: the route says how many.
            let format = schema.pointer("/items/format");
            let is_file = format.is_some_and(|format| format == "int32");
            if !has("maxItems") && !is_file {
                self.found.push(format!("{at}: a list without maxItems"));
            }
            self.schema(&schema["items"], &format!("{at}/0"));
        }
        if is("string") && !["maxLength", "enum", "const"].into_iter().any(has) {
            let is_file = schema["format"] == "binary" || has("contentMediaType");
            if !is_file {
                self.found.push(format!("{at}: a text without maxLength"));
            }
        }
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            self.schema(inner, &format!("{at}/{name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::source::source;
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let findings = check(&[source("components/orders/src/api/place.rs", text)]);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_field_that_is_read_has_a_bound() {
        let text = "#[derive(Deserialize, ToSchema)]\npub struct Place {\n    items: Option<Vec<Item>>,\n    \
             note: String,\n    bounded: BoundedText<3>,\n    #[serde(deserialize_with = \"bounded::text::<_, 3>\")]\n    \
             name: String,\n    other: Option<String>,\n}\n";
        let found = lines(text);
        let places: Vec<_> = found
            .iter()
            .filter_map(|line| line.split(':').nth(1))
            .collect();
        assert_eq!(places, ["3", "4", "8"], "{found:?}");
    }

    #[test]
    fn the_document_promises_no_more_than_is_read() {
        let field = |shown: &str, of: &str| {
            let text = format!(
                "#[derive(Deserialize)]\nstruct Place {{\n    #[schema({shown})]\n    a: {of},\n}}\n"
            );
            lines(&text).len()
        };
        assert_eq!(
            field("value_type = String, max_length = 10", "BoundedText<64>"),
            0
        );
        assert_eq!(
            field("value_type = String, max_length = 1_000", "BoundedText<64>"),
            1
        );
        assert_eq!(field("max_items = 10", "Option<BoundedList<Item, 10>>"), 0);
        assert_eq!(field("max_items = 11", "Option<BoundedList<Item, 10>>"), 1);
    }

    #[test]
    fn what_is_only_answered_has_none() {
        let text = "#[derive(Serialize, ToSchema)]\npub struct Place {\n    items: Vec<Item>,\n}\n\n\
             fn parse(\n    items: Vec<Item>,\n) {}\n";
        assert_eq!(lines(text), Vec::<String>::new());
    }

    #[test]
    fn the_document_says_every_bound() {
        let text = |schema: Value| {
            let body = json!({ "content": { "application/json": { "schema": schema } } });
            let paths = json!({ "/a": { "post": { "requestBody": body } } });
            let node = json!({ "type": "object", "properties": {
                "next": { "$ref": "#/components/schemas/Node" },
                "name": { "type": ["string", "null"] },
            } });
            json!({ "paths": paths, "components": { "schemas": { "Node": node } } }).to_string()
        };
        let good =
            json!({ "type": "array", "maxItems": 3, "items": { "type": "string", "enum": ["a"] } });
        assert!(check_document(&text(good)).is_empty());
        for bad in [
            json!({ "type": "array", "items": { "type": "integer" } }),
            json!({ "oneOf": [{ "type": "null" }, { "type": "string" }] }),
            json!({ "$ref": "#/components/schemas/Node" }),
        ] {
            assert_eq!(check_document(&text(bad)).len(), 1);
        }
    }
}
