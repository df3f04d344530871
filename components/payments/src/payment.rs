//! A payment: one attempt at paying an order, and what may become of it. Pure.
//!
//! What the provider tells arrives late, twice and in any order. So statuses have ranks, and what is seen
//! only ever raises a payment to a higher one: whatever the order, it ends where the highest report puts it.
//! Only the provider's answer to a question of ours, which is of that moment, leads from a try that failed to
//! another that is on its way: a client may try a card first and a direct debit then.

use std::borrow::Cow;

use commerce::totals::{self, Sale};
use commerce::{
    ItemId, MerchantId, Money, OrderId, PaymentId, Quantity, Timestamp, UserId, VatRate,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// Who takes the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Cards and what else Stripe takes.
    Stripe,
    /// A transfer or cash, which a seller confirms.
    Offline,
}

impl Provider {
    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Provider::Stripe => "stripe",
            Provider::Offline => "offline",
        }
    }
}

impl std::str::FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Provider::Stripe, Provider::Offline]
            .into_iter()
            .find(|provider| provider.as_str() == text)
            .ok_or_else(|| format!("no provider is named {text}"))
    }
}

/// Where a payment stands, from the lowest rank to the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentStatus)]
pub enum Status {
    /// The provider may not know of it yet.
    Pending,
    /// The client may pay.
    RequiresPayment,
    /// The client has paid, and the provider waits for the money.
    Processing,
    /// The client's try did not go through; another payment may be made.
    Failed,
    /// Nobody can pay it any more.
    Cancelled,
    /// The money is there: whatever was said before or is said after, that stands.
    Succeeded,
}

impl Status {
    pub const ALL: [Status; 6] = [
        Status::Pending,
        Status::RequiresPayment,
        Status::Processing,
        Status::Failed,
        Status::Cancelled,
        Status::Succeeded,
    ];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::RequiresPayment => "requires_payment",
            Status::Processing => "processing",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Succeeded => "succeeded",
        }
    }

    /// Whether it keeps its order from another payment.
    pub fn is_live(self) -> bool {
        !matches!(self, Status::Failed | Status::Cancelled)
    }

    /// Whether the provider may still tell something new.
    pub fn is_open(self) -> bool {
        !matches!(self, Status::Cancelled | Status::Succeeded)
    }

    /// Where a report leads: to a higher rank, or nowhere; and after a failure to another try, if the report is of
    /// this moment.
    pub fn raised_by(self, seen: Status, is_current: bool) -> Option<Status> {
        let tries_again = is_current && self == Status::Failed && seen == Status::Processing;
        (seen > self || tries_again).then_some(seen)
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

/// A payment as it is stored.
#[derive(Clone, Debug)]
pub struct Payment {
    pub id: PaymentId,
    pub number: u64,
    pub order_id: OrderId,
    /// Whether it holds the one place that an order has for a payment.
    pub holds_order: bool,
    pub client_id: UserId,
    pub provider: Provider,
    pub status: Status,
    pub amount: Money,
    pub refunded: Money,
    /// On its way back.
    pub refunding: Money,
    pub provider_ref: Option<String>,
    pub client_secret: Option<String>,
    pub failure: Option<String>,
    /// Its order needs no money any more, and the provider is to be told.
    pub cancel_wanted: bool,
    pub version: u32,
    pub attempts: u32,
    /// When to ask the provider what became of it.
    pub check_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub lines: Vec<Line>,
    /// Who sold which of them, less what discount, plus what shipping.
    pub sales: Vec<Sale>,
}

/// What was paid for.
#[derive(Clone, Debug, Default)]
pub struct Goods {
    pub lines: Vec<Line>,
    pub sales: Vec<Sale>,
}

/// One line of what was paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub item_id: ItemId,
    pub seller_id: UserId,
    pub unit_price: Money,
    pub vat_rate: VatRate,
    pub quantity: Quantity,
    /// Pieces that were given back, or are on their way.
    pub refunded: i64,
}

/// What a provider says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub status: Status,
    pub reference: Option<String>,
    pub client_secret: Option<String>,
    pub failure: Option<String>,
    /// Never believed where it is not the payment's own.
    pub amount: Option<Money>,
    /// Whether the provider was asked just now; what it tells by itself may be late.
    pub is_current: bool,
}

impl Report {
    pub fn of(status: Status) -> Self {
        Self {
            status,
            reference: None,
            client_secret: None,
            failure: None,
            amount: None,
            is_current: false,
        }
    }
}

/// Why a report is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbelievable {
    #[error("payment {payment} is of {} {}, and the provider says {} {}",
        .expected.amount(), .expected.currency(), .told.amount(), .told.currency())]
    Amount {
        payment: PaymentId,
        expected: Money,
        told: Money,
    },
    #[error("payment {payment} is {expected} at the provider, and not {told}")]
    Reference {
        payment: PaymentId,
        expected: String,
        told: String,
    },
}

impl Payment {
    /// A new one, that nobody was told of.
    pub fn new(
        id: PaymentId,
        order_id: OrderId,
        client_id: UserId,
        provider: Provider,
        amount: Money,
        goods: Goods,
        now: Timestamp,
    ) -> Self {
        let nothing = Money::zero(amount.currency());
        Self {
            id,
            number: 0,
            order_id,
            holds_order: true,
            client_id,
            provider,
            status: Status::Pending,
            amount,
            refunded: nothing,
            refunding: nothing,
            provider_ref: None,
            client_secret: None,
            failure: None,
            cancel_wanted: false,
            version: 1,
            attempts: 0,
            check_at: None,
            created_at: now,
            updated_at: now,
            lines: goods.lines,
            sales: goods.sales,
        }
    }

    /// Takes a report in; whether it changed where the payment stands.
    pub fn take(&mut self, report: Report, now: Timestamp) -> Result<bool, Unbelievable> {
        self.check(&report)?;
        self.provider_ref = self.provider_ref.take().or(report.reference);
        self.client_secret = self.client_secret.take().or(report.client_secret);
        let Some(next) = self.status.raised_by(report.status, report.is_current) else {
            return Ok(false);
        };
        self.status = next;
        self.failure = (next == Status::Failed).then_some(report.failure).flatten();
        self.holds_order = self.holds_order && next.is_live();
        self.attempts = 0;
        self.version += 1;
        self.updated_at = now;
        Ok(true)
    }

    fn check(&self, report: &Report) -> Result<(), Unbelievable> {
        if let Some(told) = report.amount.filter(|told| *told != self.amount) {
            return Err(Unbelievable::Amount {
                payment: self.id,
                expected: self.amount,
                told,
            });
        }
        match (&self.provider_ref, &report.reference) {
            (Some(expected), Some(told)) if expected != told => Err(Unbelievable::Reference {
                payment: self.id,
                expected: expected.clone(),
                told: told.clone(),
            }),
            _ => Ok(()),
        }
    }

    pub fn path(&self) -> String {
        format!("/api/payments/{}", self.id)
    }

    /// What the audit log tells of it.
    pub fn gist(&self) -> Value {
        json!({
            "order_id": self.order_id,
            "provider": self.provider,
            "status": self.status,
            "amount": self.amount,
            "refunding": self.refunding,
            "refunded": self.refunded,
        })
    }

    /// Who sold its lines; where that was not kept, one merchant did, at their prices.
    pub fn sales(&self) -> Cow<'_, [Sale]> {
        if !self.sales.is_empty() {
            return Cow::Borrowed(&self.sales);
        }
        let lines = (0..self.lines.len()).collect();
        Cow::Owned(vec![Sale::of(MerchantId::Shop, lines)])
    }

    /// Whether everything in it is sold by this seller.
    pub fn is_all_from(&self, seller: UserId) -> bool {
        self.lines.iter().all(|line| line.seller_id == seller)
    }

    /// Whether this seller's lines are shipped with nobody else's.
    pub fn ships_alone(&self, seller: UserId) -> bool {
        let is_own = |line: &usize| {
            let line = self.lines.get(*line);
            line.is_some_and(|line| line.seller_id == seller)
        };
        let sales = self.sales();
        let mut sales = sales.iter();
        sales.any(|sale| sale.lines.iter().all(is_own))
    }

    /// Whether anything in it is sold by this seller.
    pub fn has_lines_of(&self, seller: UserId) -> bool {
        self.lines.iter().any(|line| line.seller_id == seller)
    }
}

impl From<&Line> for totals::Line {
    fn from(line: &Line) -> Self {
        Self {
            unit_price: line.unit_price,
            vat_rate: line.vat_rate,
            quantity: line.quantity,
        }
    }
}

/// The id of the payment that a client asks for with a key: the same for every repetition.
pub fn derive_id(client: UserId, idempotency_key: &str) -> PaymentId {
    PaymentId::from_uuid(Uuid::new_v5(&client.as_uuid(), idempotency_key.as_bytes()))
}

#[cfg(test)]
mod tests;
