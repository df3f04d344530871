//! What people write, of a bounded length: a line that says something, or paragraphs.

use crate::language::Text;
use crate::printable::{self, Lines, Unprintable};

/// One line of 1 to `MAX` characters, such as a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label<const MAX: usize>(String);

impl<const MAX: usize> Label<MAX> {
    /// The text in NFC, without the space around it.
    ///
    /// # Errors
    /// A sentence for people where it is empty, too long, of several lines or cannot be shown.
    pub fn parse(text: &str) -> Result<Self, Text> {
        let parsed = printable::parse(text, Lines::One, MAX);
        parsed.map(Self).map_err(Unprintable::text)
    }

    /// As it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Paragraphs of up to `MAX` characters, such as a description; there may be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    /// The text in NFC, without the space around it.
    ///
    /// # Errors
    /// A sentence for people where it is too long, or there is something that cannot be shown.
    pub fn parse(text: &str) -> Result<Self, Text> {
        match Self::parse_required(text) {
            Err(_) if text.trim().is_empty() => Ok(Self(String::new())),
            parsed => parsed,
        }
    }

    /// The same, where there must be some.
    ///
    /// # Errors
    /// A sentence for people where it is empty, too long or cannot be shown.
    pub fn parse_required(text: &str) -> Result<Self, Text> {
        let parsed = printable::parse(text, Lines::Many, MAX);
        parsed.map(Self).map_err(Unprintable::text)
    }

    /// As it is kept.
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
        for text in ["", "  ", "a\nb", "a\0", "0123456789", "\u{200b}"] {
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
        for text in ["a\0", "\u{1b}[1m", "0123456789", "\u{200b}"] {
            assert!(Prose::<9>::parse(text).is_err(), "{text:?}");
        }
        assert!(Prose::<9>::parse_required(" ").is_err());
        assert!(Prose::<9>::parse_required("a\nb").is_ok());
    }

    #[test]
    fn a_control_character_is_not_called_too_long() {
        let text = Prose::<2000>::parse("a\u{7}").unwrap_err();
        assert!(text.en.starts_with("Control characters"), "{text:?}");
    }
}
