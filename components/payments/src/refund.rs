//! A refund: what may be given back of a payment, per line and in total. Pure.

use commerce::{ItemId, Money, PaymentId, Quantity, RefundId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::payment::{self, Line, Payment};

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
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
    /// Whether this is what somebody asks for who asks again. Of all that was left, only the reason is known.
    pub fn is_of(&self, wanted: &Wanted, reason: &str, restock: bool) -> bool {
        let same = match wanted {
            Wanted::Everything => true,
            Wanted::Amount(amount) => self.amount == *amount && self.lines.is_empty(),
            Wanted::Lines(lines) => {
                lines.len() == self.lines.len() && lines.iter().all(|l| self.lines.contains(l))
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

/// What is to be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that is left, with all pieces that are left.
    Everything,
    Amount(Money),
    /// Each item once.
    Lines(Vec<Pieces>),
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub amount: Money,
    pub lines: Vec<Pieces>,
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

/// What a refund comes to, if the payment still covers it.
pub fn share(payment: &Payment, wanted: Wanted) -> Result<Share, Refusal> {
    if payment.status != payment::Status::Succeeded {
        let status = payment.status;
        return Err(Refusal::NotPaid { status });
    }
    let left = left(payment);
    if left.amount() <= 0 {
        return Err(Refusal::NothingLeft);
    }
    let share = match wanted {
        Wanted::Everything => Share {
            amount: left,
            lines: payment.lines.iter().filter_map(pieces_left).collect(),
        },
        Wanted::Amount(amount) => Share {
            amount,
            lines: Vec::new(),
        },
        Wanted::Lines(lines) => Share {
            amount: worth(payment, &lines, left)?,
            lines,
        },
    };
    if share.amount.currency() != left.currency() || share.amount.amount() > left.amount() {
        return Err(Refusal::TooMuch { left });
    }
    if share.amount.amount() <= 0 {
        return Err(Refusal::NothingLeft);
    }
    Ok(share)
}

fn pieces_left(line: &Line) -> Option<Pieces> {
    Some(Pieces {
        item_id: line.item_id,
        quantity: Quantity::new(line.quantity.get() - line.refunded).ok()?,
    })
}

/// What these pieces were paid with.
fn worth(payment: &Payment, lines: &[Pieces], left: Money) -> Result<Money, Refusal> {
    let mut worth = Money::zero(left.currency());
    for Pieces { item_id, quantity } in lines {
        let item_id = *item_id;
        let line = payment.lines.iter().find(|line| line.item_id == item_id);
        let line = line.ok_or(Refusal::NoSuchLine { item_id })?;
        let pieces = line.quantity.get() - line.refunded;
        if quantity.get() > pieces {
            return Err(Refusal::TooManyPieces {
                item_id,
                left: pieces,
            });
        }
        worth = line
            .unit_price
            .checked_mul(*quantity)
            .and_then(|of_line| worth.checked_add(of_line))
            .map_err(|_| Refusal::TooMuch { left })?;
    }
    Ok(worth)
}

/// The id of the refund that somebody asks for with a key: the same for every repetition.
pub fn derive_id(actor: UserId, idempotency_key: &str) -> RefundId {
    RefundId::from_uuid(Uuid::new_v5(&actor.as_uuid(), idempotency_key.as_bytes()))
}

/// The id of the refund that the shop makes by itself: a payment has one.
pub fn automatic_id(payment: PaymentId) -> RefundId {
    RefundId::from_uuid(Uuid::new_v5(&payment.as_uuid(), b"automatic"))
}

#[cfg(test)]
mod tests;
