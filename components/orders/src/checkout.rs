//! Checking out: who sells which lines, less what discount, plus what shipping, and what all of it comes to.
//! Pure; quotes and orders are worked out here alike.

use std::borrow::Cow;

use commerce::totals::{self, BillError, Sale, Totals};
use commerce::{Language, Money, Text, Timestamp, VatRate};
use service::Problem;

use crate::destination::{Destination, NotSoldThere};
use crate::discount::{Offers, Refusal};
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
    Discount(#[from] Refusal),
    #[error(transparent)]
    Bill(#[from] BillError),
}

/// Sells lines that were taken off the shelf. A code takes something off the lines of each merchant who has given
/// it out, if it is good for those of one at least; shipping is free by what the lines come to after it. Each
/// merchant has to sell where the order goes, if that is known.
pub fn check_out(
    mut lines: Vec<Line>,
    merchants: &Merchants,
    destination: Option<&Destination>,
    code: Option<&Offers>,
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
    let (mut sales, mut refusals) = (Vec::new(), Vec::new());
    for (merchant, positions) in merchants.share(&lines)? {
        if let Some(destination) = destination {
            destination.check(merchant.id, &merchant.identity.delivers_to)?;
        }
        let (sale, refusal) = sell(&priced, merchant, positions, code, now)?;
        sales.push(sale);
        refusals.extend(refusal);
    }
    let is_used = sales.iter().any(|sale| sale.discount.is_some());
    if let Some(refusal) = most_telling(&refusals).filter(|_| !is_used) {
        return Err(refusal.into());
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
        .map(|(merchant, lines)| merchant.sell(lines))
        .collect())
}

fn sell(
    lines: &[totals::Line],
    merchant: &Merchant,
    positions: Vec<usize>,
    code: Option<&Offers>,
    now: Timestamp,
) -> Result<(Sale, Option<Refusal>), CheckoutError> {
    let mut sale = merchant.sell(positions);
    let goods = sale.bill(lines)?.totals.gross;
    let reduced = code.map(|code| code.reduce(merchant.id, goods, now));
    let (reduction, refusal) = match reduced.transpose() {
        Ok(reduction) => (reduction, None),
        Err(refusal) => (None, Some(refusal)),
    };
    sale.discount = reduction;
    let off = sale.discount.as_ref().map(|reduction| reduction.amount);
    let left = goods
        .checked_sub(off.unwrap_or(Money::zero(goods.currency())))
        .map_err(BillError::from)?;
    sale.shipping = merchant.shipping(left);
    Ok((sale, refusal))
}

/// That of a merchant who has given the code out, if there is one.
fn most_telling(refusals: &[Refusal]) -> Option<Refusal> {
    let mut known = refusals.iter().filter(|one| **one != Refusal::Unknown);
    known.next().or(refusals.first()).copied()
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
