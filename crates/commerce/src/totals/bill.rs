//! A bill: lines, discounts, charges such as shipping, and what they come to.
//!
//! A discount is a document-level allowance (BG-20): it lowers VAT groups, not the prices of lines.
//! One over everything is spread over the rates, and over their lines, by largest remainder. What a
//! line is worth after its part of the discounts is its `payable`, which is what can be credited.
//!
//! Refuses negative amounts, and discounts greater than what they are taken off.

use serde::{Deserialize, Serialize};

use super::{Line, Totals, charge, group, split};
use crate::money::{Currency, Money, MoneyError};
use crate::quantity::Quantity;
use crate::vat::VatRate;

/// What a discount is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// All lines.
    Everything,
    /// The lines at this rate.
    Rate(VatRate),
}

/// An amount that is taken off lines, VAT included, and positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// How much.
    pub amount: Money,
    /// Off what.
    pub over: Over,
}

/// An amount that is added, such as shipping, VAT included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// How much.
    pub amount: Money,
    /// The rate that it includes; none where it is taxed as the lines are, each rate bearing its part.
    pub vat_rate: Option<VatRate>,
}

/// What is billed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basket {
    /// What is bought.
    pub lines: Vec<Line>,
    /// What is taken off, one after the other.
    pub discounts: Vec<Discount>,
    /// What is added; no discount lowers it.
    pub charges: Vec<Charge>,
}

/// Why there is no bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BillError {
    /// A sum does not fit, or currencies differ.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Prices, discounts and charges are not negative.
    #[error("a price, a discount or a charge is negative")]
    Negative,
    /// The discount is greater than what is left of its lines.
    #[error("the discount {position} is greater than what it is taken off")]
    DiscountTooLarge {
        /// Which one.
        position: usize,
    },
}

/// A line of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BilledLine {
    /// How many (BT-129).
    pub quantity: Quantity,
    /// What one costs, VAT included.
    pub unit_price: Money,
    /// The rate (BT-152).
    pub vat_rate: VatRate,
    /// Quantity × unit price.
    pub gross: Money,
    /// Without VAT, before discounts (BT-131).
    pub net: Money,
    /// What the client pays for it after discounts.
    pub payable: Money,
    /// The same without VAT.
    pub payable_net: Money,
}

/// A discount at one rate (BG-20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Allowance {
    /// The position of the discount in the basket.
    pub discount: usize,
    /// The rate (BT-96).
    pub vat_rate: VatRate,
    /// Without VAT (BT-92).
    pub net: Money,
    /// VAT included.
    pub gross: Money,
}

/// A charge at one rate (BG-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BilledCharge {
    /// The position of the charge in the basket.
    #[serde(default)]
    pub charge: usize,
    /// The rate (BT-103).
    pub vat_rate: VatRate,
    /// Without VAT (BT-99).
    pub net: Money,
    /// VAT included.
    pub gross: Money,
}

/// What everything comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bill {
    /// One for each line of the basket, in its order.
    pub lines: Vec<BilledLine>,
    /// One for each discount and rate that it lowers.
    pub allowances: Vec<Allowance>,
    /// One for each charge of the basket, in its order, and rate that it bears.
    pub charges: Vec<BilledCharge>,
    /// Their sum.
    pub totals: Totals,
}

/// Adds up the basket.
///
/// The payable part of each line and each charge is split like a line of [`super::price`]. The net
/// of a discounted line is what it would be without discounts, never less than its payable net;
/// the difference is the net of the allowances. So Σ lines − Σ allowances + Σ charges is the net of a
/// rate, exactly, and no line can be credited for more than it was billed.
///
/// # Errors
/// [`BillError`] for amounts that are negative, do not fit or differ in currency, and for a discount
/// greater than its lines.
pub fn bill(basket: &Basket) -> Result<Bill, BillError> {
    let currency = currency_of(basket);
    let listed = basket
        .lines
        .iter()
        .map(|line| {
            let gross = line.unit_price.checked_mul(line.quantity)?;
            Ok((line.vat_rate, positive(gross)?))
        })
        .collect::<Result<Vec<_>, BillError>>()?;
    let mut payable = listed.clone();
    let mut discounted = Vec::new();
    for (position, discount) in basket.discounts.iter().enumerate() {
        for (vat_rate, amount) in take_off(position, discount.amount, discount.over, &mut payable)?
        {
            discounted.push((position, vat_rate, amount));
        }
    }

    let mut charged = Vec::new();
    for (position, charge) in basket.charges.iter().enumerate() {
        let amount = positive(charge.amount)?;
        let shares = match charge.vat_rate {
            Some(rate) => vec![(rate, amount)],
            None => charge::as_the_lines(amount, &payable, &listed)?,
        };
        charged.extend(shares.into_iter().map(|share| (position, share)));
    }

    let all_charged = charged.iter().map(|(_, share)| share);
    let parts: Vec<_> = payable.iter().chain(all_charged).copied().collect();
    let (totals, payable_nets) = split(currency, &parts)?;
    let (_, listed_nets) = split(currency, &listed)?;
    let lines: Vec<BilledLine> = basket
        .lines
        .iter()
        .zip(listed.iter().zip(listed_nets))
        .zip(payable.iter().zip(&payable_nets))
        .map(
            |((line, ((vat_rate, gross), net)), ((_, payable), payable_net))| BilledLine {
                quantity: line.quantity,
                unit_price: line.unit_price,
                vat_rate: *vat_rate,
                gross: *gross,
                // Without a discount both are one; with one, it must not come out negative.
                net: if payable == gross {
                    *payable_net
                } else {
                    Money::new(net.amount().max(payable_net.amount()), currency)
                },
                payable: *payable,
                payable_net: *payable_net,
            },
        )
        .collect();
    let charges = charged
        .iter()
        .zip(payable_nets.iter().skip(lines.len()))
        .map(|((charge, (vat_rate, gross)), net)| BilledCharge {
            charge: *charge,
            vat_rate: *vat_rate,
            net: *net,
            gross: *gross,
        })
        .collect();
    Ok(Bill {
        allowances: allow(&lines, &discounted)?,
        lines,
        charges,
        totals,
    })
}

fn currency_of(basket: &Basket) -> Currency {
    let lines = basket.lines.iter().map(|line| line.unit_price);
    let charges = basket.charges.iter().map(|charge| charge.amount);
    lines
        .chain(charges)
        .next()
        .map_or_else(Currency::default, Money::currency)
}

const fn positive(amount: Money) -> Result<Money, BillError> {
    if amount.amount() < 0 {
        return Err(BillError::Negative);
    }
    Ok(amount)
}

/// Takes a discount off what is left of its lines, and says how much of it fell on each rate.
fn take_off(
    position: usize,
    amount: Money,
    over: Over,
    payable: &mut [(VatRate, Money)],
) -> Result<Vec<(VatRate, Money)>, BillError> {
    let concerns = |rate: VatRate| over == Over::Everything || over == Over::Rate(rate);
    let mut by_rate: Vec<(VatRate, Money)> = Vec::new();
    let weights: Vec<i64> = payable
        .iter()
        .map(|(rate, left)| if concerns(*rate) { left.amount() } else { 0 })
        .collect();
    let whole = weights
        .iter()
        .try_fold(0_i64, |sum, weight| sum.checked_add(*weight))
        .ok_or(MoneyError::Overflow)?;
    if positive(amount)?.amount() > whole {
        return Err(BillError::DiscountTooLarge { position });
    }
    let shares = group::spread(amount.amount(), &weights).ok_or(MoneyError::Overflow)?;
    for ((rate, left), share) in payable.iter_mut().zip(shares) {
        let share = Money::new(share, amount.currency());
        *left = left.checked_sub(share)?;
        match by_rate.iter_mut().find(|(known, _)| known == rate) {
            Some((_, sum)) => *sum = sum.checked_add(share)?,
            None => by_rate.push((*rate, share)),
        }
    }
    by_rate.retain(|(_, share)| share.amount() > 0);
    by_rate.sort_unstable_by_key(|(rate, _)| std::cmp::Reverse(*rate));
    Ok(by_rate)
}

/// Shares the net that discounts cost each rate between the discounts that lowered it.
fn allow(
    lines: &[BilledLine],
    discounted: &[(usize, VatRate, Money)],
) -> Result<Vec<Allowance>, MoneyError> {
    let mut allowances = Vec::with_capacity(discounted.len());
    for rate in VatRate::ALL.into_iter().rev() {
        let here: Vec<_> = discounted.iter().filter(|(_, r, _)| *r == rate).collect();
        let net = lines
            .iter()
            .filter(|line| line.vat_rate == rate)
            .try_fold(0_i64, |sum, line| {
                let off = line.net.checked_sub(line.payable_net).ok()?;
                sum.checked_add(off.amount())
            })
            .ok_or(MoneyError::Overflow)?;
        let weights: Vec<i64> = here.iter().map(|(.., gross)| gross.amount()).collect();
        let nets = group::spread(net, &weights).ok_or(MoneyError::Overflow)?;
        allowances.extend(
            here.into_iter()
                .zip(nets)
                .map(|((discount, _, gross), net)| Allowance {
                    discount: *discount,
                    vat_rate: rate,
                    net: Money::new(net, gross.currency()),
                    gross: *gross,
                }),
        );
    }
    allowances.sort_by_key(|allowance| allowance.discount);
    Ok(allowances)
}
