//! Checking out: who sells which lines, less what discount, plus what shipping, and what all of it comes to.
//! Pure; quotes and orders are worked out here alike.

use std::borrow::Cow;

use commerce::totals::{self, BillError, Regime, Sale, Totals};
use commerce::{Language, Money, Text, Timestamp, VatRate};
use service::Problem;

use crate::destination::{Destination, NotSoldThere};
use crate::discount::{self, Discount};
use crate::merchant::{Merchant, Merchants, NotSetUp};
use crate::order::{self, Line, Order};

/// What is sold.
#[derive(Clone, Debug)]
pub struct Checkout {
    pub lines: Vec<Line>,
    pub sales: Vec<Sale>,
    pub totals: Totals,
    /// That of the papers of who sells the first of them.
    pub language: Language,
}

/// Why nothing is sold.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    #[error(transparent)]
    NotSetUp(#[from] NotSetUp),
    #[error(transparent)]
    Destination(#[from] NotSoldThere),
    #[error(transparent)]
    Discount(#[from] discount::Refusal),
    #[error(transparent)]
    Bill(#[from] BillError),
}

/// Sells lines that were taken off the shelf. A discount is for the lines of its merchant, and shipping is free
/// by what the lines come to after it. Each merchant has to sell where the order goes, if that is known.
pub fn check_out(
    mut lines: Vec<Line>,
    merchants: &Merchants,
    destination: Option<&Destination>,
    discount: Option<&Discount>,
    now: Timestamp,
) -> Result<Checkout, CheckoutError> {
    let mut language = None;
    for line in &mut lines {
        let merchant = merchants.of(line.seller_id)?;
        language.get_or_insert(merchant.identity.language);
        if merchant.is_without_vat() {
            line.vat_rate = VatRate::ZERO;
        }
    }
    let priced: Vec<totals::Line> = lines.iter().map(totals::Line::from).collect();
    let mut sales = Vec::new();
    for (merchant, positions) in merchants.share(&lines)? {
        if let Some(destination) = destination {
            destination.check(merchant.id, &merchant.identity.delivers_to)?;
        }
        let discount = discount.filter(|discount| discount.merchant == merchant.id);
        sales.push(sell(&priced, merchant, positions, discount, now)?);
    }
    let is_used = sales.iter().any(|sale| sale.discount.is_some());
    if discount.is_some() && !is_used {
        return Err(discount::Refusal::OtherMerchant.into());
    }
    let totals = order::total(&lines, &sales)?;
    Ok(Checkout {
        lines,
        sales,
        totals,
        language: language.unwrap_or_default(),
    })
}

/// Who sells which lines of an order; by who sells now, if the order does not say.
pub fn sales_of<'a>(order: &'a Order, merchants: &Merchants) -> Result<Cow<'a, [Sale]>, NotSetUp> {
    if !order.sales.is_empty() {
        return Ok(Cow::Borrowed(&order.sales));
    }
    let shares = merchants.share(&order.lines)?.into_iter();
    Ok(shares
        .map(|(merchant, lines)| Sale::of(merchant.id, lines))
        .collect())
}

fn sell(
    lines: &[totals::Line],
    merchant: &Merchant,
    positions: Vec<usize>,
    discount: Option<&Discount>,
    now: Timestamp,
) -> Result<Sale, CheckoutError> {
    let mut sale = Sale::of(merchant.id, positions);
    let goods = sale.bill(Regime::Normal, lines)?.totals.gross;
    sale.discount = discount
        .map(|discount| discount.reduce(goods, now))
        .transpose()?;
    let off = sale.discount.as_ref().map(|reduction| reduction.amount);
    let left = goods
        .checked_sub(off.unwrap_or(Money::zero(goods.currency())))
        .map_err(BillError::from)?;
    sale.shipping = merchant.shipping(left);
    Ok(sale)
}

impl From<CheckoutError> for Problem {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::NotSetUp(error) => error.into(),
            CheckoutError::Destination(error) => error.into(),
            CheckoutError::Discount(refusal) => refusal.into(),
            CheckoutError::Bill(error) => too_much().caused_by(error),
        }
    }
}

pub fn too_much() -> Problem {
    Problem::conflict(
        "total-too-large",
        Text::new("Le total est trop grand", "The total is too large"),
    )
}

#[cfg(test)]
mod tests;
