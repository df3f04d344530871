//! Series of numbers: a prefix and what follows it. Pure; the next number is a matter of the database.

use std::fmt;

use commerce::Text;
use invoice::{IdentityError, Number};
use serde::{Deserialize, Serialize};

/// The longest prefix: a number has 35 characters at most, and 15 of them count for a while.
const MAX_PREFIX: usize = 20;
/// A number has at least so many digits.
const DIGITS: usize = 6;

/// What all numbers of a series begin with, such as `F-2026-`. It does not end with a digit, so that a number
/// belongs to one series only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefix(String);

/// Which papers a series numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = InvoiceKind)]
pub enum SeriesKind {
    Invoice,
    CreditNote,
}

impl Prefix {
    pub fn parse(text: &str) -> Result<Self, Text> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-_".contains(&byte);
        let ends_well = text
            .bytes()
            .last()
            .is_some_and(|byte| !byte.is_ascii_digit());
        if ends_well && text.len() <= MAX_PREFIX && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Text::new(
                "De 1 à 20 lettres, chiffres, +, - ou _, dont le dernier n’est pas un chiffre",
                "From 1 to 20 letters, digits, +, - or _, the last of which is no digit",
            ))
        }
    }

    /// The paper of this series that is the `count`th.
    pub fn number(&self, count: u64) -> Result<Number, IdentityError> {
        Number::new(format!("{}{count:0DIGITS$}", self.0))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SeriesKind {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            SeriesKind::Invoice => "invoice",
            SeriesKind::CreditNote => "credit_note",
        }
    }
}

impl std::str::FromStr for SeriesKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [SeriesKind::Invoice, SeriesKind::CreditNote]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("no kind of paper is named {text}"))
    }
}

impl TryFrom<String> for Prefix {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|error| error.en.into_owned())
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_have_to_be() {
        let prefix = Prefix::parse("F-2026-").unwrap();
        assert_eq!(prefix.number(1).unwrap().as_str(), "F-2026-000001");
        let late = prefix.number(12_345_678).unwrap();
        assert_eq!(late.as_str(), "F-2026-12345678");
        let longest = Prefix::parse(&"F".repeat(MAX_PREFIX)).unwrap();
        assert!(longest.number(999_999_999_999_999).is_ok());
    }

    #[test]
    fn a_prefix_tells_where_the_count_begins() {
        for wrong in ["", "F1", "2026", "F/", "F 1-", "é-", &"F".repeat(21)] {
            assert!(Prefix::parse(wrong).is_err(), "{wrong}");
        }
    }
}
