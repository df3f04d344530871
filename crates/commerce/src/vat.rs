//! VAT rates, in basis points. Only the rates that exist in France are rates here.
//!
//! Source: CGI art. 278 (20 %), 279 (10 %), 278-0 bis (5,5 %), 281 quater and following (2,1 %);
//! 0 is for what is exempt.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::language::{Language, Text};

/// A French VAT rate in basis points: 2000 is 20 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct VatRate(u16);

/// With every rate there is.
impl PartialSchema for VatRate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .description(Some("A French VAT rate in basis points: 2000 is 20 %."))
            .enum_values(Some(Self::ALL.map(Self::basis_points)))
            .examples([Self::STANDARD.basis_points()])
            .into()
    }
}

impl ToSchema for VatRate {}

/// The number is not a French VAT rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a VAT rate is 0, 210, 550, 1000 or 2000 basis points")]
pub struct VatRateError;

impl VatRateError {
    /// For the person who typed the rate.
    #[must_use]
    pub fn text(self) -> Text {
        Text::new(
            "Le taux de TVA doit être 0, 210, 550, 1000 ou 2000 points de base.",
            "The VAT rate must be 0, 210, 550, 1000 or 2000 basis points.",
        )
    }
}

impl VatRate {
    /// No VAT.
    pub const ZERO: Self = Self(0);
    /// 20 %, the rate of what has no other.
    pub const STANDARD: Self = Self(2000);
    /// Every rate, ascending.
    pub const ALL: [Self; 5] = [Self(0), Self(210), Self(550), Self(1000), Self(2000)];

    /// The rate of so many basis points.
    ///
    /// # Errors
    /// [`VatRateError`] when France has no such rate.
    pub fn new(basis_points: u16) -> Result<Self, VatRateError> {
        let rate = Self(basis_points);
        if Self::ALL.contains(&rate) {
            Ok(rate)
        } else {
            Err(VatRateError)
        }
    }

    /// Hundredths of a percent.
    #[must_use]
    pub const fn basis_points(self) -> u16 {
        self.0
    }

    /// `5,5 %` in French, `5.5%` in English.
    #[must_use]
    pub fn format(self, language: Language) -> String {
        let (point, sign) = match language {
            Language::French => (',', "\u{a0}%"),
            Language::English => ('.', "%"),
        };
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        match (hundredths / 10, hundredths % 10) {
            (0, 0) => format!("{whole}{sign}"),
            (tenth, 0) => format!("{whole}{point}{tenth}{sign}"),
            _ => format!("{whole}{point}{hundredths:02}{sign}"),
        }
    }
}

impl TryFrom<u16> for VatRate {
    type Error = VatRateError;

    fn try_from(basis_points: u16) -> Result<Self, VatRateError> {
        Self::new(basis_points)
    }
}

impl From<VatRate> for u16 {
    fn from(rate: VatRate) -> Self {
        rate.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_french_rates_are_rates() {
        for basis_points in 0..=u16::MAX {
            let expected = [0, 210, 550, 1000, 2000].contains(&basis_points);
            assert_eq!(VatRate::new(basis_points).is_ok(), expected);
        }
        assert_eq!(
            serde_json::from_str::<VatRate>("2000").unwrap(),
            VatRate::STANDARD
        );
        assert_eq!(serde_json::to_string(&VatRate::STANDARD).unwrap(), "2000");
        for json in ["1960", "-1", "20.0", "\"2000\"", "70000"] {
            assert!(serde_json::from_str::<VatRate>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn people_read_a_percentage() {
        let french = VatRate::ALL.map(|rate| rate.format(Language::French));
        assert_eq!(
            french,
            [
                "0\u{a0}%",
                "2,1\u{a0}%",
                "5,5\u{a0}%",
                "10\u{a0}%",
                "20\u{a0}%"
            ]
        );
        assert_eq!(VatRate::new(550).unwrap().format(Language::English), "5.5%");
    }
}
