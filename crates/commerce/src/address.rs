//! Postal addresses, as people type them and as the shop keeps them.
//!
//! An [`Address`] is printed on parcels and invoices: every line is [printable](crate::printable) and
//! short enough. A French postal code has five digits; those of other countries are taken as they are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bounded;
use crate::country::Country;
use crate::language::Text;
use crate::printable::{self, Lines, Unprintable};

/// The most characters that a line of an address has.
pub const MAX_LINE_LENGTH: usize = 200;

/// An address as it was typed; [`AddressInput::parse`] makes an [`Address`] of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(description = "An address as it is typed. Space around a line does not count.")]
pub struct AddressInput {
    /// Who receives the parcel.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"\S",
        example = "Zoé Lefèvre"
    )]
    #[serde(deserialize_with = "bounded::text::<_, MAX_LINE_LENGTH>")]
    pub name: String,
    /// Number and street.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"\S",
        example = "12 rue de l’Œuvre"
    )]
    #[serde(deserialize_with = "bounded::text::<_, MAX_LINE_LENGTH>")]
    pub line1: String,
    /// Floor, building, or whatever else a carrier needs; blank is none.
    #[schema(max_length = 200)]
    #[serde(
        default,
        deserialize_with = "bounded::optional_text::<_, MAX_LINE_LENGTH>"
    )]
    pub line2: Option<String>,
    /// Five digits in France.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "75011")]
    #[serde(deserialize_with = "bounded::text::<_, MAX_LINE_LENGTH>")]
    pub postal_code: String,
    /// The town.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Paris")]
    #[serde(deserialize_with = "bounded::text::<_, MAX_LINE_LENGTH>")]
    pub city: String,
    /// ISO 3166-1 alpha-2, in capitals.
    #[schema(value_type = Country)]
    #[serde(deserialize_with = "bounded::text::<_, MAX_LINE_LENGTH>")]
    pub country: String,
}

/// An address to which a parcel or an invoice can be sent. [`AddressInput::parse`] makes one; one that was stored is
/// read as it is, so that an order stays readable whatever is asked of an address by then.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Address {
    /// Who receives the parcel.
    #[schema(min_length = 1, max_length = 200, example = "Zoé Lefèvre")]
    pub name: String,
    /// Number and street.
    #[schema(min_length = 1, max_length = 200, example = "12 rue de l’Œuvre")]
    pub line1: String,
    /// Floor, building, or whatever else a carrier needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub line2: Option<String>,
    /// Five digits in France.
    #[schema(min_length = 1, max_length = 200, example = "75011")]
    pub postal_code: String,
    /// The town.
    #[schema(min_length = 1, max_length = 200, example = "Paris")]
    pub city: String,
    /// ISO 3166-1 alpha-2.
    pub country: Country,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field in [`AddressInput`], as on the wire.
    pub field: &'static str,
    /// What to change, for the person who typed it.
    pub problem: Text,
}

impl AddressInput {
    /// The address, or everything that is wrong with it, in the order of the fields.
    ///
    /// # Errors
    /// One [`FieldError`] for each field that cannot be kept.
    pub fn parse(self) -> Result<Address, Vec<FieldError>> {
        let mut errors = Vec::new();
        let name = required("name", &self.name, &mut errors);
        let line1 = required("line1", &self.line1, &mut errors);
        let line2 = self
            .line2
            .and_then(|text| optional("line2", &text, &mut errors));
        let postal_code = required("postal_code", &self.postal_code, &mut errors);
        let city = required("city", &self.city, &mut errors);
        let country = match self.country.trim().parse::<Country>() {
            Ok(country) => Some(country),
            Err(_) => refuse(
                "country",
                &mut errors,
                Text::new(
                    "Le pays doit être un code de deux lettres majuscules, comme FR (ISO 3166-1).",
                    "The country must be a code of two capital letters, such as FR (ISO 3166-1).",
                ),
            ),
        };
        if let (Some(code), Some(Country::FRANCE)) = (&postal_code, country)
            && !(code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit()))
        {
            refuse::<()>(
                "postal_code",
                &mut errors,
                Text::new(
                    "Un code postal français a cinq chiffres.",
                    "A French postal code has five digits.",
                ),
            );
        }
        match (name, line1, postal_code, city, country) {
            (Some(name), Some(line1), Some(postal_code), Some(city), Some(country))
                if errors.is_empty() =>
            {
                Ok(Address {
                    name,
                    line1,
                    line2,
                    postal_code,
                    city,
                    country,
                })
            }
            _ => Err(errors),
        }
    }
}

/// The line as it is kept, or nothing and an error.
fn required(field: &'static str, text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    match printable::parse(text, Lines::One, MAX_LINE_LENGTH) {
        Ok(line) => Some(line),
        Err(wrong) => refuse(field, errors, wrong.text()),
    }
}

/// The same; a blank one is none.
fn optional(field: &'static str, text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    match printable::parse(text, Lines::One, MAX_LINE_LENGTH) {
        Ok(line) => Some(line),
        Err(Unprintable::Empty) => None,
        Err(wrong) => refuse(field, errors, wrong.text()),
    }
}

fn refuse<T>(field: &'static str, errors: &mut Vec<FieldError>, problem: Text) -> Option<T> {
    errors.push(FieldError { field, problem });
    None
}

/// What was stored or received as an address is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid address: {}", fields.join(", "))]
pub struct InvalidAddress {
    /// The fields that cannot be kept.
    pub fields: Vec<&'static str>,
}

impl TryFrom<AddressInput> for Address {
    type Error = InvalidAddress;

    fn try_from(input: AddressInput) -> Result<Self, InvalidAddress> {
        input.parse().map_err(|errors| InvalidAddress {
            fields: errors.into_iter().map(|error| error.field).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input() -> AddressInput {
        AddressInput {
            name: "  Zoé Lefèvre ".into(),
            line1: "12 rue de l’Œuvre".into(),
            line2: Some("  ".into()),
            postal_code: "75011".into(),
            city: "Paris".into(),
            country: "FR".into(),
        }
    }

    fn fields(input: AddressInput) -> Vec<&'static str> {
        input
            .parse()
            .unwrap_err()
            .into_iter()
            .map(|error| error.field)
            .collect()
    }

    #[test]
    fn an_address_is_trimmed_and_survives_json() {
        let address = input().parse().unwrap();
        assert_eq!(address.name, "Zoé Lefèvre");
        assert_eq!(address.line2, None);
        let json = serde_json::to_string(&address).unwrap();
        assert!(json.ends_with(r#""postal_code":"75011","city":"Paris","country":"FR"}"#));
        assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address);
    }

    #[test]
    fn an_address_that_was_stored_stays_readable() {
        let json =
            r#"{"name":"\u200b","line1":"a","postal_code":"7501","city":"b","country":"FR"}"#;
        assert_eq!(
            serde_json::from_str::<Address>(json).unwrap().name,
            "\u{200b}"
        );
        let typed: AddressInput = serde_json::from_str(json).unwrap();
        assert!(typed.parse().is_err());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let hostile = AddressInput {
            name: "\u{a0} ".into(),
            line1: "a\nb".into(),
            line2: Some("x".repeat(201)),
            postal_code: "75 011".into(),
            city: "\u{202e}siraP".into(),
            country: "fr".into(),
        };
        let invisible = AddressInput {
            name: "\u{200b}".into(),
            line1: "\u{ad}\u{3164}".into(),
            line2: Some("\u{2800}".into()),
            city: "\u{feff}".into(),
            ..input()
        };
        assert_eq!(fields(invisible), ["name", "line1", "line2", "city"]);
        assert_eq!(
            fields(hostile),
            ["name", "line1", "line2", "city", "country"]
        );
        assert_eq!(
            fields(AddressInput {
                postal_code: "2A004".into(),
                ..input()
            }),
            ["postal_code"]
        );
        assert_eq!(
            fields(AddressInput {
                postal_code: "٧٥٠١١".into(),
                ..input()
            }),
            ["postal_code"]
        );
        assert_eq!(
            fields(AddressInput {
                postal_code: " ".into(),
                ..input()
            }),
            ["postal_code"]
        );
    }

    #[test]
    fn the_length_is_counted_in_characters_and_other_countries_have_other_codes() {
        let abroad = AddressInput {
            line1: "é".repeat(MAX_LINE_LENGTH),
            postal_code: "SW1A 1AA".into(),
            country: "GB".into(),
            ..input()
        };
        assert_eq!(abroad.parse().unwrap().postal_code, "SW1A 1AA");
    }
}
