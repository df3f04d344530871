//! What identifies a business or a paper: parsed once, so that a document never carries a number
//! that no register or validator would take.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The text is not what it claims to identify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// A SIREN has nine digits, the last of which checks the others.
    #[error("a SIREN has nine digits with a valid check digit")]
    Siren,
    /// A VAT number is written as the country of its prefix writes them.
    #[error("not a VAT number of any country")]
    VatNumber,
    /// An invoice number has 1 to 35 characters out of `A-Z a-z 0-9 + - _ /`.
    #[error("an invoice number has 1 to 35 letters, digits, +, -, _ or /")]
    Number,
}

/// Nine digits of the French register of businesses (BT-30, BT-47; scheme 0002).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siren(String);

/// The number of an invoice or credit note (BT-1), as the French e-invoicing rules allow them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(String);

impl Siren {
    /// Parses nine digits; spaces between them are dropped.
    ///
    /// # Errors
    /// [`IdentityError::Siren`].
    pub fn new(text: &str) -> Result<Self, IdentityError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let valid = digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit());
        if valid && has_luhn_digit(&digits) {
            Ok(Self(digits))
        } else {
            Err(IdentityError::Siren)
        }
    }

    /// Nine digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `732 829 320`, as people write it.
    #[must_use]
    pub fn spaced(&self) -> String {
        let mut spaced = String::with_capacity(11);
        for (position, digit) in self.0.chars().enumerate() {
            if position > 0 && position.is_multiple_of(3) {
                spaced.push('\u{a0}');
            }
            spaced.push(digit);
        }
        spaced
    }
}

impl Number {
    /// Parses a number.
    ///
    /// # Errors
    /// [`IdentityError::Number`].
    pub fn new(text: impl Into<String>) -> Result<Self, IdentityError> {
        let text = text.into();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"+-_/".contains(&b);
        if (1..=35).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text))
        } else {
            Err(IdentityError::Number)
        }
    }

    /// As it is printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Luhn's formula: every second digit from the right counts twice.
fn has_luhn_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(position, digit)| match (position % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) => twice / 10 + twice % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

macro_rules! text_form {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = IdentityError;

            fn try_from(text: String) -> Result<Self, IdentityError> {
                Self::new(&*text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_form!(Siren, Number);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siren_is_checked_by_its_last_digit() {
        let siren = Siren::new("732 829 320").unwrap();
        assert_eq!(siren.as_str(), "732829320");
        assert_eq!(siren.spaced(), "732\u{a0}829\u{a0}320");
        for wrong in ["732829321", "73282932", "73282932A", ""] {
            assert_eq!(Siren::new(wrong), Err(IdentityError::Siren), "{wrong}");
        }
    }

    #[test]
    fn invoice_numbers_have_their_alphabet() {
        assert!(Number::new("F-2026/000042").is_ok());
        for wrong in ["", "F 1", "F#1", &"1".repeat(36)] {
            assert!(Number::new(wrong).is_err(), "{wrong}");
        }
        let json = serde_json::to_string(&Number::new("F1").unwrap()).unwrap();
        assert_eq!(json, "\"F1\"");
        assert!(serde_json::from_str::<Number>("\"F 1\"").is_err());
    }
}
