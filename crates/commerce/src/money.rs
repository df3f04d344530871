//! Amounts of money: a whole number of minor units (cents) beside their currency.
//!
//! Refuses floats, silent overflow, and sums of two currencies.

use std::fmt;
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::language::Language;
use crate::quantity::Quantity;

/// The currencies that the shop can charge (ISO 4217).
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
pub enum Currency {
    /// The euro: two decimals.
    #[default]
    #[serde(rename = "EUR")]
    Eur,
}

/// The text names no currency in which the shop can charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency: only EUR is accepted")]
pub struct UnknownCurrency;

impl Currency {
    /// The ISO 4217 code, for a column of three characters or for the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        match text {
            "EUR" => Ok(Self::Eur),
            _ => Err(UnknownCurrency),
        }
    }
}

/// Why two amounts could not be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit in 64 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
    /// The two amounts are not in the same currency.
    #[error("amounts in different currencies cannot be combined")]
    CurrencyMismatch,
}

/// An amount in minor units, negative when it is owed the other way:
/// `{"amount": 1999, "currency": "EUR"}` is 19.99 €.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Whole minor units: cents.
    #[schema(example = 1999)]
    amount: i64,
    currency: Currency,
}

impl Money {
    /// `amount` minor units of `currency`.
    #[must_use]
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// `amount` euro cents.
    #[must_use]
    pub const fn eur(amount: i64) -> Self {
        Self::new(amount, Currency::Eur)
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Whole minor units.
    #[must_use]
    pub const fn amount(self) -> i64 {
        self.amount
    }

    /// The currency of [`Money::amount`].
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError`] when it does not fit, or when the currencies differ.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError`] when it does not fit, or when the currencies differ.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// This amount, `quantity` times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when it does not fit.
    pub fn checked_mul(self, quantity: Quantity) -> Result<Self, MoneyError> {
        let amount = self
            .amount
            .checked_mul(quantity.get())
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount, self.currency))
    }

    /// This part of it, from 0 to 100 %, halves rounded away from zero.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when more than all of it does not fit.
    pub fn percent(self, percent: u8) -> Result<Self, MoneyError> {
        let part = Decimal::from(self.amount) * Decimal::new(percent.into(), 2);
        let part = part.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        let amount = part.to_i64().ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount, self.currency))
    }

    fn combine(self, other: Self, how: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let amount = how(self.amount, other.amount).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount, self.currency))
    }

    /// For a person, in their language.
    #[must_use]
    pub fn format(self, language: Language) -> String {
        match language {
            Language::French => self.format_fr(),
            Language::English => self.format_en(),
        }
    }

    /// `1999.00`, for machines.
    #[must_use]
    pub fn decimal(self) -> String {
        let (sign, units, cents) = self.parts();
        format!("{sign}{units}.{cents:02}")
    }

    /// `1 999,00 €`, as CLDR writes French: a narrow no-break space (U+202F) between thousands and
    /// a no-break space (U+00A0) before the sign.
    #[must_use]
    pub fn format_fr(self) -> String {
        let (sign, units, cents) = self.parts();
        format!("{sign}{},{cents:02}\u{a0}€", group(units, '\u{202f}'))
    }

    /// `€1,999.00`, as CLDR writes English.
    #[must_use]
    pub fn format_en(self) -> String {
        let (sign, units, cents) = self.parts();
        format!("{sign}€{}.{cents:02}", group(units, ','))
    }

    /// Sign, euros, cents. Total: `unsigned_abs` takes even the smallest integer.
    const fn parts(self) -> (&'static str, u64, u64) {
        let absolute = self.amount.unsigned_abs();
        let sign = if self.amount < 0 { "-" } else { "" };
        (sign, absolute / 100, absolute % 100)
    }
}

/// The digits of `number` in groups of three.
fn group(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_minor_units_and_a_code() {
        let json = r#"{"amount":1999,"currency":"EUR"}"#;
        assert_eq!(serde_json::to_string(&Money::eur(1999)).unwrap(), json);
        assert_eq!(
            serde_json::from_str::<Money>(json).unwrap(),
            Money::eur(1999)
        );
        assert!(serde_json::from_str::<Money>(r#"{"amount":1999,"currency":"USD"}"#).is_err());
        assert!(serde_json::from_str::<Money>(r#"{"amount":19.99,"currency":"EUR"}"#).is_err());
        assert_eq!("EUR".parse(), Ok(Currency::Eur));
        assert_eq!("eur".parse::<Currency>(), Err(UnknownCurrency));
    }

    #[test]
    fn people_read_amounts_in_their_language() {
        assert_eq!(Money::eur(199_900).format_fr(), "1\u{202f}999,00\u{a0}€");
        assert_eq!(Money::eur(199_900).format_en(), "€1,999.00");
        assert_eq!(Money::eur(5).format_fr(), "0,05\u{a0}€");
        assert_eq!(Money::eur(-123_456_789).format_en(), "-€1,234,567.89");
        assert_eq!(
            Money::eur(i64::MIN).format_en(),
            "-€92,233,720,368,547,758.08"
        );
        assert_eq!(Money::eur(100).format(Language::English), "€1.00");
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let two = Quantity::new(2).unwrap();
        assert_eq!(Money::eur(999).checked_mul(two), Ok(Money::eur(1998)));
        assert_eq!(
            Money::eur(i64::MAX).checked_mul(two),
            Err(MoneyError::Overflow)
        );
        assert_eq!(
            Money::eur(i64::MAX).checked_add(Money::eur(1)),
            Err(MoneyError::Overflow)
        );
        assert_eq!(
            Money::eur(i64::MIN).checked_sub(Money::eur(1)),
            Err(MoneyError::Overflow)
        );
        assert_eq!(Money::eur(3).checked_sub(Money::eur(1)), Ok(Money::eur(2)));
    }

    #[test]
    fn machines_read_two_decimals_and_a_point() {
        for (amount, text) in [(123_450, "1234.50"), (0, "0.00"), (-5, "-0.05")] {
            assert_eq!(Money::eur(amount).decimal(), text);
        }
    }
}
