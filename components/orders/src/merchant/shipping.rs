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
    /// The rate that the fee includes, in basis points; null where it is taxed as the goods.
    pub vat_rate: Option<VatRate>,
    /// From which sum of the merchant's lines, after discounts, it is free.
    pub free_from: Option<Money>,
}

/// The same as it is typed.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingInput {
    /// VAT included.
    #[schema(value_type = Price)]
    fee: Money,
    /// The rate that the fee includes, in basis points. Leave it out: shipping is part
    /// of what the goods cost and taxed as they are, each of their rates bearing its part. A rate of its own is
    /// for a merchant who has reason to know better.
    #[schema(value_type = Option<VatRate>)]
    vat_rate: Option<u16>,
    /// From which sum of the merchant's lines, after discounts, it is free; never if absent.
    #[schema(value_type = Option<Price>)]
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
        let vat_rate = self.vat_rate.map(|rate| {
            let rate = VatRate::new(rate).map_err(|error| error.text());
            invalid.check("/shipping/vat_rate", rate)
        });
        let free_from = self
            .free_from
            .and_then(|from| price("/shipping/free_from/amount", from, invalid));
        Some(Shipping {
            fee: fee?,
            vat_rate: match vat_rate {
                Some(rate) => Some(rate?),
                None => None,
            },
            free_from,
        })
    }
}

fn price(pointer: &str, money: Money, invalid: &mut Invalid) -> Option<Money> {
    let price = Price::new(money).map_err(PriceError::text);
    invalid.check(pointer, price).map(Price::money)
}
