//! Escapes of the specification of September 2025 that the parser does not read (async-graphql-parser 7.2): code
//! points in braces, `\\u{1F98A}`, and surrogate pairs, `\\uD83E\\uDD8A`. Each becomes what it stands for, before the
//! document is parsed; what stands for nothing stays, and the parser refuses it.

use std::borrow::Cow;

/// The document without such escapes.
pub fn resolve(document: &str) -> Cow<'_, str> {
    if !document.contains("\\u") {
        return document.into();
    }
    let mut resolved = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' if rest.starts_with("\"\"\"") => block_string(rest),
            '"' => {
                rest = string(rest, &mut resolved);
                continue;
            }
            other => other.len_utf8(),
        };
        let (before, after) = rest.split_at(length);
        resolved.push_str(before);
        rest = after;
    }
    resolved.into()
}

/// The length of the block string that begins here: nothing in it is an escape but that of its own quotes.
fn block_string(text: &str) -> usize {
    let mut end = 3;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        if rest.starts_with("\\\"\"\"") {
            end += 4;
        } else if rest.starts_with("\"\"\"") {
            return end + 3;
        } else {
            match rest.chars().next() {
                Some(character) => end += character.len_utf8(),
                None => return text.len(),
            }
        }
    }
}

/// Writes the string that begins here; what is left behind it.
fn string<'a>(text: &'a str, resolved: &mut String) -> &'a str {
    let mut rest = text.strip_prefix('"').unwrap_or(text);
    resolved.push('"');
    while let Some(character) = rest.chars().next() {
        if let Some((stands_for, after)) = code_point(rest) {
            write(stands_for, resolved);
            rest = after;
            continue;
        }
        // Of another escape, what is escaped belongs to it.
        let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
        let length = character.len_utf8() + escaped.map_or(0, char::len_utf8);
        let (before, after) = rest.split_at(length);
        resolved.push_str(before);
        rest = after;
        // A line ends a string that has no end.
        if matches!(character, '"' | '\n' | '\r') {
            break;
        }
    }
    rest
}

/// What an escape in braces, or a surrogate pair, at the beginning of a text stands for.
fn code_point(text: &str) -> Option<(char, &str)> {
    let rest = text.strip_prefix("\\u")?;
    if let Some(braced) = rest.strip_prefix('{') {
        // No further than the digits go: whatever has no end is not read to its end for each of its escapes.
        let end = braced
            .bytes()
            .position(|digit| !digit.is_ascii_hexdigit())?;
        let (digits, after) = braced.split_at(end);
        let point = u32::from_str_radix(digits, 16).ok()?;
        return Some((char::from_u32(point)?, after.strip_prefix('}')?));
    }
    let (high, rest) = unit(rest)?;
    let (low, after) = unit(rest.strip_prefix("\\u")?)?;
    let mut decoded = char::decode_utf16([high, low]);
    match (decoded.next(), decoded.next()) {
        (Some(Ok(character)), None) => Some((character, after)),
        _ => None,
    }
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    let good = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let unit = u16::from_str_radix(digits, 16).ok().filter(|_| good)?;
    Some((unit, after))
}

/// As the parser reads it in a string.
fn write(character: char, resolved: &mut String) {
    match character {
        '"' | '\\' => resolved.extend(['\\', character]),
        control if control.is_control() => {
            resolved.push_str(&format!("\\u{:04X}", u32::from(control)));
        }
        other => resolved.push(other),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::Selection;
    use proptest::prelude::*;

    use super::*;

    /// The value of the first argument of the first field.
    fn value(argument: &str) -> Option<String> {
        let document = format!("{{ a(b: {argument}) }}");
        let document = parse_query(resolve(&document)).ok()?;
        let (_, operation) = document.operations.iter().next()?;
        let first = operation.node.selection_set.node.items.first()?;
        let Selection::Field(field) = &first.node else {
            return None;
        };
        let (_, value) = field.node.arguments.first()?;
        value
            .node
            .clone()
            .into_json()
            .ok()?
            .as_str()
            .map(str::to_owned)
    }

    #[test]
    fn code_points_and_pairs_are_read() {
        for (argument, expected) in [
            (r#""\u{1F98A}""#, "🦊"),
            (r#""\uD83E\uDD8A""#, "🦊"),
            (r#""a\u{e9}b\ud83e\udd8ac""#, "aéb🦊c"),
            (r#""\u{0000e9}""#, "é"),
            (r#""\u{22}\u{5c}\u{a}\u{0}""#, "\"\\\n\0"),
            (r#""\u00e9""#, "é"),
            (r#""\\u{41}""#, r"\u{41}"),
            (r#""\\\u{41}""#, r"\A"),
            (r#""""\u{41}""""#, r"\u{41}"),
        ] {
            assert_eq!(value(argument).as_deref(), Some(expected), "{argument}");
        }
    }

    #[test]
    fn what_stands_for_no_character_is_refused() {
        for argument in [
            r#""\u{}""#,
            r#""\u{110000}""#,
            r#""\u{D83E}""#,
            r#""\u{+41}""#,
            r#""\u{41""#,
            r#""\uD83E""#,
            r#""\uDD8A\uD83E""#,
            r#""\uD83E\u0041""#,
            r#""\u{FFFFFFFFFF}""#,
        ] {
            assert_eq!(value(argument), None, "{argument}");
        }
    }

    proptest! {
        #[test]
        fn other_documents_stay_as_they_are(text in r#"[{}():"a#\n é🦊]{0,60}"#) {
            prop_assert_eq!(resolve(&text), text.as_str());
        }

        #[test]
        fn any_text_is_read_to_its_end(text in r#"(\\u|[{}"\\0-9A-Fa-f#\n é])*"#) {
            let _ = resolve(&text);
        }

        #[test]
        fn every_character_can_be_written_so(character: char) {
            let braced = format!("\"\\u{{{:x}}}\"", u32::from(character));
            prop_assert_eq!(value(&braced), Some(character.to_string()));
        }
    }
}
