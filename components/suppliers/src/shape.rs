//! The shape of an answer, as the GraphQL specification wants it ("Response Format", "Handling Execution
//! Errors"): the fields in the order of the document, and null where one has failed.
//!
//! async-graphql 7.2 leaves a failed field out, and tells fields in the order in which they were ready. Every
//! field of this schema that can fail is nullable, so that null never has to rise to what is around it.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, PathSegment, Value};

/// Puts null where each of these paths leads to nothing.
pub fn fill<'a>(data: &mut Value, paths: impl Iterator<Item = &'a [PathSegment]>) {
    for path in paths {
        let mut place = &mut *data;
        for segment in path {
            // An object all of whose fields have failed is told as null.
            if let (PathSegment::Field(_), Value::Null) = (segment, &*place) {
                *place = Value::Object(IndexMap::new());
            }
            let next = match (segment, place) {
                (PathSegment::Field(name), Value::Object(object)) => {
                    let name = Name::new(name);
                    Some(object.entry(name).or_insert(Value::Null))
                }
                (PathSegment::Index(index), Value::List(list)) => list.get_mut(*index),
                _ => None,
            };
            match next {
                Some(next) => place = next,
                None => break,
            }
        }
    }
}

/// The same data in the order of the document.
pub fn order(document: &ExecutableDocument, set: &SelectionSet, data: Value) -> Value {
    order_all(document, &[set], data)
}

fn order_all(document: &ExecutableDocument, sets: &[&SelectionSet], data: Value) -> Value {
    match data {
        Value::Object(mut object) => {
            let mut fields = IndexMap::new();
            for set in sets {
                collect(document, set, &mut fields);
            }
            let ordered = fields.into_iter().filter_map(|(key, inner)| {
                let (name, value) = object.swap_remove_entry(key.as_str())?;
                Some((name, order_all(document, &inner, value)))
            });
            Value::Object(ordered.collect())
        }
        Value::List(values) => {
            let values = values.into_iter();
            Value::List(
                values
                    .map(|value| order_all(document, sets, value))
                    .collect(),
            )
        }
        value => value,
    }
}

/// The names under which fields are told, each with what is selected in it.
fn collect<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    fields: &mut IndexMap<&'a Name, Vec<&'a SelectionSet>>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let inner = fields.entry(&field.node.response_key().node).or_default();
                inner.push(&field.node.selection_set.node);
            }
            Selection::InlineFragment(inline) => {
                collect(document, &inline.node.selection_set.node, fields);
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name) {
                    collect(document, &fragment.node.selection_set.node, fields);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> Vec<PathSegment> {
        let segments = text.split('.').map(|segment| match segment.parse() {
            Ok(index) => PathSegment::Index(index),
            Err(_) => PathSegment::Field(segment.to_owned()),
        });
        segments.collect()
    }

    #[test]
    fn what_has_failed_is_null_where_it_would_be() {
        let json = json!({ "a": 1, "orders": { "lines": [null, { "name": "x" }] } });
        let mut data = Value::from_json(json).unwrap();
        let paths = [
            "b",
            "orders.lines.0.product",
            "orders.lines.1.product",
            "a.c",
            "orders.lines.7.d",
        ];
        let paths: Vec<_> = paths.iter().map(|text| path(text)).collect();
        fill(&mut data, paths.iter().map(Vec::as_slice));
        let expected = json!({
            "a": 1, "b": null,
            "orders": { "lines": [{ "product": null }, { "name": "x", "product": null }] },
        });
        assert_eq!(data.into_json().unwrap(), expected);
        let mut nothing = Value::Null;
        fill(&mut nothing, [path("restock").as_slice()].into_iter());
        assert_eq!(nothing.into_json().unwrap(), json!({ "restock": null }));
    }

    #[test]
    fn fields_are_told_in_the_order_of_the_document() {
        let text = "{ z ...F a { d ... on X { b } } } fragment F on Query { m a { c } y: a }";
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let json = json!({ "a": [{ "b": 1, "c": 2, "d": 3 }], "m": 4, "y": 5, "z": 6 });
        let data = Value::from_json(json).unwrap();
        let set = &operation.node.selection_set.node;
        let text = serde_json::to_string(&order(&document, set, data)).unwrap();
        assert_eq!(text, r#"{"z":6,"m":4,"a":[{"c":2,"d":3,"b":1}],"y":5}"#);
    }
}
