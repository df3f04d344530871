//! VAT numbers (BT-31, BT-48): which country gave one, whether it is written as that country writes them, and
//! whose SIREN a French one contains.
//!
//! The forms of the European Union are those of VIES (Directive 2006/112/EC art. 215); what only a register
//! knows – whether the number was ever given – is not asked. No crate that is kept knows these forms and the
//! key of French numbers: this is the short table that is needed (docs/adr/0011).

use std::fmt;

use commerce::Country;
use serde::{Deserialize, Serialize};

use crate::identity::{IdentityError, Siren};

/// A VAT number, without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VatNumber(String);

/// The forms of a country: how many characters follow the prefix, and what they may be.
type Form = (&'static str, &'static [&'static str]);

/// `9` is a digit, `A` a letter, `*` a digit or a letter, `+` one of the signs `+` and `*`, which Irish numbers may
/// have; anything else is itself.
const FORMS: [Form; 28] = [
    ("AT", &["U99999999"]),
    ("BE", &["0999999999", "1999999999"]),
    ("BG", &["999999999", "9999999999"]),
    ("CY", &["99999999A"]),
    ("CZ", &["99999999", "999999999", "9999999999"]),
    ("DE", &["999999999"]),
    ("DK", &["99999999"]),
    ("EE", &["999999999"]),
    ("EL", &["999999999"]),
    ("ES", &["A9999999*", "99999999A"]),
    ("FI", &["99999999"]),
    ("FR", &["**999999999"]),
    ("HR", &["99999999999"]),
    ("HU", &["99999999"]),
    ("IE", &["9999999A", "9999999AA", "9A99999A", "9+99999A"]),
    ("IT", &["99999999999"]),
    ("LT", &["999999999", "999999999999"]),
    ("LU", &["99999999"]),
    ("LV", &["99999999999"]),
    ("MT", &["99999999"]),
    ("NL", &["999999999B99"]),
    ("PL", &["9999999999"]),
    ("PT", &["999999999"]),
    (
        "RO",
        &[
            "99",
            "999",
            "9999",
            "99999",
            "999999",
            "9999999",
            "99999999",
            "999999999",
            "9999999999",
        ],
    ),
    ("SE", &["999999999901"]),
    ("SI", &["99999999"]),
    ("SK", &["9999999999"]),
    ("XI", &["999999999", "999999999999", "GD999", "HA999"]),
];

/// Territories that have a country code, and whose businesses have the VAT numbers of another country.
const WITHOUT_NUMBERS: [&str; 18] = [
    "AX", "BL", "GF", "GG", "GP", "GR", "IM", "JE", "MC", "MF", "MQ", "NC", "PF", "PM", "RE", "TF",
    "WF", "YT",
];

/// The letters of the key of a French number: neither I nor O.
const KEY_LETTERS: &[u8; 34] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

impl VatNumber {
    /// Parses a number as somebody types it; spaces, points and hyphens in it are dropped.
    ///
    /// # Errors
    /// [`IdentityError::VatNumber`] when no country writes its numbers so.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let separates = |c: char| c.is_whitespace() || c == '.' || c == '-';
        let number: String = text.chars().filter(|c| !separates(*c)).collect();
        let number = Self::kept(number)?;
        if number.is_well_formed() {
            Ok(number)
        } else {
            Err(IdentityError::VatNumber)
        }
    }

    /// A number that was stored: what was issued with it stays readable, whatever is asked for by now.
    fn kept(number: String) -> Result<Self, IdentityError> {
        let (country, rest) = number.split_at_checked(2).unwrap_or_default();
        let is_letter = |byte: u8| byte.is_ascii_uppercase();
        let is_country = country.len() == 2 && country.bytes().all(is_letter);
        let is_rest = rest
            .bytes()
            .all(|byte| is_letter(byte) || byte.is_ascii_digit() || b"+*".contains(&byte));
        if is_country && is_rest && (2..=14).contains(&rest.len()) {
            Ok(Self(number))
        } else {
            Err(IdentityError::VatNumber)
        }
    }

    fn is_well_formed(&self) -> bool {
        let (country, rest) = (self.prefix(), self.rest());
        match FORMS.iter().find(|(prefix, _)| *prefix == country) {
            Some(("FR", _)) => has_french_key(rest),
            Some((_, forms)) => forms.iter().any(|form| fits(form, rest)),
            None => {
                let elsewhere = country.parse::<Country>().is_ok();
                elsewhere
                    && !WITHOUT_NUMBERS.contains(&country)
                    && rest.bytes().any(|byte| byte.is_ascii_digit())
            }
        }
    }

    /// Country and number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country that gave it: its ISO code, but `EL` for Greece and `XI` for Northern Ireland (BR-CO-09).
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    fn rest(&self) -> &str {
        self.0.get(2..).unwrap_or_default()
    }

    /// Whether France gave it: to a French business, or to one of Monaco.
    #[must_use]
    pub fn is_french(&self) -> bool {
        self.prefix() == "FR"
    }

    /// The SIREN in a French number. Those of Monaco have none: `000` and six digits are in its place.
    #[must_use]
    pub fn siren(&self) -> Option<Siren> {
        if !self.is_french() {
            return None;
        }
        let digits = self
            .rest()
            .get(2..)
            .filter(|digits| !digits.starts_with("000"))?;
        Siren::new(digits).ok()
    }
}

/// Whether the key of a French number (two characters) is that of the nine digits after it, and these are a
/// SIREN or a number of Monaco.
fn has_french_key(rest: &str) -> bool {
    if !fits("**999999999", rest) {
        return false;
    }
    let (key, digits) = rest.split_at(2);
    let of_monaco = digits.starts_with("000");
    if !of_monaco && Siren::new(digits).is_err() {
        return false;
    }
    let Ok(number) = digits.parse::<u64>() else {
        return false;
    };
    if let Ok(key) = key.parse::<u64>() {
        return key == (number * 100 + 12) % 97;
    }
    // Keys with a letter are counted otherwise (BOFiP, BOI-TVA-DECLA-20-10-20).
    let values = key
        .bytes()
        .map(|byte| KEY_LETTERS.iter().position(|known| *known == byte));
    let values: Option<Vec<usize>> = values.collect();
    let Some(&[first, second]) = values.as_deref() else {
        return false;
    };
    let check = if first < 10 {
        (first * 24 + second).checked_sub(10)
    } else {
        (first * 34 + second).checked_sub(100)
    };
    let check = check.and_then(|check| u64::try_from(check).ok());
    check.is_some_and(|check| (number + 1 + check / 11) % 11 == check % 11)
}

/// Whether a text has the form.
fn fits(form: &str, text: &str) -> bool {
    form.len() == text.len()
        && form
            .bytes()
            .zip(text.bytes())
            .all(|(wanted, byte)| match wanted {
                b'9' => byte.is_ascii_digit(),
                b'A' => byte.is_ascii_uppercase(),
                b'*' => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
                b'+' => b"+*".contains(&byte),
                itself => byte == itself,
            })
}

impl TryFrom<String> for VatNumber {
    type Error = IdentityError;

    fn try_from(text: String) -> Result<Self, IdentityError> {
        Self::kept(text)
    }
}

impl From<VatNumber> for String {
    fn from(number: VatNumber) -> Self {
        number.0
    }
}

impl fmt::Display for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_its_country_writes_them() {
        for right in [
            "FR 44 732829320",
            "FR44732829320",
            "FR96552100554",
            "FR83404833048",
            "DE 123.456.789",
            "DE123456789",
            "BE0123456789",
            "ATU12345678",
            "EL123456789",
            "NL123456789B01",
            "ES-B12345678",
            "ESX1234567L",
            "IE6388047V",
            "IE1234567WA",
            "IE8Z49289F",
            "IT12345678901",
            "SE556012579001",
            "XI123456789",
            "GB123456789",
            "CHE123456789MWST",
            "NO123456789MVA",
            "US123456789",
        ] {
            let number = VatNumber::parse(right);
            assert!(number.is_ok(), "{right}");
            let json = serde_json::to_string(&number.clone().unwrap()).unwrap();
            assert_eq!(
                serde_json::from_str::<VatNumber>(&json).unwrap(),
                number.unwrap()
            );
        }
        for wrong in [
            "",
            "F",
            "FR",
            "FR1",
            "FR4473282932",
            "fr44732829320",
            "ZZ123456789",
            "ZZ12",
            "EU123456789",
            "XX12345678",
            "GR123456789",
            "MC12345678901",
            "RE44732829320",
            "AX12345678",
            "DE12345678",
            "DE1234567890",
            "DE12é",
            "BE2123456789",
            "ATX12345678",
            "NL123456789A01",
            "IT1234567890",
            "SE556012579002",
            "USAB",
            "FR44732829321",
            "FR45732829320",
            "FR+5400002325",
            "ES123456789",
            "PL12345678",
        ] {
            assert!(VatNumber::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_french_number_contains_a_siren_and_its_key_checks_it() {
        let siren = |text: &str| VatNumber::parse(text).unwrap().siren();
        assert_eq!(siren("FR44732829320"), Siren::new("732829320").ok());
        assert_eq!(siren("DE123456789"), None);
        // A key with letters; and a business of Monaco, which has no SIREN.
        assert_eq!(siren("FRK7399859412"), Siren::new("399859412").ok());
        assert_eq!(siren("FR14000043683"), None);
        assert!(VatNumber::parse("FRK8399859412").is_err());
        assert!(VatNumber::parse("FR15000043683").is_err());
    }

    #[test]
    fn what_was_stored_before_the_forms_were_known_is_still_read() {
        for stored in ["\"ZZ123\"", "\"FR00732829320\"", "\"DE12\""] {
            assert!(
                serde_json::from_str::<VatNumber>(stored).is_ok(),
                "{stored}"
            );
        }
        for never in ["\"fr44732829320\"", "\"\"", "\"DE1\""] {
            assert!(serde_json::from_str::<VatNumber>(never).is_err(), "{never}");
        }
    }
}
