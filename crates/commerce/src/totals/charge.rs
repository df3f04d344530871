//! What a charge such as shipping bears of VAT where it has no rate of its own: it is part of what the goods cost
//! (Directive 2006/112/EC art. 78 (b), CGI art. 267, I, 2°), so that each rate of theirs bears its part.
//!
//! The parts are in proportion to what is paid for the goods of each rate, VAT included. That is the same as
//! sharing the net in proportion to the nets: both sides of a rate grow by the same factor.

use super::group;
use crate::money::{Money, MoneyError};
use crate::vat::VatRate;

/// Shares an amount between the rates of lines, the highest rate first: by what is paid for them, or, where they
/// are free, by what they would have cost. Where even that is nothing, the highest rate bears all of it.
pub(super) fn as_the_lines(
    amount: Money,
    payable: &[(VatRate, Money)],
    listed: &[(VatRate, Money)],
) -> Result<Vec<(VatRate, Money)>, MoneyError> {
    let rates = VatRate::ALL.into_iter().rev();
    let rates: Vec<VatRate> = rates
        .filter(|rate| listed.iter().any(|(its_rate, _)| its_rate == rate))
        .collect();
    let mut weights = weigh(&rates, payable)?;
    if weights.iter().all(|weight| *weight == 0) {
        weights = weigh(&rates, listed)?;
    }
    if weights.iter().all(|weight| *weight == 0) {
        let highest = rates.first().copied().unwrap_or(VatRate::STANDARD);
        return Ok(vec![(highest, amount)]);
    }
    let shares = group::spread(amount.amount(), &weights).ok_or(MoneyError::Overflow)?;
    let shares = rates.into_iter().zip(shares);
    Ok(shares
        .filter(|(_, share)| *share > 0)
        .map(|(rate, share)| (rate, Money::new(share, amount.currency())))
        .collect())
}

/// What the lines of each rate come to.
fn weigh(rates: &[VatRate], lines: &[(VatRate, Money)]) -> Result<Vec<i64>, MoneyError> {
    let of_rate = |rate: &VatRate| {
        let here = lines.iter().filter(|(its_rate, _)| its_rate == rate);
        let mut amounts = here.map(|(_, amount)| amount.amount());
        amounts
            .try_fold(0, i64::checked_add)
            .ok_or(MoneyError::Overflow)
    };
    rates.iter().map(of_rate).collect()
}
