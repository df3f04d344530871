//! Integer arithmetic of one VAT group: takes the tax out of its gross, and shares amounts between
//! members so that no minor unit is lost.

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
        shares: share(
            net,
            members,
            (WHOLE, WHOLE.checked_add(i64::from(rate.basis_points()))?),
        )?,
    })
}

/// Shares `total` between members in proportion to their weights, which must not be negative: the
/// shares add up to it, and none is further than one from its exact part. Nothing to weigh by is
/// shared as nothing.
pub(super) fn spread(total: i64, weights: &[i64]) -> Option<Vec<i64>> {
    let sum = weights
        .iter()
        .try_fold(0_i64, |sum, weight| sum.checked_add(*weight))?;
    if sum == 0 {
        return Some(weights.to_vec());
    }
    let members: Vec<(usize, i64)> = weights.iter().copied().enumerate().collect();
    let mut shares = share(total, &members, (total, sum))?;
    shares.sort_unstable_by_key(|(position, _)| *position);
    Some(shares.into_iter().map(|(_, part)| part).collect())
}

/// `amount × numerator / denominator`, halves rounded away from zero. All must be positive or zero.
pub(super) fn proportion(amount: i64, numerator: i64, denominator: i64) -> Option<i64> {
    let denominator = i128::from(denominator);
    let twice = i128::from(amount)
        .checked_mul(i128::from(numerator))?
        .checked_mul(2)?;
    let rounded = twice
        .checked_add(denominator)?
        .checked_div(denominator.checked_mul(2)?)?;
    i64::try_from(rounded).ok()
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

/// Shares a total by largest remainder: the exact part of a member is its weight × `numerator` /
/// `denominator`. Each gets the whole minor units of it, and those that are left over go one by
/// one to the largest remainders, the earlier member first.
fn share(
    total: i64,
    members: &[(usize, i64)],
    (numerator, denominator): (i64, i64),
) -> Option<Vec<(usize, i64)>> {
    let denominator = i128::from(denominator);
    let mut left = i128::from(total);
    let mut portions = Vec::with_capacity(members.len());
    for &(position, weight) in members {
        let exact = i128::from(weight).checked_mul(i128::from(numerator))?;
        let floor = exact.checked_div_euclid(denominator)?;
        left = left.checked_sub(floor)?;
        portions.push((position, floor, exact.checked_rem_euclid(denominator)?));
    }
    portions.sort_unstable_by(|(a, _, first), (b, _, second)| second.cmp(first).then(a.cmp(b)));
    // The total is the exact sum rounded to an integer and every portion was rounded down, so at
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
