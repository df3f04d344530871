//! The price of an item in the catalogue: VAT included, never negative, at most a million euros.

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::language::Text;
use crate::limited;
use crate::money::Money;

/// An item's price, VAT included. On the wire it is [`Money`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Money", into = "Money")]
pub struct Price(Money);

impl PartialSchema for Price {
    fn schema() -> RefOr<Schema> {
        let description = "A price: nothing, or up to a million euros.";
        limited::schema(description, 0..=Self::MAX_AMOUNT)
    }
}

impl ToSchema for Price {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        limited::schemas(schemas);
    }
}

/// The amount cannot be a price: negative, or above [`Price::MAX_AMOUNT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a price is between 0 and {} minor units", Price::MAX_AMOUNT)]
pub struct PriceError;

impl PriceError {
    /// For the person who typed the price.
    #[must_use]
    pub fn text(self) -> Text {
        Text::new(
            "Le prix doit être compris entre 0,00 € et 1 000 000,00 €.",
            "The price must be between €0.00 and €1,000,000.00.",
        )
    }
}

impl Price {
    /// The highest price, in minor units. With the highest quantity and a thousand lines, an order
    /// stays ten thousand times under what 64 bits hold.
    pub const MAX_AMOUNT: i64 = 100_000_000;

    /// The price, if the amount can be one.
    ///
    /// # Errors
    /// [`PriceError`] when it is negative or too high.
    pub fn new(money: Money) -> Result<Self, PriceError> {
        if (0..=Self::MAX_AMOUNT).contains(&money.amount()) {
            Ok(Self(money))
        } else {
            Err(PriceError)
        }
    }

    /// The amount to pay for one.
    #[must_use]
    pub const fn money(self) -> Money {
        self.0
    }
}

impl TryFrom<Money> for Price {
    type Error = PriceError;

    fn try_from(money: Money) -> Result<Self, PriceError> {
        Self::new(money)
    }
}

impl From<Price> for Money {
    fn from(price: Price) -> Self {
        price.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_lies_between_nothing_and_a_million_euros() {
        for amount in [0, 1, 1999, Price::MAX_AMOUNT] {
            assert_eq!(
                Price::new(Money::eur(amount)).unwrap().money(),
                Money::eur(amount)
            );
        }
        for amount in [i64::MIN, -1, Price::MAX_AMOUNT + 1, i64::MAX] {
            assert_eq!(Price::new(Money::eur(amount)), Err(PriceError));
        }
        assert!(serde_json::from_str::<Price>(r#"{"amount":-1,"currency":"EUR"}"#).is_err());
        let price: Price = serde_json::from_str(r#"{"amount":1,"currency":"EUR"}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&price).unwrap(),
            r#"{"amount":1,"currency":"EUR"}"#
        );
    }
}
