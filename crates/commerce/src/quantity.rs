//! How many of one item: at least one, and no more than a shop would sell on one line.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::language::Text;

/// A number of pieces, 1 to 9 999. On the wire, an integer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(try_from = "i64", into = "i64")]
#[schema(example = 1, minimum = 1, maximum = 9999)]
pub struct Quantity(i64);

/// The number is not a quantity: below [`Quantity::MIN`] or above [`Quantity::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a quantity is between {} and {}", Quantity::MIN, Quantity::MAX)]
pub struct QuantityError;

impl QuantityError {
    /// For the person who typed the number.
    #[must_use]
    pub fn text(self) -> Text {
        Text::new(
            "La quantité doit être comprise entre 1 et 9 999.",
            "The quantity must be between 1 and 9,999.",
        )
    }
}

impl Quantity {
    /// The least that can be bought.
    pub const MIN: i64 = 1;
    /// The most that can be bought on one line.
    pub const MAX: i64 = 9_999;
    /// A single piece.
    pub const ONE: Self = Self(1);

    /// The quantity, if the number can be one.
    ///
    /// # Errors
    /// [`QuantityError`] when it is out of range.
    pub fn new(number: i64) -> Result<Self, QuantityError> {
        if (Self::MIN..=Self::MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(QuantityError)
        }
    }

    /// The number of pieces.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Quantity {
    type Error = QuantityError;

    fn try_from(number: i64) -> Result<Self, QuantityError> {
        Self::new(number)
    }
}

impl From<Quantity> for i64 {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_at_least_one_and_at_most_9999() {
        for number in [1, 2, 9_999] {
            assert_eq!(Quantity::new(number).unwrap().get(), number);
        }
        for number in [i64::MIN, -1, 0, 10_000, i64::MAX] {
            assert_eq!(Quantity::new(number), Err(QuantityError));
        }
        assert_eq!(serde_json::from_str::<Quantity>("3").unwrap().get(), 3);
        for json in ["0", "1.5", "\"3\"", "null", "99999999999999999999"] {
            assert!(serde_json::from_str::<Quantity>(json).is_err(), "{json}");
        }
    }
}
