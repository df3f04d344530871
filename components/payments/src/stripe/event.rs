//! Stripe's events (<https://docs.stripe.com/api/events>), as far as they are about payments of ours.

use commerce::{PaymentId, RefundId};
use serde::Deserialize;
use serde_json::Value;

use super::{Intent, StripeDispute, StripeError, StripeRefund};
use crate::payment::{self, Status};
use crate::{dispute, refund};

#[derive(Debug, Deserialize)]
pub struct Event {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    object: Value,
}

/// The part of a charge that is read.
#[derive(Debug, Deserialize)]
struct Charge {
    payment_intent: Option<String>,
}

/// What an event says.
#[derive(Debug)]
pub enum News {
    Payment(PaymentId, payment::Report),
    /// A refund of the payment with this intent, whoever has made it.
    Refund(String, refund::Seen),
    /// A refund of ours, without its intent.
    OwnRefund(RefundId, refund::Report),
    /// Something of the payment with this intent was refunded; which refunds, the provider is to be asked.
    Refunded(String),
    /// The client has disputed the payment with this intent.
    Dispute(String, dispute::Seen),
    /// Of something that we did not make.
    NotOurs,
    /// Of a kind that means nothing to us.
    Unknown,
}

impl Event {
    /// What it says, read by its kind.
    pub fn news(self) -> Result<News, StripeError> {
        let status = match self.kind.as_str() {
            "payment_intent.succeeded" => Status::Succeeded,
            "payment_intent.payment_failed" => Status::Failed,
            "payment_intent.processing" => Status::Processing,
            "payment_intent.canceled" => Status::Cancelled,
            "charge.refunded" => return self.charge(),
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
                return self.refund();
            }
            "charge.dispute.created"
            | "charge.dispute.updated"
            | "charge.dispute.closed"
            | "charge.dispute.funds_withdrawn"
            | "charge.dispute.funds_reinstated" => return self.dispute(),
            _ => return Ok(News::Unknown),
        };
        let intent = Intent::deserialize(self.data.object).map_err(unreadable)?;
        match intent.payment_id() {
            Some(id) => Ok(News::Payment(id, intent.report_of(status)?)),
            None => Ok(News::NotOurs),
        }
    }

    fn charge(self) -> Result<News, StripeError> {
        let charge = Charge::deserialize(self.data.object).map_err(unreadable)?;
        Ok(charge.payment_intent.map_or(News::NotOurs, News::Refunded))
    }

    fn refund(self) -> Result<News, StripeError> {
        let refund = StripeRefund::deserialize(self.data.object).map_err(unreadable)?;
        match (&refund.payment_intent, refund.refund_id()) {
            (Some(intent), _) => Ok(News::Refund(intent.clone(), refund.seen()?)),
            (None, Some(id)) => Ok(News::OwnRefund(id, refund.report())),
            (None, None) => Ok(News::NotOurs),
        }
    }

    fn dispute(self) -> Result<News, StripeError> {
        let mut dispute = StripeDispute::deserialize(self.data.object).map_err(unreadable)?;
        match dispute.payment_intent.take() {
            Some(intent) => Ok(News::Dispute(intent, dispute.seen()?)),
            None => Ok(News::NotOurs),
        }
    }
}

fn unreadable(error: serde_json::Error) -> StripeError {
    StripeError::Unreadable(error.to_string())
}
