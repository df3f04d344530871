//! How a refund of an order falls on those who sold its lines.

use std::collections::BTreeSet;

use commerce::totals::{self, Credit, CreditError, CreditShare};
use commerce::{Money, UserId};

use crate::order::Order;

/// What of a refund is of one seller's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundPart {
    pub seller: UserId,
    pub share: CreditShare,
}

/// The parts of a refund of so much; `credits` are what it takes off each sale. Where those are not known, the
/// amount falls on everything.
pub fn of_refund(
    order: &Order,
    amount: Money,
    credits: &[Option<Credit>],
) -> Result<Vec<RefundPart>, CreditError> {
    let sales = order.known_sales();
    let on_everything;
    let credits = match credits.len() == sales.len() {
        true => credits,
        false => {
            let lines: Vec<totals::Line> = order.lines.iter().map(totals::Line::from).collect();
            on_everything = totals::credit_amount(&sales, &lines, amount)?;
            &on_everything
        }
    };
    let sellers: BTreeSet<UserId> = order.lines.iter().map(|line| line.seller_id).collect();
    let part = |seller: UserId| {
        let is_own = |position: usize| {
            let line = order.lines.get(position);
            line.is_some_and(|line| line.seller_id == seller)
        };
        let share = totals::credit_share(&sales, credits, is_own)?;
        Ok(share.map(|share| RefundPart { seller, share }))
    };
    let parts = sellers.into_iter().map(part);
    parts.filter_map(Result::transpose).collect()
}
