//! The engine that adds up carts, orders, invoices and credit notes: prices include VAT, the client
//! pays exactly the sum of what was shown, and VAT is taken out of it once for each rate.
//!
//! For the gross G of everything at a rate r: VAT = round(G × r / (100 + r)), halves away from
//! zero, and net = G − VAT. The net is then shared by largest remainder, so that it adds up to the
//! cent. Source: EN 16931 BR-CO-10 to 17, BR-S-8 and 9; docs/adr/0004. Refuses floats, rounding
//! line by line, and two currencies in one order.
//!
//! [`price`] adds up lines alone. [`bill()`] also takes discounts and charges off and on, and
//! [`Outstanding`] gives back parts of a bill, never more than it was. An order of several merchants is
//! several [`Sale`]s, each with a bill of its own.

mod bill;
mod charge;
mod credit;
mod group;
mod outstanding;
mod sale;
mod share;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::money::{Currency, Money, MoneyError};
use crate::quantity::Quantity;
use crate::vat::VatRate;

pub use bill::{
    Allowance, Basket, Bill, BillError, BilledCharge, BilledLine, Charge, Discount, Over, bill,
};
pub use credit::{Credit, CreditError, CreditedCharge, CreditedLine, Piece, Return};
pub use outstanding::Outstanding;
pub use sale::{Part, Reduction, Sale, bill_together, credit_all, give_back, sum};
pub use share::{CreditShare, Share, credit_amount, credit_share, share};

/// One line to add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What one costs, VAT included.
    pub unit_price: Money,
    /// The rate that the price includes.
    pub vat_rate: VatRate,
    /// How many.
    pub quantity: Quantity,
}

/// What one line comes to: net + VAT = gross.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct LineTotal {
    /// The rate that the line's price includes.
    pub vat_rate: VatRate,
    /// This line's share of the net of its rate (BT-131).
    pub net: Money,
    /// What is left of the gross.
    pub vat: Money,
    /// Quantity × unit price: what the client pays.
    pub gross: Money,
}

/// What the lines at one rate come to together: net + VAT = gross.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct RateTotal {
    /// The rate, in basis points.
    pub rate: VatRate,
    /// The taxable amount (BT-116).
    pub net: Money,
    /// The tax (BT-117).
    pub vat: Money,
    /// What the client pays.
    pub gross: Money,
}

/// What everything comes to: net + VAT = gross.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Totals {
    /// Without VAT (BT-109).
    pub net: Money,
    /// VAT of all rates (BT-110).
    pub vat: Money,
    /// What the client pays (BT-112).
    pub gross: Money,
    /// One entry for each rate that occurs, the highest first.
    pub by_rate: Vec<RateTotal>,
}

/// The lines, in the order in which they came, and their totals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Priced {
    /// One entry for each line.
    pub lines: Vec<LineTotal>,
    /// Their sum.
    pub totals: Totals,
}

/// Adds up the lines. No lines come to nothing, in euros.
///
/// # Errors
/// [`MoneyError`] when a sum does not fit in 64 bits or the lines have different currencies.
pub fn price(lines: &[Line]) -> Result<Priced, MoneyError> {
    let currency = lines
        .first()
        .map_or_else(Currency::default, |line| line.unit_price.currency());
    let parts = lines
        .iter()
        .map(|line| Ok((line.vat_rate, line.unit_price.checked_mul(line.quantity)?)))
        .collect::<Result<Vec<_>, _>>()?;

    let (totals, nets) = split(currency, &parts)?;
    let lines = parts
        .into_iter()
        .zip(nets)
        .map(|((vat_rate, gross), net)| {
            Ok(LineTotal {
                vat_rate,
                net,
                vat: gross.checked_sub(net)?,
                gross,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Priced { lines, totals })
}

/// Shares an amount in proportion to others, to the cent: the shares add up to it, and none is further than
/// a cent from its exact part.
///
/// # Errors
/// [`MoneyError`] when a sum does not fit, or currencies differ.
pub fn spread(amount: Money, weights: &[Money]) -> Result<Vec<Money>, MoneyError> {
    let currency = amount.currency();
    let same = |weight: &Money| weight.currency() == currency;
    if !weights.iter().all(same) {
        return Err(MoneyError::CurrencyMismatch);
    }
    let weights: Vec<i64> = weights.iter().map(|weight| weight.amount()).collect();
    let shares = group::spread(amount.amount(), &weights).ok_or(MoneyError::Overflow)?;
    let shares = shares.into_iter();
    Ok(shares.map(|share| Money::new(share, currency)).collect())
}

/// Splits gross amounts into net and VAT, by rate, and gives each part its share of the net.
fn split(
    currency: Currency,
    parts: &[(VatRate, Money)],
) -> Result<(Totals, Vec<Money>), MoneyError> {
    let zero = Money::zero(currency);
    // Before anything is split, because a currency of their own would hide in the minor units.
    for (_, gross) in parts {
        zero.checked_add(*gross)?;
    }
    let mut totals = Totals {
        net: zero,
        vat: zero,
        gross: zero,
        by_rate: Vec::new(),
    };
    let mut shares = Vec::with_capacity(parts.len());
    for rate in VatRate::ALL.into_iter().rev() {
        let members: Vec<(usize, i64)> = parts
            .iter()
            .enumerate()
            .filter(|(_, (its_rate, _))| *its_rate == rate)
            .map(|(position, (_, gross))| (position, gross.amount()))
            .collect();
        if members.is_empty() {
            continue;
        }
        let group = group::split(rate, &members).ok_or(MoneyError::Overflow)?;
        totals.add(RateTotal {
            rate,
            net: Money::new(group.net, currency),
            vat: Money::new(group.vat, currency),
            gross: Money::new(group.gross, currency),
        })?;
        shares.extend(group.shares);
    }
    shares.sort_unstable_by_key(|(position, _)| *position);
    let nets = shares
        .into_iter()
        .map(|(_, net)| Money::new(net, currency))
        .collect();
    Ok((totals, nets))
}

impl Totals {
    /// Adds a rate to what is there of it.
    fn merge(&mut self, total: RateTotal) -> Result<(), MoneyError> {
        let Some(known) = self
            .by_rate
            .iter_mut()
            .find(|known| known.rate == total.rate)
        else {
            return self.add(total);
        };
        known.net = known.net.checked_add(total.net)?;
        known.vat = known.vat.checked_add(total.vat)?;
        known.gross = known.gross.checked_add(total.gross)?;
        self.net = self.net.checked_add(total.net)?;
        self.vat = self.vat.checked_add(total.vat)?;
        self.gross = self.gross.checked_add(total.gross)?;
        Ok(())
    }

    /// Adds a rate that is not in it yet.
    fn add(&mut self, total: RateTotal) -> Result<(), MoneyError> {
        self.net = self.net.checked_add(total.net)?;
        self.vat = self.vat.checked_add(total.vat)?;
        self.gross = self.gross.checked_add(total.gross)?;
        self.by_rate.push(total);
        Ok(())
    }
}

#[cfg(test)]
mod bill_tests;
#[cfg(test)]
mod charge_tests;
#[cfg(test)]
mod credit_tests;
#[cfg(test)]
mod sale_tests;
#[cfg(test)]
mod tests;
