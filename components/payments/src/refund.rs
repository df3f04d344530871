//! A refund: what may be given back of a payment, by line, by amount and in total. Pure.
//!
//! It is worked out as its credit notes will be: off what is left of the bill of each sale.

use std::collections::{HashMap, HashSet};

use commerce::totals::{self, Credit, CreditError, Outstanding, Part, Piece, Return, Sale};
use commerce::{ItemId, Money, MoneyError, PaymentId, Quantity, RefundId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::payment::{self, Line, Payment};

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RefundStatus)]
pub enum Status {
    /// Asked for; the provider may not have answered yet.
    Pending,
    /// The money is on its way to the client.
    Succeeded,
    /// The provider refused it: the money is still here.
    Failed,
}

impl Status {
    pub const ALL: [Status; 3] = [Status::Pending, Status::Succeeded, Status::Failed];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Succeeded => "succeeded",
            Status::Failed => "failed",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Status::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("no status is named {text}"))
    }
}

/// Pieces of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pieces {
    pub item_id: ItemId,
    pub quantity: Quantity,
}

/// A refund as it is stored.
#[derive(Clone, Debug)]
pub struct Refund {
    pub id: RefundId,
    pub number: u64,
    pub payment_id: PaymentId,
    pub status: Status,
    pub amount: Money,
    pub lines: Vec<Pieces>,
    /// Whether it gives shipping back.
    pub shipping: bool,
    /// What it takes off each sale of the payment; none for one that was made before that was kept.
    pub credits: Vec<Option<Credit>>,
    pub reason: String,
    pub restock: bool,
    /// Nobody, if it is automatic.
    pub actor_id: Option<UserId>,
    pub provider_ref: Option<String>,
    pub failure: Option<String>,
    pub attempts: u32,
    pub check_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Refund {
    /// Whether somebody has to send the money back by hand, and to say so.
    pub fn is_by_hand(&self, payment: &Payment) -> bool {
        let is_waiting = self.status == Status::Pending && self.actor_id.is_none();
        is_waiting && payment.provider == payment::Provider::Offline
    }

    /// Whether this is what somebody asks for who asks again. Of all that was left, only the reason is known; and
    /// shipping that was asked for did not go back if nothing was left of it.
    pub fn is_of(&self, wanted: &Wanted, reason: &str, restock: bool) -> bool {
        let same = match wanted {
            Wanted::Everything => true,
            Wanted::Amount(amount) => {
                self.amount == *amount && self.lines.is_empty() && !self.shipping
            }
            Wanted::Lines { lines, shipping } => {
                let known = lines.iter().all(|line| self.lines.contains(line));
                known && lines.len() == self.lines.len() && (*shipping || !self.shipping)
            }
        };
        same && self.reason == reason && self.restock == restock
    }
}

/// What a provider says of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub status: Status,
    pub reference: Option<String>,
    pub failure: Option<String>,
}

/// A refund as the provider shows it, whoever has asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Our id, if we have asked for it.
    pub ours: Option<RefundId>,
    /// What the provider calls it.
    pub reference: String,
    pub amount: Money,
    pub report: Report,
}

/// What is to be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that is left, with all pieces that are left.
    Everything,
    Amount(Money),
    /// Each item once; with the shipping of who sold them, or of everybody if no line is named.
    Lines {
        lines: Vec<Pieces>,
        shipping: bool,
    },
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub amount: Money,
    pub lines: Vec<Pieces>,
    pub shipping: bool,
    pub credits: Vec<Option<Credit>>,
}

/// Why it may not be given back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the payment has not succeeded")]
    NotPaid { status: payment::Status },
    #[error("nothing is left to be refunded")]
    NothingLeft,
    #[error("more than is left")]
    TooMuch { left: Money },
    #[error("more pieces than are left")]
    TooManyPieces { item_id: ItemId, left: i64 },
    #[error("the payment has no such line")]
    NoSuchLine { item_id: ItemId },
}

/// What was neither given back nor is on its way.
pub fn left(payment: &Payment) -> Money {
    let left = payment
        .amount
        .checked_sub(payment.refunded)
        .and_then(|left| left.checked_sub(payment.refunding));
    left.unwrap_or(Money::zero(payment.amount.currency()))
}

/// What a refund comes to, if the payment still covers it; `standing` are its refunds that have not failed.
pub fn share(payment: &Payment, standing: &[Refund], wanted: Wanted) -> Result<Share, Refusal> {
    if payment.status != payment::Status::Succeeded {
        let status = payment.status;
        return Err(Refusal::NotPaid { status });
    }
    let left = left(payment);
    if left.amount() <= 0 {
        return Err(Refusal::NothingLeft);
    }
    let refused = |error| refusal(payment, left, error);
    let sales = payment.sales();
    let parts = parts_left(payment, &sales, standing).map_err(refused)?;
    let what = match &wanted {
        Wanted::Everything => Return::Everything,
        Wanted::Amount(amount) => Return::Amount(*amount),
        Wanted::Lines { lines, shipping } => {
            let lines = positions(payment, lines)?;
            let charges = match shipping {
                true => shipping_of(&sales, &lines),
                false => Vec::new(),
            };
            Return::Pieces { lines, charges }
        }
    };
    let credits = totals::give_back(&parts, &what).map_err(refused)?;
    let amount = gross(left, &credits).map_err(|error| refused(error.into()))?;
    if amount.amount() > left.amount() {
        return Err(Refusal::TooMuch { left });
    }
    Ok(Share {
        amount,
        lines: match wanted {
            Wanted::Everything => payment.lines.iter().filter_map(pieces_left).collect(),
            Wanted::Amount(_) => Vec::new(),
            Wanted::Lines { lines, .. } => lines,
        },
        shipping: credits.iter().flatten().any(gives_shipping_back),
        credits,
    })
}

/// What is left of each sale after the refunds that stand.
fn parts_left(
    payment: &Payment,
    sales: &[Sale],
    standing: &[Refund],
) -> Result<Vec<Part>, CreditError> {
    let lines: Vec<totals::Line> = payment.lines.iter().map(totals::Line::from).collect();
    let mut credits: Vec<Vec<Credit>> = vec![Vec::new(); sales.len()];
    let parts = |credits: &[Vec<Credit>]| {
        let part = |(sale, credits): (&Sale, &Vec<Credit>)| {
            // It was billed before it was paid.
            let bill = sale.bill(&lines);
            let bill = bill.map_err(|_| MoneyError::Overflow)?;
            Ok(Part {
                lines: sale.lines.clone(),
                left: Outstanding::after(&bill, credits)?,
            })
        };
        let parts = sales.iter().zip(credits).map(part);
        parts.collect::<Result<Vec<Part>, CreditError>>()
    };
    for refund in standing {
        let of_refund = match refund.credits.is_empty() {
            false => refund.credits.clone(),
            // As it would be worked out today.
            true => totals::give_back(&parts(&credits)?, &Return::Amount(refund.amount))?,
        };
        for (credits, credit) in credits.iter_mut().zip(of_refund) {
            credits.extend(credit);
        }
    }
    parts(&credits)
}

/// The lines of these items by their positions.
fn positions(payment: &Payment, lines: &[Pieces]) -> Result<Vec<Piece>, Refusal> {
    let known = payment.lines.iter().enumerate().rev();
    let known: HashMap<ItemId, usize> = known.map(|(place, line)| (line.item_id, place)).collect();
    let position = |pieces: &Pieces| {
        let Pieces { item_id, quantity } = *pieces;
        let line = known.get(&item_id).copied();
        let line = line.ok_or(Refusal::NoSuchLine { item_id })?;
        Ok(Piece { line, quantity })
    };
    lines.iter().map(position).collect()
}

/// The sales whose shipping goes back with these lines: theirs, or all if there are no lines.
fn shipping_of(sales: &[Sale], lines: &[Piece]) -> Vec<usize> {
    let given: HashSet<usize> = lines.iter().map(|piece| piece.line).collect();
    let concerns =
        |sale: &Sale| lines.is_empty() || sale.lines.iter().any(|line| given.contains(line));
    let sales = sales.iter().enumerate();
    let concerned = sales.filter(|(_, sale)| sale.shipping.is_some() && concerns(sale));
    concerned.map(|(position, _)| position).collect()
}

/// An amount is off everything, and gives no shipping back in particular.
fn gives_shipping_back(credit: &Credit) -> bool {
    !credit.is_amount && !credit.charges.is_empty()
}

fn gross(of: Money, credits: &[Option<Credit>]) -> Result<Money, MoneyError> {
    let gross = credits.iter().flatten().map(|credit| credit.totals.gross);
    gross
        .into_iter()
        .try_fold(Money::zero(of.currency()), Money::checked_add)
}

fn pieces_left(line: &Line) -> Option<Pieces> {
    Some(Pieces {
        item_id: line.item_id,
        quantity: Quantity::new(line.quantity.get() - line.refunded).ok()?,
    })
}

fn refusal(payment: &Payment, left: Money, error: CreditError) -> Refusal {
    match error {
        CreditError::TooManyPieces { line, left: pieces } => match payment.lines.get(line) {
            Some(line) => Refusal::TooManyPieces {
                item_id: line.item_id,
                left: pieces,
            },
            None => Refusal::TooMuch { left },
        },
        CreditError::Nothing => Refusal::NothingLeft,
        CreditError::AmountOutOfRange { .. }
        | CreditError::Unknown { .. }
        | CreditError::Money(_) => Refusal::TooMuch { left },
    }
}

/// The id of the refund that somebody asks for with a key: the same for every repetition.
pub fn derive_id(actor: UserId, idempotency_key: &str) -> RefundId {
    RefundId::from_uuid(Uuid::new_v5(&actor.as_uuid(), idempotency_key.as_bytes()))
}

/// The id of the refund that the shop makes by itself: a payment has one.
pub fn automatic_id(payment: PaymentId) -> RefundId {
    RefundId::from_uuid(Uuid::new_v5(&payment.as_uuid(), b"automatic"))
}

/// The id of the refund of a payment that the provider calls so, and that somebody has made there.
pub fn id_at_provider(payment: PaymentId, reference: &str) -> RefundId {
    RefundId::from_uuid(Uuid::new_v5(&payment.as_uuid(), reference.as_bytes()))
}

#[cfg(test)]
mod tests;
