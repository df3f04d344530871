//! What one seller may know of an order that others sell in too: their own lines with what those come to, and
//! their own part of what went back. Orders and payments show a seller nothing else.
//!
//! Shipping is a seller's where their lines are shipped with nobody else's. A discount is, as far as it lowers
//! their lines.

use super::sale::{Part, give_back, sum};
use super::{
    BillError, Credit, CreditError, Line, Outstanding, RateTotal, Reduction, Return, Sale, Totals,
};
use crate::money::{Currency, Money, MoneyError};
use crate::vat::VatRate;

/// A seller's part of what an order comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// What the seller's lines come to after discounts, with shipping that is theirs.
    pub totals: Totals,
    /// What codes take off the seller's lines.
    pub discount: Option<Reduction>,
    /// Shipping that is the seller's, VAT included.
    pub shipping: Money,
}

/// A seller's part of what went back with one refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditShare {
    /// How much of it was paid for the seller's lines, VAT included.
    pub amount: Money,
    /// Whether nobody else's lines or shipping are part of it.
    pub is_all: bool,
}

/// The part of these sales that is of the lines that `is_own` knows by their positions in the order.
///
/// # Errors
/// [`BillError`] as for [`super::bill()`].
pub fn share(
    sales: &[Sale],
    lines: &[Line],
    is_own: impl Fn(usize) -> bool,
) -> Result<Share, BillError> {
    let zero = Money::zero(Currency::default());
    let mut totals = sum([])?;
    let mut shipping = zero;
    let mut off: Option<Reduction> = None;
    for sale in sales {
        let bill = sale.bill(lines)?;
        let mut less = zero;
        for (position, line) in sale.lines.iter().zip(&bill.lines) {
            if is_own(*position) {
                totals.merge(part(line.vat_rate, line.payable_net, line.payable)?)?;
                less = less.checked_add(line.gross.checked_sub(line.payable)?)?;
            }
        }
        if sale.is_all_of(&is_own) {
            for charge in &bill.charges {
                totals.merge(part(charge.vat_rate, charge.net, charge.gross)?)?;
                shipping = shipping.checked_add(charge.gross)?;
            }
        }
        if let Some(reduction) = sale.discount.as_ref().filter(|_| less.amount() > 0) {
            let before = off.map_or(zero, |off| off.amount);
            off = Some(Reduction {
                code: reduction.code.clone(),
                amount: before.checked_add(less)?,
            });
        }
    }
    totals
        .by_rate
        .sort_unstable_by_key(|group| std::cmp::Reverse(group.rate));
    Ok(Share {
        totals,
        discount: off,
        shipping,
    })
}

/// What was rounded to the cent before, which is not rounded again.
fn part(rate: VatRate, net: Money, gross: Money) -> Result<RateTotal, MoneyError> {
    let vat = gross.checked_sub(net)?;
    Ok(RateTotal {
        rate,
        net,
        vat,
        gross,
    })
}

/// The part of a refund that is of the lines that `is_own` knows; `credits` are what it takes off each sale.
/// Nothing if none of it is.
///
/// # Errors
/// [`MoneyError`] when a sum does not fit.
pub fn credit_share(
    sales: &[Sale],
    credits: &[Option<Credit>],
    is_own: impl Fn(usize) -> bool,
) -> Result<Option<CreditShare>, MoneyError> {
    let mut amount = Money::zero(Currency::default());
    let (mut any, mut is_all) = (false, true);
    for (sale, credit) in sales.iter().zip(credits) {
        let Some(credit) = credit else { continue };
        for line in &credit.lines {
            match sale.lines.get(line.line) {
                Some(position) if is_own(*position) => {
                    any = true;
                    amount = amount.checked_add(line.gross)?;
                }
                _ => is_all = false,
            }
        }
        let own_charges = sale.is_all_of(&is_own);
        for charge in &credit.charges {
            any |= own_charges;
            is_all &= own_charges;
            if own_charges {
                amount = amount.checked_add(charge.gross)?;
            }
        }
    }
    Ok(any.then_some(CreditShare { amount, is_all }))
}

/// What an amount takes off sales of which nothing else is known: its part of each, in proportion.
///
/// # Errors
/// [`CreditError`] when it is more than they come to, or nothing.
pub fn credit_amount(
    sales: &[Sale],
    lines: &[Line],
    amount: Money,
) -> Result<Vec<Option<Credit>>, CreditError> {
    let parts = sales
        .iter()
        .map(|sale| {
            // It was billed before it was paid.
            let bill = sale.bill(lines);
            let bill = bill.map_err(|_| MoneyError::Overflow)?;
            Ok(Part {
                lines: sale.lines.clone(),
                left: Outstanding::after(&bill, [])?,
            })
        })
        .collect::<Result<Vec<_>, CreditError>>()?;
    give_back(&parts, &Return::Amount(amount))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merchant_id::MerchantId;
    use crate::quantity::Quantity;
    use crate::totals::{Charge, Piece, bill_together};

    fn lines(prices: &[(i64, usize)]) -> Vec<Line> {
        let line = |&(price, rate): &(i64, usize)| Line {
            unit_price: Money::eur(price),
            vat_rate: VatRate::ALL[rate],
            quantity: Quantity::new(2).unwrap(),
        };
        prices.iter().map(line).collect()
    }

    /// One sale of all lines, with a discount and shipping.
    fn sale(count: usize, off: i64) -> Sale {
        Sale {
            discount: (off > 0).then(|| Reduction {
                code: "DIX".into(),
                amount: Money::eur(off),
            }),
            shipping: Some(Charge {
                amount: Money::eur(490),
                vat_rate: Some(VatRate::STANDARD),
            }),
            ..Sale::of(MerchantId::Shop, (0..count).collect())
        }
    }

    #[test]
    fn shipping_that_others_share_is_nobodys_part() {
        let lines = lines(&[(1_000, 0), (500, 0)]);
        let sales = [sale(2, 0)];
        let own = share(&sales, &lines, |line| line == 0).unwrap();
        assert_eq!(own.totals.gross, Money::eur(2_000));
        assert_eq!((own.shipping, own.discount), (Money::eur(0), None));
        let all = share(&sales, &lines, |_| true).unwrap();
        assert_eq!(all.shipping, Money::eur(490));
        assert_eq!(all.totals.gross, Money::eur(3_490));
    }

    proptest! {
        /// Together, the parts of all sellers and the shipping that they share are the whole bill.
        #[test]
        fn parts_add_up_to_the_bill(
            prices in prop::collection::vec((1_i64..10_000, 0_usize..4), 2..8),
            off in 0_i64..3,
            mine in prop::collection::vec(any::<bool>(), 8),
        ) {
            let lines = lines(&prices);
            let sales = [sale(lines.len(), off)];
            let whole = bill_together(&sales, &lines).unwrap().totals;
            let own = share(&sales, &lines, |line| mine[line]).unwrap();
            let others = share(&sales, &lines, |line| !mine[line]).unwrap();
            let counted = own.totals.gross.amount() + others.totals.gross.amount();
            let shipping = own.shipping.amount() + others.shipping.amount();
            prop_assert_eq!(counted - shipping + 490, whole.gross.amount());
            let net: i64 = own.totals.by_rate.iter().map(|rate| rate.net.amount()).sum();
            prop_assert_eq!(net, own.totals.net.amount());
        }

        /// What goes back of a seller's lines is never more than their part, and a refund of nothing of
        /// theirs is none of theirs.
        #[test]
        fn a_refund_is_shared_like_what_was_paid(
            prices in prop::collection::vec((1_i64..10_000, 0_usize..4), 2..8),
            piece in 0_usize..2,
        ) {
            let lines = lines(&prices);
            let sales = [sale(lines.len(), 1)];
            let bill = sales[0].bill(&lines).unwrap();
            let parts = [Part {
                lines: sales[0].lines.clone(),
                left: Outstanding::after(&bill, []).unwrap(),
            }];
            let wanted = Return::Pieces {
                lines: vec![Piece { line: piece, quantity: Quantity::ONE }],
                charges: Vec::new(),
            };
            let credits = give_back(&parts, &wanted).unwrap();
            let gross = credits[0].as_ref().unwrap().totals.gross;
            let own = credit_share(&sales, &credits, |line| line == piece).unwrap();
            prop_assert_eq!(own, Some(CreditShare { amount: gross, is_all: true }));
            let others = credit_share(&sales, &credits, |line| line != piece).unwrap();
            prop_assert_eq!(others, None);
            let everything = give_back(&parts, &Return::Everything).unwrap();
            let own = credit_share(&sales, &everything, |line| line == piece).unwrap().unwrap();
            prop_assert!(!own.is_all);
            let part = share(&sales, &lines, |line| line == piece).unwrap();
            prop_assert_eq!(own.amount, part.totals.gross);
        }
    }
}
