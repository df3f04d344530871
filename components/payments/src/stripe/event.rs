//! Stripe's events (<https://docs.stripe.com/api/events>), as far as they are about payments of ours.

use commerce::{PaymentId, RefundId};
use serde::Deserialize;
use serde_json::Value;

use super::{Intent, StripeError, StripeRefund};
use crate::payment::{self, Status};
use crate::refund;

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

/// The part of a charge that is read: it has the metadata of its intent.
#[derive(Debug, Deserialize)]
struct Charge {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    payment_id: Option<PaymentId>,
}

/// What an event says.
#[derive(Debug)]
pub enum News {
    Payment(PaymentId, payment::Report),
    Refund(RefundId, refund::Report),
    /// Something of this payment was refunded; which refunds, the provider is to be asked.
    Refunded(PaymentId),
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
        let payment = charge.metadata.payment_id;
        Ok(payment.map_or(News::NotOurs, News::Refunded))
    }

    fn refund(self) -> Result<News, StripeError> {
        let refund = StripeRefund::deserialize(self.data.object).map_err(unreadable)?;
        let id = refund.refund_id();
        Ok(id.map_or(News::NotOurs, |id| News::Refund(id, refund.report())))
    }
}

fn unreadable(error: serde_json::Error) -> StripeError {
    StripeError::Unreadable(error.to_string())
}
