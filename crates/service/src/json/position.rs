//! Where in a JSON text an error is, as an RFC 6901 pointer.
//!
//! serde_json says how far it has read when it met something that it cannot use: behind the value, or the name
//! of a field, that is wrong. To follow the path while reading would be a second copy of the code that reads
//! each type, a tenth of a component; `serde_path_to_error` does so, and the tests hold this against it.

/// One step of a path.
enum Step {
    /// In an object, and at which of its names.
    Name(String),
    /// In a list, and at which of its entries.
    Entry(usize),
}

/// The pointer to where an error in this text is.
pub fn pointer(json: &[u8], error: &serde_json::Error) -> String {
    let lines = json.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let read = json
        .get(..before.saturating_add(error.column()))
        .unwrap_or(json);
    let mut pointer = String::new();
    for step in path(read) {
        pointer.push('/');
        match step {
            Step::Name(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
            Step::Entry(index) => pointer.push_str(&index.to_string()),
        }
    }
    pointer
}

/// The way to the last thing in the beginning of a JSON text.
fn path(read: &[u8]) -> Vec<Step> {
    let mut path = Vec::new();
    // Whether the next text is the name of a field, and where it begins.
    let (mut name_is_next, mut begun) = (false, None);
    let mut bytes = read.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (byte, begun) {
            (b'\\', Some(_)) => {
                bytes.next();
            }
            (b'"', Some(from)) => {
                begun = None;
                if name_is_next && let Some(Step::Name(name)) = path.last_mut() {
                    name_is_next = false;
                    let text = read.get(from..=at).unwrap_or_default();
                    *name = serde_json::from_slice(text).unwrap_or_default();
                }
            }
            (_, Some(_)) => {}
            (b'"', None) => begun = Some(at),
            (b'{', None) => {
                path.push(Step::Name(String::new()));
                name_is_next = true;
            }
            (b'[', None) => path.push(Step::Entry(0)),
            (b'}' | b']', None) => {
                path.pop();
            }
            (b',', None) => match path.last_mut() {
                Some(Step::Entry(index)) => *index += 1,
                Some(Step::Name(_)) => name_is_next = true,
                None => {}
            },
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Order {
        lines: Vec<Line>,
        note: Option<String>,
        pair: Option<(u8, bool)>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Line {
        item: commerce::ItemId,
        quantity: i64,
        price: Option<commerce::Money>,
    }

    /// What the library says that follows the path while it reads; of a field that is missing, its object.
    fn expected(json: &str) -> Option<String> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let error = serde_path_to_error::deserialize::<_, Order>(&mut deserializer).err()?;
        let mut pointer = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            pointer.push('/');
            match segment {
                Segment::Seq { index } => pointer.push_str(&index.to_string()),
                Segment::Map { key } => pointer.push_str(key),
                Segment::Enum { .. } | Segment::Unknown => pointer.push('?'),
            }
        }
        Some(pointer)
    }

    fn found(json: &str) -> Option<String> {
        let error = serde_json::from_str::<Order>(json).err()?;
        Some(pointer(json.as_bytes(), &error))
    }

    const ID: &str = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e";

    #[test]
    fn a_pointer_leads_to_what_is_wrong() {
        let line = |rest: &str| format!("{{\"lines\": [{{\"item\": \"{ID}\",\n {rest}}}]}}");
        for (json, at) in [
            (line(r#""quantity": 1.5"#), "/lines/0/quantity"),
            (
                line(r#""quantity": [1], "price": null"#),
                "/lines/0/quantity",
            ),
            (line(r#""quantity": 1, "nope": 2"#), "/lines/0/nope"),
            (line(r#""price": null"#), "/lines/0"),
            (
                line(r#""quantity": 1, "price": {"amount": true}"#),
                "/lines/0/price/amount",
            ),
            (
                r#"{"lines": [{"item": "zzz", "quantity": 1}]}"#.into(),
                "/lines/0/item",
            ),
            (
                r#"{"lines": [{"quantity": 1, "item": "zzz" }]}"#.into(),
                "/lines/0/item",
            ),
            (r#"{"lines": [], "note": {"a": "b\"]}"}}"#.into(), "/note"),
            (r#"{"lines": 7}"#.into(), "/lines"),
            (r#"{"lines": [], "note": null, "note": 1}"#.into(), "/note"),
            (r#"{"a/b~c": 7}"#.into(), "/a~1b~0c"),
            ("[]".into(), ""),
        ] {
            assert_eq!(found(&json).as_deref(), Some(at), "{json}");
        }
    }

    fn any_value() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("1".to_owned()),
            Just("-2.5".to_owned()),
            Just("true".to_owned()),
            Just("null".to_owned()),
            Just("\"a\\\"]},[{\"".to_owned()),
            Just(format!("\"{ID}\"")),
            Just(r#"{"amount": 5, "currency": "EUR"}"#.to_owned()),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let name = prop::sample::select(vec![
                "lines", "note", "pair", "item", "quantity", "price", "amount", "nope",
            ]);
            let member =
                (name, inner.clone()).prop_map(|(name, value)| format!("\"{name}\" :{value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..3)
                    .prop_map(|list| format!("[{}]", list.join(" , "))),
                prop::collection::vec(member, 0..4)
                    .prop_map(|list| format!("{{{}\n}}", list.join(","))),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_where_the_library_says_that_follows_the_path(
            json in any_value(),
            quantity in any_value(),
            item in prop_oneof![Just(format!("\"{ID}\"")), any_value()],
        ) {
            let deep = format!("{{\"lines\": [{{\"item\": {item}, \"quantity\":\n {quantity} }}, {json}]}}");
            for json in [json, deep] {
                // Of a name that is there twice, the library has only the object.
                let twice = serde_json::from_str::<Order>(&json).err();
                if twice.is_none_or(|error| !error.to_string().starts_with("duplicate field")) {
                    prop_assert_eq!(found(&json), expected(&json), "{}", json);
                }
            }
        }
    }
}
