//! One VAT group: takes the tax out of its gross, and shares the net between its members.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::vat::VatRate;

/// 100 % in basis points.
const WHOLE: i64 = 10_000;

/// A group, in minor units: `net + vat == gross`, and the shares add up to `net`.
pub(super) struct Group {
    pub net: i64,
    pub vat: i64,
    pub gross: i64,
    /// Position of the member, and its part of `net`.
    pub shares: Vec<(usize, i64)>,
}

/// Splits the group whose members are (position, gross). `None` when a sum does not fit.
pub(super) fn split(rate: VatRate, members: &[(usize, i64)]) -> Option<Group> {
    let gross = members
        .iter()
        .try_fold(0_i64, |sum, (_, gross)| sum.checked_add(*gross))?;
    let vat = included_vat(rate, gross)?;
    let net = gross.checked_sub(vat)?;
    Some(Group {
        net,
        vat,
        gross,
        shares: share(rate, net, members)?,
    })
}

/// The VAT that a gross amount includes, halves rounded away from zero. 28 digits are exact enough:
/// with a divisor of at most 12 000, a quotient that is no half is far from one.
fn included_vat(rate: VatRate, gross: i64) -> Option<i64> {
    let points = Decimal::from(rate.basis_points());
    Decimal::from(gross)
        .checked_mul(points)?
        .checked_div(Decimal::from(WHOLE).checked_add(points)?)?
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
        .to_i64()
}

/// Shares the net by largest remainder: each member gets the whole minor units of its exact net,
/// and those that are left over go one by one to the largest remainders, the earlier member first.
fn share(rate: VatRate, net: i64, members: &[(usize, i64)]) -> Option<Vec<(usize, i64)>> {
    let whole = i128::from(WHOLE);
    let divisor = whole.checked_add(i128::from(rate.basis_points()))?;
    let mut left = i128::from(net);
    let mut portions = Vec::with_capacity(members.len());
    for &(position, gross) in members {
        let exact = i128::from(gross).checked_mul(whole)?;
        let floor = exact.checked_div_euclid(divisor)?;
        left = left.checked_sub(floor)?;
        portions.push((position, floor, exact.checked_rem_euclid(divisor)?));
    }
    portions.sort_unstable_by(|(a, _, first), (b, _, second)| second.cmp(first).then(a.cmp(b)));
    // The net is the exact sum rounded to an integer and every portion was rounded down, so at
    // most one minor unit is left for each portion that has a remainder.
    portions
        .into_iter()
        .map(|(position, floor, _)| {
            let extra = i128::from(left > 0);
            left = left.checked_sub(extra)?;
            Some((position, i64::try_from(floor.checked_add(extra)?).ok()?))
        })
        .collect()
}
