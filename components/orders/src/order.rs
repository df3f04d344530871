//! An order: what it is made of, and which changes of its state are legal. Pure.

use commerce::totals::{self, Line as TotalsLine};
use commerce::{
    Address, ItemId, Money, MoneyError, OrderId, Quantity, Timestamp, Totals, UserId, VatRate,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its stock is reserved until `expires_at`.
    AwaitingPayment,
    /// Its stock is sold.
    Paid,
    /// Someone called it off; its stock is back.
    Cancelled,
    /// Nobody paid in time; its stock is back.
    Expired,
}

impl Status {
    pub const ALL: [Status; 4] = [
        Status::AwaitingPayment,
        Status::Paid,
        Status::Cancelled,
        Status::Expired,
    ];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::AwaitingPayment => "awaiting_payment",
            Status::Paid => "paid",
            Status::Cancelled => "cancelled",
            Status::Expired => "expired",
        }
    }

    /// Whether nothing more can happen to it.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Cancelled | Status::Expired)
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

/// What may be done to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Pay,
    Cancel,
    Expire,
}

/// What a change comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The order moves to this status.
    To(Status),
    /// It is there already: the change was made before, and is not made twice.
    Already,
    /// It cannot be made from this status.
    Illegal,
}

/// The state machine: every change from every status.
pub fn step(from: Status, change: Change) -> Step {
    match (from, change) {
        (Status::AwaitingPayment, Change::Pay) => Step::To(Status::Paid),
        (Status::AwaitingPayment | Status::Paid, Change::Cancel) => Step::To(Status::Cancelled),
        (Status::AwaitingPayment, Change::Expire) => Step::To(Status::Expired),
        (Status::Paid, Change::Pay)
        | (Status::Cancelled, Change::Cancel)
        | (Status::Expired, Change::Expire) => Step::Already,
        (Status::Paid, Change::Expire)
        | (Status::Cancelled, Change::Pay | Change::Expire)
        | (Status::Expired, Change::Pay | Change::Cancel) => Step::Illegal,
    }
}

/// One line, as the catalogue described the item when it was reserved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    pub item_id: ItemId,
    pub name: String,
    pub seller_id: UserId,
    /// VAT included.
    pub unit_price: Money,
    pub vat_rate: VatRate,
    pub quantity: Quantity,
    /// Quantity × unit price, VAT included.
    pub line_total: Money,
}

/// An order as it is stored and sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Order {
    pub id: OrderId,
    /// What people say aloud.
    pub order_number: u64,
    pub client_id: UserId,
    pub status: Status,
    pub lines: Vec<Line>,
    pub totals: Totals,
    pub shipping_address: Address,
    pub billing_address: Address,
    /// Until when the stock of an unpaid order is reserved.
    pub expires_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub version: u32,
}

impl Order {
    /// An unpaid order past its time has expired, whether or not anybody has written it down yet.
    pub fn status_at(&self, now: Timestamp) -> Status {
        match self.status {
            Status::AwaitingPayment if self.expires_at <= now => Status::Expired,
            status => status,
        }
    }

    /// The order as one of its sellers may see it: their lines, and what those come to.
    pub fn of_seller(mut self, seller: UserId) -> Result<Self, MoneyError> {
        self.lines.retain(|line| line.seller_id == seller);
        self.totals = total(&self.lines)?;
        Ok(self)
    }

    /// Whether everything in it is sold by this seller.
    pub fn is_all_from(&self, seller: UserId) -> bool {
        self.lines.iter().all(|line| line.seller_id == seller)
    }
}

/// What lines come to.
pub fn total(lines: &[Line]) -> Result<Totals, MoneyError> {
    let lines: Vec<TotalsLine> = lines
        .iter()
        .map(|line| TotalsLine {
            unit_price: line.unit_price,
            vat_rate: line.vat_rate,
            quantity: line.quantity,
        })
        .collect();
    Ok(totals::price(&lines)?.totals)
}

/// The id of the order that a client asks for with a key: the same for every repetition.
pub fn derive_id(client: UserId, idempotency_key: &str) -> OrderId {
    OrderId::from_uuid(Uuid::new_v5(&client.as_uuid(), idempotency_key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_change() -> impl Strategy<Value = Change> {
        prop::sample::select(vec![Change::Pay, Change::Cancel, Change::Expire])
    }

    /// How much of an order's stock is with the client or set aside for them.
    fn holds_stock(status: Status) -> bool {
        matches!(status, Status::AwaitingPayment | Status::Paid)
    }

    proptest! {
        #[test]
        fn stock_is_given_back_at_most_once(changes in prop::collection::vec(any_change(), 0..20)) {
            let mut status = Status::AwaitingPayment;
            let mut given_back = 0;
            for change in changes {
                if let Step::To(next) = step(status, change) {
                    given_back += usize::from(holds_stock(status) && !holds_stock(next));
                    prop_assert!(holds_stock(status) || !holds_stock(next));
                    status = next;
                }
            }
            prop_assert_eq!(given_back, usize::from(!holds_stock(status)));
        }

        #[test]
        fn a_change_made_twice_is_made_once(first in any_change()) {
            for from in Status::ALL {
                if let Step::To(next) = step(from, first) {
                    prop_assert_eq!(step(next, first), Step::Already);
                }
            }
        }
    }

    #[test]
    fn nothing_happens_to_an_order_that_has_ended() {
        for from in Status::ALL.into_iter().filter(|status| status.is_final()) {
            for change in [Change::Pay, Change::Cancel, Change::Expire] {
                assert!(
                    !matches!(step(from, change), Step::To(_)),
                    "{from:?} {change:?}"
                );
            }
        }
    }

    #[test]
    fn a_status_survives_its_text() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }

    #[test]
    fn the_same_key_of_the_same_client_is_the_same_order() {
        let client = |byte| UserId::from_bytes([byte; 16]);
        assert_eq!(derive_id(client(1), "a"), derive_id(client(1), "a"));
        assert_ne!(derive_id(client(1), "a"), derive_id(client(1), "b"));
        assert_ne!(derive_id(client(1), "a"), derive_id(client(2), "a"));
    }
}
