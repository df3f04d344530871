//! What people write: trimmed, of a bounded length, without control characters.

use crate::language::Text;

/// One line of 1 to `MAX` characters, such as a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label<const MAX: usize>(String);

impl<const MAX: usize> Label<MAX> {
    /// The text without the space around it.
    ///
    /// # Errors
    /// A sentence for people where it is empty, too long or of several lines.
    pub fn parse(text: &str) -> Result<Self, Text> {
        let label = text.trim();
        let characters = label.chars().count();
        if (1..=MAX).contains(&characters) && !label.chars().any(char::is_control) {
            Ok(Self(label.to_owned()))
        } else {
            Err(Text::new(
                format!("De 1 à {MAX} caractères"),
                format!("From 1 to {MAX} characters"),
            ))
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Paragraphs of up to `MAX` characters, such as a description; there may be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    /// The text without the space around it.
    ///
    /// # Errors
    /// A sentence for people where it is too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, Text> {
        let prose = text.trim();
        let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if prose.chars().count() <= MAX && !prose.chars().any(strange) {
            Ok(Self(prose.to_owned()))
        } else {
            Err(Text::new(
                format!("Au plus {MAX} caractères"),
                format!("At most {MAX} characters"),
            ))
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_line_that_says_something() {
        assert_eq!(
            Label::<9>::parse("  Épicerie ").unwrap().as_str(),
            "Épicerie"
        );
        for text in ["", "  ", "a\nb", "a\0", "0123456789"] {
            assert!(Label::<9>::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn prose_may_be_empty_and_have_lines() {
        assert_eq!(Prose::<9>::parse("").unwrap().as_str(), "");
        assert_eq!(
            Prose::<9>::parse("a\r\n\tb\n").unwrap().as_str(),
            "a\r\n\tb"
        );
        for text in ["a\0", "\u{1b}[1m", "0123456789"] {
            assert!(Prose::<9>::parse(text).is_err(), "{text:?}");
        }
    }
}
