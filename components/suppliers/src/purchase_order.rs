//! A purchase order's life: drafted when stock runs low, approved by an admin, confirmed and shipped by the
//! supplier, received when its goods have been told.

use commerce::{ItemId, Label, PurchaseOrderId, Text, Timestamp, UserId};
use service::Problem;

/// The name of a carrier, or a tracking number.
pub type ShippingWord = Label<100>;

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "PurchaseOrderStatus")]
pub enum Status {
    /// It gathers what runs low; suppliers do not see it yet.
    Draft,
    /// An admin has approved it: the supplier is asked to deliver.
    Approved,
    /// The supplier will deliver.
    Confirmed,
    /// The goods are on their way.
    Shipped,
    /// Everything that was ordered has been told as delivered.
    Received,
    /// An admin has taken it back.
    Cancelled,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Draft,
        Self::Approved,
        Self::Confirmed,
        Self::Shipped,
        Self::Received,
        Self::Cancelled,
    ];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Received => "received",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether its items may not be ordered again meanwhile.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Received | Self::Cancelled)
    }
}

/// An order as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseOrder {
    pub id: PurchaseOrderId,
    /// What people say aloud.
    pub number: u64,
    pub supplier_id: UserId,
    pub status: Status,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub created_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    pub confirmed_at: Option<Timestamp>,
    pub shipped_at: Option<Timestamp>,
    pub received_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub item_id: ItemId,
    /// Of the moment at which it was ordered.
    pub name: String,
    pub sku: Option<String>,
    pub quantity: i64,
    /// How much of it has been told as delivered.
    pub received: i64,
}

/// What people do with an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Approve,
    Cancel,
    Confirm,
    Ship {
        carrier: Option<String>,
        tracking_number: Option<String>,
    },
}

/// The order is not where it would have to be for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the purchase order is {}", .0.as_str())]
pub struct WrongStatus(pub Status);

impl PurchaseOrder {
    /// Takes a step; whether anything has changed. Where the order has just taken it, nothing does.
    pub fn take(&mut self, step: &Step, now: Timestamp) -> Result<bool, WrongStatus> {
        use Status::{Approved, Cancelled, Confirmed, Draft, Shipped};
        let next = match (step, self.status) {
            (Step::Approve, Draft) => Approved,
            (Step::Cancel, Draft | Approved | Confirmed) => Cancelled,
            (Step::Confirm, Approved) => Confirmed,
            (Step::Ship { .. }, Confirmed) => Shipped,
            (Step::Approve, Approved)
            | (Step::Cancel, Cancelled)
            | (Step::Confirm, Confirmed)
            | (Step::Ship { .. }, Shipped) => return Ok(false),
            (_, status) => return Err(WrongStatus(status)),
        };
        if let Step::Ship {
            carrier,
            tracking_number,
        } = step
        {
            self.carrier.clone_from(carrier);
            self.tracking_number.clone_from(tracking_number);
        }
        self.enter(next, now);
        Ok(true)
    }

    /// Counts a delivery for it; it is received once nothing is missing. What was not ordered counts for
    /// nothing.
    pub fn receive(&mut self, delivered: &[(ItemId, i64)], now: Timestamp) {
        for (item, quantity) in delivered {
            let line = self.lines.iter_mut().find(|line| line.item_id == *item);
            if let Some(line) = line {
                line.received = line.received.saturating_add(*quantity);
            }
        }
        let missing = self.lines.iter().any(|line| line.received < line.quantity);
        if !missing && matches!(self.status, Status::Confirmed | Status::Shipped) {
            self.enter(Status::Received, now);
        }
    }

    /// Whether goods may be told for it.
    pub fn check_receivable(&self) -> Result<(), WrongStatus> {
        match self.status {
            Status::Confirmed | Status::Shipped | Status::Received => Ok(()),
            other => Err(WrongStatus(other)),
        }
    }

    fn enter(&mut self, status: Status, now: Timestamp) {
        self.status = status;
        let moment = match status {
            Status::Draft => return,
            Status::Approved => &mut self.approved_at,
            Status::Confirmed => &mut self.confirmed_at,
            Status::Shipped => &mut self.shipped_at,
            Status::Received => &mut self.received_at,
            Status::Cancelled => &mut self.cancelled_at,
        };
        *moment = Some(now);
    }
}

impl From<WrongStatus> for Problem {
    fn from(WrongStatus(status): WrongStatus) -> Self {
        Problem::conflict(
            "purchase-order-status",
            Text::new(
                "La commande d’achat n’en est pas là",
                "The purchase order is at another point",
            ),
        )
        .with("purchase_order_status", status.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(7);

    fn order(status: Status) -> PurchaseOrder {
        let line = |item: u8, quantity: i64| Line {
            item_id: ItemId::from_bytes([item; 16]),
            name: "Stylo".into(),
            sku: None,
            quantity,
            received: 0,
        };
        PurchaseOrder {
            id: PurchaseOrderId::from_bytes([1; 16]),
            number: 1,
            supplier_id: UserId::from_bytes([2; 16]),
            status,
            carrier: None,
            tracking_number: None,
            created_at: NOW,
            approved_at: None,
            confirmed_at: None,
            shipped_at: None,
            received_at: None,
            cancelled_at: None,
            lines: vec![line(1, 5), line(2, 3)],
        }
    }

    fn ship() -> Step {
        Step::Ship {
            carrier: Some("Colissimo".into()),
            tracking_number: None,
        }
    }

    #[test]
    fn an_order_takes_its_steps_one_after_the_other_and_each_once() {
        let mut order = order(Status::Draft);
        for (step, status) in [
            (Step::Approve, Status::Approved),
            (Step::Confirm, Status::Confirmed),
            (ship(), Status::Shipped),
        ] {
            assert_eq!(order.take(&step, NOW), Ok(true));
            assert_eq!(order.status, status);
            assert_eq!(order.take(&step, NOW), Ok(false));
        }
        assert_eq!(order.carrier.as_deref(), Some("Colissimo"));
        assert_eq!(order.shipped_at, Some(NOW));
    }

    #[test]
    fn no_step_is_skipped_or_taken_back() {
        for (status, steps) in [
            (Status::Draft, vec![Step::Confirm, ship()]),
            (Status::Approved, vec![ship()]),
            (
                Status::Shipped,
                vec![Step::Approve, Step::Confirm, Step::Cancel],
            ),
            (Status::Received, vec![Step::Cancel, ship()]),
            (Status::Cancelled, vec![Step::Approve, Step::Confirm]),
        ] {
            for step in steps {
                let refused = order(status).take(&step, NOW);
                assert_eq!(refused, Err(WrongStatus(status)), "{step:?}");
            }
        }
    }

    #[test]
    fn an_order_is_received_when_nothing_is_missing() {
        let [one, two, other] = [1, 2, 9].map(|item| ItemId::from_bytes([item; 16]));
        let mut order = order(Status::Shipped);
        order.receive(&[(one, 5), (other, 100)], NOW);
        assert_eq!(order.status, Status::Shipped);
        order.receive(&[(two, 2)], NOW);
        assert_eq!(order.status, Status::Shipped);
        order.receive(&[(two, 1)], NOW);
        assert_eq!(order.status, Status::Received);
        assert_eq!(order.received_at, Some(NOW));
        assert!(!order.status.is_open());
    }

    #[test]
    fn goods_are_told_for_what_the_supplier_has_confirmed() {
        for status in Status::ALL {
            let good = matches!(
                status,
                Status::Confirmed | Status::Shipped | Status::Received
            );
            assert_eq!(order(status).check_receivable().is_ok(), good);
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
    }
}
