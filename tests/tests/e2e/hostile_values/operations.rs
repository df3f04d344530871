//! The operations of the OpenAPI document, and requests that have one value of their own anywhere in them.

use serde_json::{Map, Value};

/// Where a value of a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Query(String),
    Path(String),
    Header(String),
    /// In the body: names, and `None` for the entries of a list.
    Body(Vec<Option<String>>),
}

#[derive(Clone, Debug)]
pub struct Operation {
    pub method: String,
    /// With the names of its parameters in braces.
    pub path: String,
    /// Each place in which it takes a value.
    pub places: Vec<Place>,
    /// Of its body, where that is JSON.
    body: Option<Value>,
}

/// What the document says.
#[derive(Clone, Debug)]
pub struct Document(Value);

/// What stands in a body where a value of one's own goes.
const MARK: &str = "\u{1}";

/// Fields that need not be there and without which nothing goes on.
const ALSO: [(&str, &str); 3] = [
    ("shipping_address", "items"),
    ("from_cart", "items"),
    ("max_uses", "percent"),
];

impl Document {
    pub fn new(json: &str) -> Self {
        Self(serde_json::from_str(json).expect("a document in JSON"))
    }

    pub fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        let paths = self.0["paths"].as_object().expect("paths");
        for (path, methods) in paths {
            for (method, said) in methods.as_object().expect("methods") {
                operations.push(self.operation(method, path, said));
            }
        }
        operations
    }

    fn operation(&self, method: &str, path: &str, said: &Value) -> Operation {
        let mut places = Vec::new();
        for parameter in said["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name").to_owned();
            places.push(match parameter["in"].as_str() {
                Some("query") => Place::Query(name),
                Some("path") => Place::Path(name),
                _ => Place::Header(name),
            });
        }
        let body = &said["requestBody"]["content"]["application/json"]["schema"];
        let body = body.is_object().then(|| body.clone());
        if let Some(schema) = &body {
            self.find(schema, &mut Vec::new(), &mut places);
        }
        Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            places,
            body,
        }
    }

    /// The schema that is meant: of a choice, the one that is something.
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(name) = schema["$ref"].as_str() {
            let pointer = name.trim_start_matches('#');
            return self.resolve(self.0.pointer(pointer).expect("a schema"));
        }
        let choices = ["oneOf", "anyOf"]
            .iter()
            .find_map(|name| schema[name].as_array());
        match choices.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            Some(choice) => self.resolve(choice),
            None => schema,
        }
    }

    fn find(&self, schema: &Value, at: &mut Vec<Option<String>>, places: &mut Vec<Place>) {
        places.push(Place::Body(at.clone()));
        let schema = self.resolve(schema);
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            at.push(Some(name.clone()));
            self.find(field, at, places);
            at.pop();
        }
        if schema["items"].is_object() {
            at.push(None);
            self.find(&schema["items"], at, places);
            at.pop();
        }
    }

    /// A body that is right but for what stands at this place, if it is one of the body; `hostile` is JSON.
    pub fn body(
        &self,
        operation: &Operation,
        place: &Place,
        hostile: &str,
        known: &Map<String, Value>,
    ) -> Option<String> {
        let schema = operation.body.as_ref()?;
        let at = match place {
            Place::Body(at) => Some(&**at),
            _ => None,
        };
        let body = self.sample(schema, "", at, known);
        let mark = Value::from(MARK).to_string();
        Some(body.to_string().replacen(&mark, hostile, 1))
    }

    fn sample(
        &self,
        schema: &Value,
        name: &str,
        at: Option<&[Option<String>]>,
        known: &Map<String, Value>,
    ) -> Value {
        if at.is_some_and(<[_]>::is_empty) {
            return MARK.into();
        }
        let schema = self.resolve(schema);
        if let Some(fields) = schema["properties"].as_object() {
            return self.object(schema, fields, at, known);
        }
        if schema["items"].is_object() {
            let rest = at.and_then(|at| at.get(1..));
            return Value::Array(vec![self.sample(&schema["items"], name, rest, known)]);
        }
        if let Some(value) = known.get(name) {
            return value.clone();
        }
        let first = schema["enum"].as_array().and_then(|all| all.first());
        if let Some(value) = first.or(schema.get("example")) {
            return value.clone();
        }
        let kinds = schema["type"].to_string();
        match (
            kinds.contains("integer"),
            kinds.contains("boolean"),
            kinds.contains("object"),
        ) {
            (true, ..) => 1.into(),
            (_, true, _) => false.into(),
            (.., true) => Value::Object(Map::new()),
            _ => "texte".into(),
        }
    }

    fn object(
        &self,
        schema: &Value,
        fields: &Map<String, Value>,
        at: Option<&[Option<String>]>,
        known: &Map<String, Value>,
    ) -> Value {
        let required = schema["required"].as_array();
        let is_required = |name: &str| {
            let also =
                |(beside, wanted): &(&str, &str)| *wanted == name && fields.contains_key(*beside);
            required.is_some_and(|all| all.iter().any(|one| one == name)) || ALSO.iter().any(also)
        };
        let next = at.and_then(|at| at.first()?.as_deref());
        let mut object = Map::new();
        for (name, field) in fields {
            let is_next = next == Some(name);
            if is_next || is_required(name) {
                let rest = at.and_then(|at| at.get(1..)).filter(|_| is_next);
                object.insert(name.clone(), self.sample(field, name, rest, known));
            }
        }
        Value::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_a_place_and_the_rest_of_the_body_is_right() {
        let document = Document::new(
            r##"{"paths": {"/x/{id}": {"put": {
                "parameters": [{"name": "id", "in": "path"}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
            }}}, "components": {"schemas": {"A": {
                "required": ["n"], "properties": {"n": {"type": "integer"},
                    "list": {"type": ["array", "null"], "items": {"properties": {"t": {"type": "string"}}}}}
            }}}}"##,
        );
        let [operation] = &document.operations()[..] else {
            panic!("one operation");
        };
        assert_eq!(operation.places.len(), 6);
        let known = Map::new();
        let bodies = operation
            .places
            .iter()
            .filter_map(|place| document.body(operation, place, "7e400", &known));
        let bodies: Vec<String> = bodies.collect();
        assert_eq!(
            bodies,
            [
                r#"{"n":1}"#,
                "7e400",
                r#"{"list":7e400,"n":1}"#,
                r#"{"list":[7e400],"n":1}"#,
                r#"{"list":[{"t":7e400}],"n":1}"#,
                r#"{"n":7e400}"#,
            ]
        );
    }
}
