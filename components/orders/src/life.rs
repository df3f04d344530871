//! An order's life: how far it has come, how much of its money went back, and which changes are legal. Pure.
//!
//! ```text
//!   ┌──────────────────────── accept (on terms) ────────┐
//!   │                                                   ▼
//! awaiting_payment ── pay ──> paid ── (prepare) ──> preparing ── ship ──> shipped ── deliver ──> delivered
//!   │    │                    ▲  │                      │
//!   │    └─ expire ─> expired ┘  │  (revive: paid too late, and its stock was found again)
//!   └───── cancel ─> cancelled <─┴──────────────────────┘
//! ```
//!
//! An order that was accepted on terms is paid wherever it stands, and stays there; until then it can be
//! cancelled, also once it was delivered. An order that costs nothing is paid when it is placed.
//!
//! Beside this, money of an order that was paid may go back, in parts, wherever it stands. Once all of it is
//! back, nothing more is done for the order, but for a parcel that is on its way and may still arrive.

use std::str::FromStr;

use commerce::{Money, PaymentId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::order::Parcel;

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its stock is reserved.
    AwaitingPayment,
    /// Its stock is sold.
    Paid,
    Preparing,
    Shipped,
    Delivered,
    /// Someone called it off; its stock is back, unless it was shipped.
    Cancelled,
    /// Nobody paid in time; its stock is back.
    Expired,
}

/// What an order is called: its stage, and whether its money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderStatus)]
pub enum Status {
    AwaitingPayment,
    Paid,
    Preparing,
    Shipped,
    Delivered,
    Cancelled,
    Expired,
    PartiallyRefunded,
    Refunded,
}

/// What has become of the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fulfillment {
    Unfulfilled,
    Preparing,
    Shipped,
    Delivered,
}

/// What may be done to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// This payment has paid it.
    Pay(PaymentId),
    /// There is nothing to pay.
    PayNothing,
    /// This payment has paid it too late, and its stock was found again.
    Revive(PaymentId),
    /// It is delivered before it is paid.
    Accept,
    Prepare,
    Ship(Parcel),
    Deliver,
    Cancel {
        /// Whether goods that were shipped are back. What was not shipped is in stock anyway.
        restock: bool,
    },
    Expire,
    /// So much of its money went back.
    Refund(Money),
}

/// What a change comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The order's life goes on like this.
    To(Life),
    /// The change was made before, and is not made twice.
    Already,
    /// It cannot be made from here.
    Illegal,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub stage: Stage,
    /// Whether it was paid, which does not change when it is cancelled.
    pub paid: bool,
    pub total: Money,
    /// From nothing to the total.
    pub refunded: Money,
}

impl Life {
    /// That of an order that was just placed.
    pub fn new(total: Money) -> Self {
        Self {
            stage: Stage::AwaitingPayment,
            paid: false,
            total,
            refunded: Money::zero(total.currency()),
        }
    }

    pub fn status(&self) -> Status {
        match self.stage {
            _ if self.is_refunded() => Status::Refunded,
            Stage::AwaitingPayment => Status::AwaitingPayment,
            Stage::Cancelled => Status::Cancelled,
            Stage::Expired => Status::Expired,
            _ if self.refunded.amount() > 0 => Status::PartiallyRefunded,
            Stage::Paid => Status::Paid,
            Stage::Preparing => Status::Preparing,
            Stage::Shipped => Status::Shipped,
            Stage::Delivered => Status::Delivered,
        }
    }

    /// Whether all of its money is back.
    pub fn is_refunded(&self) -> bool {
        self.refunded.amount() > 0 && self.refunded == self.total
    }

    /// Whether it was accepted on terms, and is to be paid after it is delivered.
    pub fn is_on_terms(&self) -> bool {
        let is_accepted = matches!(
            self.stage,
            Stage::Preparing | Stage::Shipped | Stage::Delivered
        );
        is_accepted && !self.paid
    }

    /// Whether it is invoiced, and no money will ever go back for it: a company has not paid it, or it costs
    /// nothing.
    pub fn is_invoiced_without_money(&self) -> bool {
        match self.paid {
            true => self.is_free(),
            false => self.stage == Stage::Delivered,
        }
    }

    /// Whether money is to come for it: before it is prepared, or on terms.
    pub fn awaits_money(&self) -> bool {
        !self.paid && !matches!(self.stage, Stage::Cancelled | Stage::Expired)
    }

    /// Whether it costs nothing.
    pub fn is_free(&self) -> bool {
        self.total.amount() == 0
    }

    /// Whether it has ended and nothing has paid it.
    pub fn has_left_nothing(&self) -> bool {
        !self.paid && matches!(self.stage, Stage::Cancelled | Stage::Expired)
    }

    /// The state machine: every change from every stage.
    pub fn step(&self, change: &Change) -> Step {
        use Stage::{AwaitingPayment, Cancelled, Delivered, Expired, Paid, Preparing, Shipped};
        match (change, self.stage) {
            (Change::Pay(_), AwaitingPayment) | (Change::Revive(_), AwaitingPayment | Expired) => {
                Step::To(Self {
                    paid: true,
                    ..self.at(Paid)
                })
            }
            (Change::PayNothing, AwaitingPayment) if self.is_free() => Step::To(Self {
                paid: true,
                ..self.at(Paid)
            }),
            (Change::PayNothing, Paid | Preparing | Shipped | Delivered) if self.is_free() => {
                Step::Already
            }
            (Change::PayNothing, _) => Step::Illegal,
            (Change::Pay(_) | Change::Revive(_), Preparing | Shipped | Delivered) if !self.paid => {
                Step::To(Self {
                    paid: true,
                    ..*self
                })
            }
            (Change::Pay(_) | Change::Revive(_), Paid | Preparing | Shipped | Delivered) => {
                Step::Already
            }
            (Change::Pay(_), Cancelled | Expired) | (Change::Revive(_), Cancelled) => Step::Illegal,

            (Change::Accept, AwaitingPayment) => Step::To(self.at(Preparing)),
            (Change::Accept, Preparing | Shipped | Delivered) if !self.paid => Step::Already,
            (Change::Accept, Paid | Preparing | Shipped | Delivered | Cancelled | Expired) => {
                Step::Illegal
            }

            (Change::Prepare, Paid) => self.unless_refunded(Preparing),
            (Change::Prepare, Preparing) => Step::Already,
            (Change::Prepare, AwaitingPayment | Shipped | Delivered | Cancelled | Expired) => {
                Step::Illegal
            }

            (Change::Ship(_), Paid | Preparing) => self.unless_refunded(Shipped),
            (Change::Ship(_), Shipped | Delivered) => Step::Already,
            (Change::Ship(_), AwaitingPayment | Cancelled | Expired) => Step::Illegal,

            (Change::Deliver, Shipped) => Step::To(self.at(Delivered)),
            (Change::Deliver, Delivered) => Step::Already,
            (Change::Deliver, AwaitingPayment | Paid | Preparing | Cancelled | Expired) => {
                Step::Illegal
            }

            (Change::Cancel { .. }, AwaitingPayment) => Step::To(self.at(Cancelled)),
            (Change::Cancel { .. }, Paid | Preparing) => self.unless_refunded(Cancelled),
            // On terms, and not paid: whether the goods come back is between the two.
            (Change::Cancel { .. }, Shipped | Delivered) if !self.paid => {
                Step::To(self.at(Cancelled))
            }
            (Change::Cancel { .. }, Cancelled) => Step::Already,
            (Change::Cancel { .. }, Shipped | Delivered | Expired) => Step::Illegal,

            (Change::Expire, AwaitingPayment) => Step::To(self.at(Expired)),
            (Change::Expire, Expired) => Step::Already,
            (Change::Expire, Paid | Preparing | Shipped | Delivered | Cancelled) => Step::Illegal,

            (Change::Refund(amount), Paid | Preparing | Shipped | Delivered | Cancelled) => {
                self.refund(*amount)
            }
            (Change::Refund(_), AwaitingPayment | Expired) => Step::Illegal,
        }
    }

    fn at(&self, stage: Stage) -> Self {
        Self { stage, ..*self }
    }

    fn unless_refunded(&self, stage: Stage) -> Step {
        match self.is_refunded() {
            true => Step::Illegal,
            false => Step::To(self.at(stage)),
        }
    }

    fn refund(&self, amount: Money) -> Step {
        match self.refunded.checked_add(amount) {
            Ok(refunded)
                if self.paid && amount.amount() > 0 && refunded.amount() <= self.total.amount() =>
            {
                Step::To(Self { refunded, ..*self })
            }
            _ => Step::Illegal,
        }
    }
}

impl Stage {
    pub const ALL: [Stage; 7] = [
        Stage::AwaitingPayment,
        Stage::Paid,
        Stage::Preparing,
        Stage::Shipped,
        Stage::Delivered,
        Stage::Cancelled,
        Stage::Expired,
    ];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::AwaitingPayment => "awaiting_payment",
            Stage::Paid => "paid",
            Stage::Preparing => "preparing",
            Stage::Shipped => "shipped",
            Stage::Delivered => "delivered",
            Stage::Cancelled => "cancelled",
            Stage::Expired => "expired",
        }
    }
}

impl FromStr for Stage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Stage::ALL
            .into_iter()
            .find(|stage| stage.as_str() == text)
            .ok_or_else(|| format!("no stage is named {text}"))
    }
}

#[cfg(test)]
mod tests;
