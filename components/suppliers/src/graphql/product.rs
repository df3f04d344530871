//! Products in GraphQL.

use async_graphql::{Enum, ID, InputObject, Object, SimpleObject};

use super::date_time::DateTime;
use crate::catalog::Product;

/// The currencies of the shop (ISO 4217).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Currency {
    #[graphql(name = "EUR")]
    Eur,
}

/// An amount of money.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct Money {
    /// Minor units: cents.
    amount: i64,
    currency: Currency,
}

/// An amount of money.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MoneyInput {
    /// Minor units: cents.
    amount: i64,
    #[graphql(default_with = "Currency::Eur")]
    currency: Currency,
}

impl From<commerce::Money> for Money {
    fn from(money: commerce::Money) -> Self {
        let currency = match money.currency() {
            commerce::Currency::Eur => Currency::Eur,
        };
        Self {
            amount: money.amount(),
            currency,
        }
    }
}

impl From<MoneyInput> for commerce::Money {
    fn from(money: MoneyInput) -> Self {
        let currency = match money.currency {
            Currency::Eur => commerce::Currency::Eur,
        };
        Self::new(money.amount, currency)
    }
}

/// An item of the shop that a supplier delivers.
pub struct ProductNode(pub Product);

/// An item of the shop that a supplier delivers.
#[Object(name = "Product")]
impl ProductNode {
    /// The item's id in the catalogue.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What shop and supplier call it; unique.
    async fn sku(&self) -> Option<&str> {
        self.0.sku.as_deref()
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn description(&self) -> &str {
        &self.0.description
    }

    async fn category_id(&self) -> ID {
        self.0.category_id.to_string().into()
    }

    /// The account that delivers it.
    async fn supplier_id(&self) -> Option<ID> {
        self.0.supplier_id.map(|id| id.to_string().into())
    }

    /// What clients pay, VAT included.
    async fn price(&self) -> Money {
        self.0.price.into()
    }

    /// Pieces on hand: the stock level.
    async fn quantity(&self) -> i64 {
        self.0.on_hand
    }

    /// Pieces on hand that nobody has reserved.
    async fn available(&self) -> i64 {
        self.0.available
    }

    /// With fewer pieces on hand, more are ordered; 0 for never.
    async fn stock_minimum(&self) -> i64 {
        self.0.stock_minimum
    }

    /// Past so many pieces on hand, no delivery is taken; null for no limit.
    async fn stock_maximum(&self) -> Option<i64> {
        self.0.stock_maximum
    }

    /// Whether there are fewer pieces on hand than the minimum.
    async fn below_minimum(&self) -> bool {
        self.0.on_hand < self.0.stock_minimum
    }

    /// When something other than its stock was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}
