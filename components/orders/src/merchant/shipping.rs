//! What a merchant asks for bringing the goods. Pure.

use commerce::totals::Charge;
use commerce::{Money, Price, PriceError, VatRate};
use serde::{Deserialize, Serialize};
use service::Invalid;
use utoipa::ToSchema;

/// What an order pays a merchant for shipping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shipping {
    /// VAT included.
    pub fee: Money,
    /// The rate that the fee includes, in basis points.
    #[schema(value_type = u16, example = 2000)]
    pub vat_rate: VatRate,
    /// From which sum of the merchant's lines, after discounts, it is free.
    pub free_from: Option<Money>,
}

/// The same as it is typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingInput {
    /// VAT included.
    fee: Money,
    /// The rate that the fee includes, in basis points: 0, 210, 550, 1000 or 2000.
    #[schema(example = 2000)]
    vat_rate: u16,
    /// From which sum of the merchant's lines, after discounts, it is free; never if absent.
    free_from: Option<Money>,
}

impl Shipping {
    /// What is added to lines that come to so much.
    pub fn charge(&self, goods: Money) -> Option<Charge> {
        let free = self.free_from.map(Money::amount);
        let is_free = self.fee.amount() == 0 || free.is_some_and(|from| goods.amount() >= from);
        (!is_free).then_some(Charge {
            amount: self.fee,
            vat_rate: self.vat_rate,
        })
    }
}

impl ShippingInput {
    pub fn parse(self, invalid: &mut Invalid) -> Option<Shipping> {
        let fee = price("/shipping/fee/amount", self.fee, invalid);
        let vat_rate = VatRate::new(self.vat_rate).map_err(|error| error.text());
        let vat_rate = invalid.check("/shipping/vat_rate", vat_rate);
        let free_from = self
            .free_from
            .and_then(|from| price("/shipping/free_from/amount", from, invalid));
        Some(Shipping {
            fee: fee?,
            vat_rate: vat_rate?,
            free_from,
        })
    }
}

fn price(pointer: &str, money: Money, invalid: &mut Invalid) -> Option<Money> {
    let price = Price::new(money).map_err(PriceError::text);
    invalid.check(pointer, price).map(Price::money)
}
