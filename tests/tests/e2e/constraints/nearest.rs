//! The values on both sides of each constraint of a schema: the nearest that it forbids, and the nearest that it
//! allows.

use serde_json::Value;

/// A text whose length is one of so many characters at most; a list has no more entries.
const LONGEST: u64 = 100_000;
/// What hardly any pattern and no format has at any place.
const ODD: [char; 5] = ['!', 'é', ' ', '/', '.'];

/// The nearest values that a schema without references forbids, near one that it allows.
pub fn forbidden(schema: &Value, right: &Value) -> Vec<Value> {
    let is_allowed = allows(schema);
    let mut values = by_numbers(schema, |least| least - 1, |most| most + 1);
    values.extend(schema["not"].get("const").cloned());
    if let Some(text) = right.as_str() {
        values.extend(lengths(
            schema,
            text,
            |least| least.checked_sub(1),
            |most| most + 1,
        ));
        values.extend(odd(text).find(|odd| !is_allowed(odd)));
        values.extend([
            " ".into(),
            text.to_uppercase().into(),
            text.to_lowercase().into(),
        ]);
        values.extend(off_the_calendar(&schema["format"]));
    }
    values.retain(|value| !is_allowed(value));
    values.dedup();
    values
}

/// The nearest that it allows.
pub fn allowed(schema: &Value, right: &Value) -> Vec<Value> {
    let mut values = vec![right.clone()];
    values.extend(by_numbers(schema, |least| least, |most| most));
    values.extend(schema["enum"].as_array().into_iter().flatten().cloned());
    if schema["type"] == "boolean" {
        values.extend([true.into(), false.into()]);
    }
    if let Some(text) = right.as_str() {
        values.extend(lengths(schema, text, Some, |most| most));
    }
    let is_allowed = allows(schema);
    assert!(is_allowed(right), "{right} is no right value of {schema}");
    values.retain(|value| is_allowed(value));
    values.dedup();
    values
}

/// Lists that have one entry too few, and too many.
pub fn forbidden_lists(schema: &Value, entry: &Value) -> Vec<Value> {
    lists(schema, entry, |least| least.checked_sub(1), |most| most + 1)
}

/// Lists that have as few entries as they may, and as many.
pub fn allowed_lists(schema: &Value, entry: &Value) -> Vec<Value> {
    lists(schema, entry, Some, |most| most)
}

/// Whether a value is one of the schema, nothing aside.
fn allows(schema: &Value) -> impl Fn(&Value) -> bool {
    let options = jsonschema::options()
        .should_validate_formats(true)
        .build(schema);
    let validator = options.unwrap_or_else(|error| panic!("{schema} is no schema: {error}"));
    move |value| validator.is_valid(value)
}

fn by_numbers(schema: &Value, past_least: fn(i64) -> i64, past_most: fn(i64) -> i64) -> Vec<Value> {
    let limit = |name: &str| schema[name].as_i64();
    let numbers = schema["enum"].as_array().into_iter().flatten();
    let highest = numbers.filter_map(Value::as_i64).max();
    let least = limit("minimum").map(past_least);
    let most = limit("maximum").or(highest).map(past_most);
    least.into_iter().chain(most).map(Value::from).collect()
}

fn lengths(
    schema: &Value,
    text: &str,
    past_least: fn(u64) -> Option<u64>,
    past_most: fn(u64) -> u64,
) -> Vec<Value> {
    let lengths = counts(schema, ["minLength", "maxLength"], past_least, past_most);
    lengths
        .map(|length| stretched(text, length).into())
        .collect()
}

/// The numbers of characters or entries at these limits of the schema, or past them.
fn counts(
    schema: &Value,
    [least, most]: [&str; 2],
    past_least: fn(u64) -> Option<u64>,
    past_most: fn(u64) -> u64,
) -> impl Iterator<Item = usize> {
    let least = schema[least].as_u64().and_then(past_least);
    let most = schema[most].as_u64().map(past_most);
    let counts = least.into_iter().chain(most);
    counts
        .filter(|count| *count <= LONGEST)
        .map(|count| usize::try_from(count).unwrap())
}

/// The text cut, or with its last character again and again, to this length.
fn stretched(text: &str, length: usize) -> String {
    let last = text.chars().last().unwrap_or('a');
    text.chars()
        .chain(std::iter::repeat(last))
        .take(length)
        .collect()
}

/// The text with another character in the middle, at its end or at its beginning.
fn odd(text: &str) -> impl Iterator<Item = Value> {
    let characters: Vec<char> = text.chars().collect();
    let places = [characters.len() / 2, characters.len().saturating_sub(1), 0];
    let all = places
        .into_iter()
        .flat_map(|place| ODD.map(|odd| (place, odd)));
    all.map(move |(place, odd)| {
        let mut characters = characters.clone();
        characters.splice(place..=place, [odd]);
        characters.into_iter().collect::<String>().into()
    })
}

/// What has the form of a day and is none.
fn off_the_calendar(format: &Value) -> Option<Value> {
    match format.as_str()? {
        "date" => Some("2026-02-30".into()),
        "date-time" => Some("2026-02-30T00:00:00Z".into()),
        _ => None,
    }
}

fn lists(
    schema: &Value,
    entry: &Value,
    past_least: fn(u64) -> Option<u64>,
    past_most: fn(u64) -> u64,
) -> Vec<Value> {
    let counts = counts(schema, ["minItems", "maxItems"], past_least, past_most);
    counts
        .map(|count| Value::from(vec![entry.clone(); count]))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_sides_of_a_number_are_next_to_its_limits() {
        let schema =
            json!({ "type": "integer", "minimum": -2, "maximum": 5, "not": { "const": 0 } });
        assert_eq!(
            forbidden(&schema, &json!(1)),
            [json!(-3), json!(6), json!(0)]
        );
        assert_eq!(allowed(&schema, &json!(1)), [json!(1), json!(-2), json!(5)]);
        let schema = json!({ "type": "integer", "enum": [0, 210] });
        assert_eq!(forbidden(&schema, &json!(210)), [json!(211)]);
    }

    #[test]
    fn both_sides_of_a_text_are_next_to_its_lengths_and_off_its_pattern() {
        let schema =
            json!({ "type": "string", "minLength": 2, "maxLength": 3, "pattern": "^[A-Z]+$" });
        let all = forbidden(&schema, &json!("FR"));
        assert_eq!(
            all,
            [
                json!("F"),
                json!("FRRR"),
                json!("F!"),
                json!(" "),
                json!("fr")
            ]
        );
        assert_eq!(allowed(&schema, &json!("FR")), [json!("FR"), json!("FRR")]);
        let schema = json!({ "type": "string", "format": "date" });
        let all = forbidden(&schema, &json!("2026-11-01"));
        assert_eq!(all, [json!("2026-!1-01"), json!(" "), json!("2026-02-30")]);
    }
}
