//! A dispute: a client has told their bank that a payment is not right, and the provider asks whose the money
//! is. Pure.

use std::str::FromStr;

use commerce::{DisputeId, Money, PaymentId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DisputeStatus)]
pub enum Status {
    /// Nobody knows yet whose the money is.
    Open,
    /// The money is the seller's.
    Won,
    /// The money went back to the client.
    Lost,
}

impl Status {
    pub const ALL: [Status; 3] = [Status::Open, Status::Won, Status::Lost];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Won => "won",
            Status::Lost => "lost",
        }
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Status::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("no dispute is {text}"))
    }
}

/// A dispute as it is stored.
#[derive(Clone, Debug)]
pub struct Dispute {
    pub id: DisputeId,
    pub payment_id: PaymentId,
    /// What the provider calls it.
    pub reference: String,
    pub status: Status,
    pub amount: Money,
    /// Why, in the provider's word.
    pub reason: String,
    /// The provider's instant.
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A dispute as the provider shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub reference: String,
    pub status: Status,
    pub amount: Money,
    pub reason: String,
    pub opened_at: Timestamp,
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Nothing,
    To(Status),
    /// It ended otherwise before: a person has to look.
    Contradiction,
}

impl Seen {
    /// The dispute of a payment that this tells of for the first time.
    pub fn begin(&self, payment: PaymentId, now: Timestamp) -> Dispute {
        Dispute {
            id: derive_id(payment, &self.reference),
            payment_id: payment,
            reference: self.reference.clone(),
            status: self.status,
            amount: self.amount,
            reason: self.reason.clone(),
            opened_at: self.opened_at,
            updated_at: now,
        }
    }
}

impl Dispute {
    /// Reports come late and in any order: one that has ended stays so.
    pub fn step(&self, told: Status) -> Step {
        match (self.status, told) {
            (known, told) if known == told => Step::Nothing,
            (Status::Open, told) => Step::To(told),
            (Status::Won | Status::Lost, Status::Open) => Step::Nothing,
            (Status::Won | Status::Lost, Status::Won | Status::Lost) => Step::Contradiction,
        }
    }
}

/// Where the disputes of one payment stand together: open while one is, and lost if one was.
pub fn together(disputes: &[Dispute]) -> Option<Status> {
    [Status::Open, Status::Lost, Status::Won]
        .into_iter()
        .find(|status| disputes.iter().any(|dispute| dispute.status == *status))
}

/// The id of the dispute that the provider calls so.
pub fn derive_id(payment: PaymentId, reference: &str) -> DisputeId {
    DisputeId::from_uuid(Uuid::new_v5(&payment.as_uuid(), reference.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dispute(status: Status) -> Dispute {
        let seen = Seen {
            reference: "du_1".to_owned(),
            status,
            amount: Money::eur(1),
            reason: "fraudulent".to_owned(),
            opened_at: Timestamp::from_unix_ms(0),
        };
        seen.begin(PaymentId::from_bytes([1; 16]), Timestamp::from_unix_ms(0))
    }

    #[test]
    fn a_dispute_that_has_ended_stays_so() {
        let table = [
            (Status::Open, Status::Open, Step::Nothing),
            (Status::Open, Status::Won, Step::To(Status::Won)),
            (Status::Open, Status::Lost, Step::To(Status::Lost)),
            (Status::Won, Status::Open, Step::Nothing),
            (Status::Lost, Status::Open, Step::Nothing),
            (Status::Lost, Status::Lost, Step::Nothing),
            (Status::Won, Status::Lost, Step::Contradiction),
            (Status::Lost, Status::Won, Step::Contradiction),
        ];
        for (known, told, step) in table {
            assert_eq!(dispute(known).step(told), step, "{known:?} {told:?}");
        }
    }

    #[test]
    fn several_disputes_are_open_while_one_is_and_lost_if_one_was() {
        let of = |statuses: &[Status]| {
            let disputes: Vec<_> = statuses.iter().map(|status| dispute(*status)).collect();
            together(&disputes)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[Status::Won, Status::Open]), Some(Status::Open));
        assert_eq!(of(&[Status::Won, Status::Lost]), Some(Status::Lost));
        assert_eq!(of(&[Status::Won]), Some(Status::Won));
    }

    #[test]
    fn a_status_survives_its_text() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
