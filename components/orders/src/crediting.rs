//! How a refund falls on what was invoiced. Pure.

use commerce::totals::{self, Credit, CreditError, Outstanding, Piece, Return};
use commerce::{Money, MoneyError, Quantity};

use crate::issued::Account;

/// What money was given back for.
#[derive(Clone, Debug)]
pub struct Refunded {
    pub amount: Money,
    /// The pieces that it is for, by the position of their line in the order; none if it is for no goods.
    pub pieces: Vec<(usize, Quantity)>,
}

/// What to credit of each invoice, if anything; together it is the amount, to the cent.
///
/// The last of the money takes all that is left. Pieces are credited as such where they come to the amount,
/// which they do not if a part of their price went back before; then, and where no pieces are named, the
/// amount is taken off everything in proportion.
pub fn credit(
    accounts: &[Account],
    refunded: &Refunded,
) -> Result<Vec<Option<Credit>>, CreditError> {
    let outstanding = accounts
        .iter()
        .map(|account| Outstanding::after(&account.billed.bill, &account.credits))
        .collect::<Result<Vec<_>, _>>()?;
    let left = outstanding
        .iter()
        .map(Outstanding::gross)
        .collect::<Result<Vec<_>, _>>()?;
    let all = sum(refunded.amount, &left)?;
    if refunded.amount.amount() > all.amount() {
        return Err(CreditError::AmountOutOfRange { left: all });
    }
    if refunded.amount == all {
        let returns = left.iter().map(|left| some(*left, Return::Everything));
        return make(&outstanding, returns);
    }
    let by_pieces = make(&outstanding, pieces(accounts, refunded).into_iter());
    if let Ok(credits) = by_pieces
        && gross(refunded.amount, &credits)? == refunded.amount
    {
        return Ok(credits);
    }
    let shares = totals::spread(refunded.amount, &left)?;
    let returns = shares
        .into_iter()
        .map(|share| some(share, Return::Amount(share)));
    make(&outstanding, returns)
}

/// Nothing is not credited.
fn some(amount: Money, what: Return) -> Option<Return> {
    (amount.amount() > 0).then_some(what)
}

/// The pieces of each invoice.
fn pieces(accounts: &[Account], refunded: &Refunded) -> Vec<Option<Return>> {
    let of = |account: &Account| {
        let lines: Vec<Piece> = refunded
            .pieces
            .iter()
            .filter_map(|(position, quantity)| {
                let mut lines = account.billed.lines.iter();
                let line = lines.position(|line| line == position)?;
                let quantity = *quantity;
                Some(Piece { line, quantity })
            })
            .collect();
        let charges = Vec::new();
        (!lines.is_empty()).then_some(Return::Pieces { lines, charges })
    };
    accounts.iter().map(of).collect()
}

fn make(
    outstanding: &[Outstanding],
    returns: impl Iterator<Item = Option<Return>>,
) -> Result<Vec<Option<Credit>>, CreditError> {
    outstanding
        .iter()
        .zip(returns)
        .map(|(outstanding, what)| what.map(|what| outstanding.credit(&what)).transpose())
        .collect()
}

fn gross(of: Money, credits: &[Option<Credit>]) -> Result<Money, MoneyError> {
    let credits = credits.iter().flatten();
    let amounts: Vec<Money> = credits.map(|credit| credit.totals.gross).collect();
    sum(of, &amounts)
}

/// The sum in the currency of `of`.
fn sum(of: Money, amounts: &[Money]) -> Result<Money, MoneyError> {
    let zero = Money::zero(of.currency());
    amounts.iter().copied().try_fold(zero, Money::checked_add)
}

#[cfg(test)]
mod tests;
