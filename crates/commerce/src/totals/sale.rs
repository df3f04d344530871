//! The sales of an order: each merchant bills its own lines, with its own discount and shipping, and gives
//! them back off its own bill.
//!
//! Lines are named by their positions in the order. What is paid is the sum of the bills; what goes back is
//! shared between them, to the cent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credit::{Credit, CreditError, Piece, Return};
use super::{Basket, Bill, BillError, Charge, Discount, Line, Outstanding, Over, Totals, spread};
use crate::merchant_id::MerchantId;
use crate::money::{Currency, Money, MoneyError};

/// What one merchant sells of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// Who bills it.
    pub merchant: MerchantId,
    /// The positions of its lines in the order.
    pub lines: Vec<usize>,
    /// What is taken off all of them.
    pub discount: Option<Reduction>,
    /// What is added for bringing them.
    pub shipping: Option<Charge>,
    /// Whether it is sold under CGI art. 293 B. All rates are zero then, and the invoice says why.
    #[serde(default)]
    pub without_vat: bool,
    /// The VAT number that the merchant had then: the invoice of what was sold with VAT names it, whatever the
    /// merchant's scheme is by that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
}

/// What a discount code takes off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reduction {
    /// The code, as papers print it.
    #[schema(example = "BIENVENUE")]
    pub code: String,
    /// How much, VAT included.
    pub amount: Money,
}

impl Sale {
    /// These lines, with nothing off and nothing added.
    #[must_use]
    pub const fn of(merchant: MerchantId, lines: Vec<usize>) -> Self {
        Self {
            merchant,
            lines,
            discount: None,
            shipping: None,
            without_vat: false,
            vat_number: None,
        }
    }

    /// Whether `is_own` knows all of its lines.
    #[must_use]
    pub fn is_all_of(&self, is_own: impl Fn(usize) -> bool) -> bool {
        self.lines.iter().all(|position| is_own(*position))
    }

    fn basket(&self, lines: &[Line]) -> Basket {
        let own = self.lines.iter().filter_map(|line| lines.get(*line));
        let discount = |reduction: &Reduction| Discount {
            amount: reduction.amount,
            over: Over::Everything,
        };
        Basket {
            lines: own.copied().collect(),
            discounts: self.discount.iter().map(discount).collect(),
            charges: self.shipping.iter().copied().collect(),
        }
    }

    /// What it comes to; `lines` are those of the whole order.
    ///
    /// # Errors
    /// [`BillError`] as for [`super::bill()`].
    pub fn bill(&self, lines: &[Line]) -> Result<Bill, BillError> {
        super::bill(&self.basket(lines))
    }
}

/// What sales come to on one document: what each comes to by itself, one after the other. A discount takes off the
/// lines of its own sale, shipping is taxed as they are, and no other's count.
///
/// # Errors
/// [`BillError`] as for [`super::bill()`].
pub fn bill_together(sales: &[Sale], lines: &[Line]) -> Result<Bill, BillError> {
    let mut bills = Vec::with_capacity(sales.len());
    let (mut discounts, mut charges) = (0, 0);
    for sale in sales {
        let mut bill = sale.bill(lines)?;
        for allowance in &mut bill.allowances {
            allowance.discount += discounts;
        }
        for charge in &mut bill.charges {
            charge.charge += charges;
        }
        discounts += usize::from(sale.discount.is_some());
        charges += usize::from(sale.shipping.is_some());
        bills.push(bill);
    }
    let totals = sum(bills.iter().map(|bill| &bill.totals))?;
    let (mut lines, mut allowances, mut charges) = (Vec::new(), Vec::new(), Vec::new());
    for bill in bills {
        lines.extend(bill.lines);
        allowances.extend(bill.allowances);
        charges.extend(bill.charges);
    }
    Ok(Bill {
        lines,
        allowances,
        charges,
        totals,
    })
}

/// What several bills come to together; nothing comes to nothing, in euros.
///
/// # Errors
/// [`MoneyError`] when a sum does not fit, or currencies differ.
pub fn sum<'a>(bills: impl IntoIterator<Item = &'a Totals>) -> Result<Totals, MoneyError> {
    let mut bills = bills.into_iter();
    let zero = Money::zero(Currency::default());
    let first = bills.next().cloned().unwrap_or(Totals {
        net: zero,
        vat: zero,
        gross: zero,
        by_rate: Vec::new(),
    });
    let mut sum = bills.try_fold(first, |mut sum, bill| {
        for rate in &bill.by_rate {
            sum.merge(*rate)?;
        }
        Ok::<_, MoneyError>(sum)
    })?;
    sum.by_rate
        .sort_unstable_by_key(|group| std::cmp::Reverse(group.rate));
    Ok(sum)
}

/// What is left of one sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The positions of its lines in the order, as its bill has them.
    pub lines: Vec<usize>,
    /// What is left of its bill.
    pub left: Outstanding,
}

/// What of each sale is given back, if anything: pieces by the positions of their lines in the order, and
/// charges by those of the sales whose shipping goes back. An amount falls on all that is left in proportion.
///
/// # Errors
/// [`CreditError`] when it is more than is left, or nothing; lines are named as in the order.
pub fn give_back(parts: &[Part], what: &Return) -> Result<Vec<Option<Credit>>, CreditError> {
    let shares = match what {
        Return::Everything => return parts.iter().map(|part| all_of(&part.left)).collect(),
        Return::Pieces { lines, charges } => by_part(parts, lines, charges)?,
        Return::Amount(amount) => by_amount(parts, *amount)?,
    };
    let credits = parts
        .iter()
        .zip(shares)
        .map(|(part, share)| {
            let credit = share.map(|share| part.left.credit(&share)).transpose();
            credit.map_err(|error| part.in_order(error))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if credits.iter().all(Option::is_none) {
        return Err(CreditError::Nothing);
    }
    Ok(credits)
}

/// All that is left, as pieces where they are still worth it.
fn all_of(left: &Outstanding) -> Result<Option<Credit>, CreditError> {
    let gross = left.gross()?;
    if gross.amount() == 0 {
        return Ok(None);
    }
    match left.credit(&Return::Everything) {
        Ok(credit) if credit.totals.gross == gross => Ok(Some(credit)),
        Ok(_) | Err(CreditError::Nothing) => left.credit(&Return::Amount(gross)).map(Some),
        Err(error) => Err(error),
    }
}

/// All that is left of each sale, also of one that came to nothing: what was sold for nothing comes back too.
///
/// # Errors
/// [`CreditError`] where a sum does not fit.
pub fn credit_all(parts: &[Part]) -> Result<Vec<Option<Credit>>, CreditError> {
    let credit = |part: &Part| match all_of(&part.left)? {
        Some(credit) => Ok(Some(credit)),
        None => part.left.units_left(),
    };
    parts.iter().map(credit).collect()
}

fn by_part(
    parts: &[Part],
    pieces: &[Piece],
    shipping: &[usize],
) -> Result<Vec<Option<Return>>, CreditError> {
    let mut shares: Vec<(Vec<Piece>, Vec<usize>)> = vec![<_>::default(); parts.len()];
    for piece in pieces {
        let position = piece.line;
        let (lines, line) = parts
            .iter()
            .zip(&mut shares)
            .find_map(|(part, (lines, _))| Some((lines, part.position(position)?)))
            .ok_or(CreditError::Unknown { position })?;
        let quantity = piece.quantity;
        lines.push(Piece { line, quantity });
    }
    for &position in shipping {
        let mut sales = parts.iter().zip(&mut shares).skip(position);
        let (part, (_, charges)) = sales.next().ok_or(CreditError::Unknown { position })?;
        // A sale has one charge at most, in as many parts as its goods have rates; it goes back once.
        if charges.is_empty() {
            charges.extend(part.left.charges_left());
        }
    }
    let shares = shares.into_iter().map(|(lines, charges)| {
        let any = !lines.is_empty() || !charges.is_empty();
        any.then_some(Return::Pieces { lines, charges })
    });
    Ok(shares.collect())
}

fn by_amount(parts: &[Part], amount: Money) -> Result<Vec<Option<Return>>, CreditError> {
    let left = parts
        .iter()
        .map(|part| part.left.gross())
        .collect::<Result<Vec<_>, _>>()?;
    let zero = Money::zero(amount.currency());
    let all = left.iter().copied().try_fold(zero, Money::checked_add)?;
    if !(1..=all.amount()).contains(&amount.amount()) {
        return Err(CreditError::AmountOutOfRange { left: all });
    }
    let shares = spread(amount, &left)?.into_iter();
    Ok(shares
        .map(|share| (share.amount() > 0).then_some(Return::Amount(share)))
        .collect())
}

impl Part {
    fn position(&self, line: usize) -> Option<usize> {
        self.lines.iter().position(|own| *own == line)
    }

    /// The same error, with the line named as in the order.
    fn in_order(&self, error: CreditError) -> CreditError {
        match error {
            CreditError::TooManyPieces { line, left } => CreditError::TooManyPieces {
                line: self.lines.get(line).copied().unwrap_or(line),
                left,
            },
            other => other,
        }
    }
}
