//! A document's text, read once from its beginning to its end without a parser: enough to see depth, aliases,
//! directives and length, and to keep from the parser what would take its stack.

use super::{ALIASES, DEPTH, DIRECTIVES, Excess, NESTING, TOKENS, WORD};

/// What is counted on the way.
#[derive(Default)]
struct Counts {
    tokens: usize,
    aliases: usize,
    directives: usize,
    /// Open brackets of any kind.
    nesting: usize,
    /// Open `(`: what is inside are arguments and variables.
    parentheses: usize,
    /// Open `{` that are selection sets.
    depth: usize,
}

/// Refuses a document that is too much of something.
pub fn scan(document: &str) -> Result<(), Excess> {
    let mut counts = Counts::default();
    let mut rest = document.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => after,
            b'#' => past_line(after),
            b'"' => {
                counts.token()?;
                past_string(rest)
            }
            _ if is_word(byte) => {
                counts.token()?;
                let end = rest.iter().position(|byte| !is_word(*byte));
                let end = end.unwrap_or(rest.len());
                if end > WORD {
                    return Err(Excess::Word);
                }
                rest.get(end..).unwrap_or_default()
            }
            mark => {
                counts.token()?;
                counts.mark(mark)?;
                after
            }
        };
    }
    Ok(())
}

impl Counts {
    fn token(&mut self) -> Result<(), Excess> {
        count(&mut self.tokens, TOKENS, Excess::Tokens)
    }

    fn mark(&mut self, mark: u8) -> Result<(), Excess> {
        match mark {
            b'{' | b'[' | b'(' => {
                count(&mut self.nesting, NESTING, Excess::Depth)?;
                if mark == b'(' {
                    self.parentheses += 1;
                } else if mark == b'{' && self.parentheses == 0 {
                    count(&mut self.depth, DEPTH, Excess::Depth)?;
                }
            }
            b'}' | b']' | b')' => {
                self.nesting = self.nesting.saturating_sub(1);
                if mark == b')' {
                    self.parentheses = self.parentheses.saturating_sub(1);
                } else if mark == b'}' && self.parentheses == 0 {
                    self.depth = self.depth.saturating_sub(1);
                }
            }
            // Among arguments and variables it stands behind their names.
            b':' if self.parentheses == 0 => count(&mut self.aliases, ALIASES, Excess::Aliases)?,
            b'@' => count(&mut self.directives, DIRECTIVES, Excess::Directives)?,
            _ => {}
        }
        Ok(())
    }
}

fn count(counter: &mut usize, limit: usize, excess: Excess) -> Result<(), Excess> {
    *counter += 1;
    if *counter > limit {
        Err(excess)
    } else {
        Ok(())
    }
}

/// Names, numbers, and whatever is no punctuation mark: the parser refuses what is neither.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.') || !byte.is_ascii()
}

fn past_line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    rest.get(end.unwrap_or(rest.len())..).unwrap_or_default()
}

/// Past the string that begins here, `"…"` or `"""…"""`; past everything if it has no end.
fn past_string(text: &[u8]) -> &[u8] {
    let (quotes, escape): (&[u8], &[u8]) = if text.starts_with(b"\"\"\"") {
        (b"\"\"\"", b"\\\"\"\"")
    } else {
        (b"\"", b"\\")
    };
    let mut rest = text.get(quotes.len()..).unwrap_or_default();
    loop {
        if rest.starts_with(escape) {
            // A block string escapes its quotes, another one whatever comes next.
            let length = escape.len() + usize::from(quotes.len() == 1);
            rest = rest.get(length..).unwrap_or_default();
        } else if rest.starts_with(quotes) {
            return rest.get(quotes.len()..).unwrap_or_default();
        } else {
            match rest.split_first() {
                Some((_, after)) => rest = after,
                None => return rest,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_ask_passes() {
        let document = r#"
            query Page($first: Int = 3, $filter: ProductFilter = {belowMinimum: true}) {
              products(first: $first, filter: $filter) @include(if: true) {
                edges { node { id, price { amount currency } cheap: sku } }
              } # { { { {
            }
        "#;
        assert_eq!(scan(document), Ok(()));
        let lines = r#"{ sku: "A", quantity: 1 } "#.repeat(500);
        let delivery =
            format!("mutation {{ restock(input: {{lines: [{lines}]}}) {{ replayed }} }}");
        assert_eq!(scan(&delivery), Ok(()));
    }

    #[test]
    fn each_excess_is_seen_where_it_is() {
        let deep = format!("{}{}", "{a".repeat(21), "}".repeat(21));
        let nested = format!("{{a(b: {}", "[".repeat(40));
        for (document, excess) in [
            (deep, Excess::Depth),
            (nested, Excess::Depth),
            ("{".repeat(64 * 1024), Excess::Depth),
            (format!("{{{}}}", "a:b ".repeat(1000)), Excess::Aliases),
            (format!("{{a{}}}", "@b".repeat(31)), Excess::Directives),
            ("a ".repeat(10_001), Excess::Tokens),
            (format!("{{{}}}", "a".repeat(201)), Excess::Word),
        ] {
            assert_eq!(scan(&document), Err(excess), "{:.40}", document);
        }
    }

    #[test]
    fn strings_and_comments_hide_nothing_and_count_as_one() {
        let braces = "{".repeat(100);
        for document in [
            format!("{{a(b: \"{braces}\\\"{braces}\")}}"),
            format!("{{a(b: \"\"\"{braces}\" \\\"\"\" {braces}\"\"\")}}"),
            format!("#{braces}\n{{a}}"),
            format!("{{a(b: \"{braces}"),
        ] {
            assert_eq!(scan(&document), Ok(()), "{document}");
        }
        assert_eq!(
            scan(&format!("{{a(b: \"\\\\\") {braces}")),
            Err(Excess::Depth)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in r#"[{}\[\]():@"\\a#\n é]{0,200}"#) {
            let _ = scan(&text);
        }
    }
}
