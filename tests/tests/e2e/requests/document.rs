//! The operations of the OpenAPI document, and bodies that have one value of their own anywhere in them.

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

/// A value that an operation takes.
#[derive(Clone, Debug)]
pub struct Spot {
    pub place: Place,
    /// As the document has it: a reference, maybe.
    pub schema: Value,
    /// Of a parameter, whether it has to be there.
    pub is_required: bool,
}

#[derive(Clone, Debug)]
pub struct Operation {
    pub method: String,
    /// With the names of its parameters in braces.
    pub path: String,
    /// Each value that it takes.
    pub spots: Vec<Spot>,
    /// Of its body, where that is JSON.
    body: Option<Value>,
}

/// What the document says.
#[derive(Clone, Debug)]
pub struct Document(Value);

/// What stands in a body where a value of one's own goes.
const MARK: &str = "\u{1}";

/// Fields that need not be there and without which nothing goes on, behind one that is beside them.
const ALSO: [(&str, &str); 7] = [
    ("shipping_address", "items"),
    ("from_cart", "items"),
    ("max_uses", "percent"),
    ("legal_form", "vat_number"),
    ("legal_form", "invoice_prefix"),
    ("legal_form", "credit_note_prefix"),
    ("purchase_order", "siren"),
];

/// Fields that are not given together: of these two, the second one makes way.
const INSTEAD: [(&str, &str); 1] = [("amount", "percent")];

/// What else has to be so for a value to be right: a French postal code has five digits, a Belgian one is what it is.
const BESIDE: [(&str, &str, &str); 1] = [("postal_code", "country", "BE")];

impl Place {
    /// The name of a parameter, or of the field of the body.
    pub fn name(&self) -> &str {
        match self {
            Self::Query(name) | Self::Path(name) | Self::Header(name) => name,
            Self::Body(at) => at
                .iter()
                .rev()
                .find_map(Option::as_deref)
                .unwrap_or_default(),
        }
    }
}

impl Operation {
    pub fn takes(&self, header: &str) -> bool {
        let is_it = |spot: &Spot| matches!(&spot.place, Place::Header(name) if name == header);
        self.spots.iter().any(is_it)
    }

    /// The parameters of the query that have to be there.
    pub fn required_of_query(&self) -> impl Iterator<Item = &Spot> {
        let is_query = |spot: &&Spot| matches!(spot.place, Place::Query(_));
        self.spots
            .iter()
            .filter(is_query)
            .filter(|spot| spot.is_required)
    }
}

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
        let parameters = said["parameters"].as_array().into_iter().flatten();
        let mut spots: Vec<Spot> = parameters.map(parameter).collect();
        let body = &said["requestBody"]["content"]["application/json"]["schema"];
        let body = body.is_object().then(|| body.clone());
        if let Some(schema) = &body {
            self.find(schema, &mut Vec::new(), &mut spots);
        }
        Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            spots,
            body,
        }
    }

    /// The schema that is meant: of a choice, the one that is something.
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(name) = schema["$ref"].as_str() {
            let pointer = name.trim_start_matches('#');
            return self.resolve(self.0.pointer(pointer).expect("a schema"));
        }
        match choices(schema).find(|one| one["type"] != "null") {
            Some(choice) => self.resolve(choice),
            None => schema,
        }
    }

    pub fn allows_null(&self, schema: &Value) -> bool {
        let is_null = |kind: &Value| kind == "null";
        let kinds = &self.resolve(schema)["type"];
        kinds.is_null()
            || kinds
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(is_null))
            || choices(schema).any(|one| is_null(&one["type"]))
    }

    fn find(&self, schema: &Value, at: &mut Vec<Option<String>>, spots: &mut Vec<Spot>) {
        spots.push(Spot {
            place: Place::Body(at.clone()),
            schema: schema.clone(),
            is_required: true,
        });
        let schema = self.resolve(schema);
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            at.push(Some(name.clone()));
            self.find(field, at, spots);
            at.pop();
        }
        if schema["items"].is_object() {
            at.push(None);
            self.find(&schema["items"], at, spots);
            at.pop();
        }
    }

    /// A body that is right but for what stands at this place, if it is one of the body; `own` is JSON.
    pub fn body(
        &self,
        operation: &Operation,
        place: &Place,
        own: &str,
        known: &Map<String, Value>,
    ) -> Option<String> {
        let schema = operation.body.as_ref()?;
        let at = match place {
            Place::Body(at) => Some(&**at),
            _ => None,
        };
        let mut known = known.clone();
        for (chosen, beside, value) in BESIDE {
            if at.is_some() && place.name() == chosen {
                known.insert(beside.into(), value.into());
            }
        }
        let body = self.sample(schema, "", at, &known);
        let mark = Value::from(MARK).to_string();
        Some(body.to_string().replacen(&mark, own, 1))
    }

    /// Whether nothing goes on without this field, which need not be there.
    pub fn is_wanted(place: &Place) -> bool {
        matches!(place, Place::Body(_)) && ALSO.iter().any(|(_, wanted)| *wanted == place.name())
    }

    /// A right value of a schema, for a field or a parameter of this name.
    pub fn example(&self, schema: &Value, name: &str, known: &Map<String, Value>) -> Value {
        self.sample(schema, name, None, known)
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
        let first = |name: &str| schema[name].as_array().and_then(|all| all.first());
        if let Some(value) = first("enum")
            .or(schema.get("example"))
            .or(first("examples"))
        {
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
        let makes_way = |name: &str| {
            INSTEAD
                .iter()
                .any(|pair| next == Some(pair.0) && pair.1 == name)
        };
        let mut object = Map::new();
        for (name, field) in fields {
            let is_next = next == Some(name);
            if is_next || (is_required(name) && !makes_way(name)) {
                let rest = at.and_then(|at| at.get(1..)).filter(|_| is_next);
                object.insert(name.clone(), self.sample(field, name, rest, known));
            }
        }
        Value::Object(object)
    }
}

fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
    let of = ["oneOf", "anyOf"].into_iter();
    of.filter_map(|name| schema[name].as_array()).flatten()
}

/// A parameter with its example, if its schema has none.
fn parameter(said: &Value) -> Spot {
    let name = said["name"].as_str().expect("a name").to_owned();
    let mut schema = said["schema"].clone();
    if let (Some(example), Some(schema)) = (said.get("example"), schema.as_object_mut()) {
        schema.entry("example").or_insert_with(|| example.clone());
    }
    Spot {
        place: match said["in"].as_str() {
            Some("query") => Place::Query(name),
            Some("path") => Place::Path(name),
            _ => Place::Header(name),
        },
        schema,
        is_required: said["required"] == true,
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
        assert_eq!(operation.spots.len(), 6);
        let known = Map::new();
        let bodies = operation
            .spots
            .iter()
            .filter_map(|spot| document.body(operation, &spot.place, "7e400", &known));
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
