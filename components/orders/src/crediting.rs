//! How a refund falls on what was invoiced. Pure.

use commerce::Money;
use commerce::totals::{self, Credit, CreditError, Outstanding, Part, Return};

use crate::issued::Account;

/// What money was given back for.
#[derive(Clone, Debug)]
pub struct Refunded {
    pub amount: Money,
    /// Why, in the words of whoever gave it back.
    pub reason: Option<String>,
    /// What it takes off each sale of the order, as payments has worked it out.
    pub credits: Vec<Option<Credit>>,
}

/// What to credit of each invoice, if anything; together it is the amount, to the cent.
///
/// Payments and invoices are of the same sales, so that a refund repeats on the invoices what it took off them.
/// Where it does not fit, as for orders that were placed before their sales were kept, the amount falls on all
/// that is left.
pub fn credit(
    accounts: &[Account],
    refunded: &Refunded,
) -> Result<Vec<Option<Credit>>, CreditError> {
    let parts = parts(accounts)?;
    match repeat(&parts, refunded) {
        Some(credits) => Ok(credits),
        None => totals::give_back(&parts, &Return::Amount(refunded.amount)),
    }
}

/// What to credit of each invoice so that nothing is left of any, also of what cost nothing.
pub fn credit_everything(accounts: &[Account]) -> Result<Vec<Option<Credit>>, CreditError> {
    totals::credit_all(&parts(accounts)?)
}

/// The same of those invoices alone that came to nothing.
pub fn credit_free(accounts: &[Account]) -> Result<Vec<Option<Credit>>, CreditError> {
    let credits = credit_everything(accounts)?.into_iter().zip(accounts);
    let free = credits.map(|(credit, account)| {
        let gross = account.billed.bill.totals.gross;
        credit.filter(|_| gross.amount() == 0)
    });
    Ok(free.collect())
}

fn parts(accounts: &[Account]) -> Result<Vec<Part>, CreditError> {
    let part = |account: &Account| {
        Ok(Part {
            lines: account.billed.lines.clone(),
            left: Outstanding::after(&account.billed.bill, &account.credits)?,
        })
    };
    accounts.iter().map(part).collect()
}

/// The same on the invoices, if it is possible and comes to the amount.
fn repeat(parts: &[Part], refunded: &Refunded) -> Option<Vec<Option<Credit>>> {
    if parts.len() != refunded.credits.len() {
        return None;
    }
    let credits = parts.iter().zip(&refunded.credits);
    let credits: Vec<Option<Credit>> = credits
        .map(|(part, credit)| credit.as_ref().map(|credit| part.left.repeat(credit)))
        .map(Option::transpose)
        .collect::<Result<_, _>>()
        .ok()?;
    let zero = Money::zero(refunded.amount.currency());
    let gross = credits.iter().flatten().map(|credit| credit.totals.gross);
    let sum = gross.into_iter().try_fold(zero, Money::checked_add).ok()?;
    (sum == refunded.amount).then_some(credits)
}

#[cfg(test)]
mod tests;
