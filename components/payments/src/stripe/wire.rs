//! Stripe's objects, as far as they are read, and what they mean to us.

use std::collections::HashMap;

use commerce::{Money, PaymentId, RefundId};
use serde::Deserialize;

use super::StripeError;
use crate::payment::{self, Status};
use crate::refund;

/// A PaymentIntent (<https://docs.stripe.com/api/payment_intents/object>).
#[derive(Debug, Deserialize)]
pub struct Intent {
    pub id: String,
    status: String,
    amount: i64,
    currency: String,
    client_secret: Option<String>,
    last_payment_error: Option<PaymentError>,
    #[serde(default)]
    metadata: HashMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct PaymentError {
    message: Option<String>,
    code: Option<String>,
}

impl Intent {
    /// Whose it is, if we made it.
    pub fn payment_id(&self) -> Option<PaymentId> {
        self.metadata.get("payment_id")?.parse().ok()
    }

    /// What the intent as it stands says of its payment.
    pub fn report(self) -> Result<payment::Report, StripeError> {
        let status = match self.status.as_str() {
            "succeeded" => Status::Succeeded,
            "canceled" => Status::Cancelled,
            "processing" | "requires_capture" => Status::Processing,
            "requires_payment_method" if self.last_payment_error.is_some() => Status::Failed,
            _ => Status::RequiresPayment,
        };
        self.report_of(status)
    }

    /// What an event says that is of this status, whatever the intent has become since.
    pub fn report_of(self, status: Status) -> Result<payment::Report, StripeError> {
        let currency = self.currency.to_uppercase().parse();
        let currency = currency
            .map_err(|_| StripeError::Unreadable(format!("currency {:?}", self.currency)))?;
        let failure = self.last_payment_error;
        Ok(payment::Report {
            status,
            reference: Some(self.id),
            client_secret: self.client_secret,
            failure: failure.and_then(|failure| failure.message.or(failure.code)),
            amount: Some(Money::new(self.amount, currency)),
        })
    }
}

/// A Refund (<https://docs.stripe.com/api/refunds/object>).
#[derive(Debug, Deserialize)]
pub struct StripeRefund {
    pub id: String,
    status: Option<String>,
    failure_reason: Option<String>,
    #[serde(default)]
    metadata: Option<HashMap<String, String>>,
}

impl StripeRefund {
    /// Which of ours it is.
    pub fn refund_id(&self) -> Option<RefundId> {
        self.metadata.as_ref()?.get("refund_id")?.parse().ok()
    }

    pub(super) fn is(&self, id: RefundId) -> bool {
        self.refund_id() == Some(id)
    }

    pub fn report(&self) -> refund::Report {
        let status = match self.status.as_deref() {
            Some("succeeded") => refund::Status::Succeeded,
            Some("failed" | "canceled") => refund::Status::Failed,
            _ => refund::Status::Pending,
        };
        refund::Report {
            status,
            reference: Some(self.id.clone()),
            failure: self.failure_reason.clone(),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub data: Vec<T>,
    pub has_more: bool,
}

/// The body of a refusal.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refused {
    #[serde(default)]
    pub error: Reason,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    pub message: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(status: &str, error: serde_json::Value) -> payment::Report {
        let intent = json!({
            "id": "pi_1", "status": status, "amount": 1999, "currency": "eur",
            "client_secret": "pi_1_secret_2", "last_payment_error": error, "metadata": {},
        });
        let intent: Intent = serde_json::from_value(intent).unwrap();
        intent.report().unwrap()
    }

    #[test]
    fn an_intent_that_was_declined_has_failed_and_a_new_one_has_not() {
        let new = report("requires_payment_method", json!(null));
        assert_eq!(new.status, Status::RequiresPayment);
        let error = json!({"code": "card_declined", "message": "Your card was declined."});
        let declined = report("requires_payment_method", error);
        assert_eq!(declined.status, Status::Failed);
        assert_eq!(declined.failure.as_deref(), Some("Your card was declined."));
    }

    #[test]
    fn an_intent_says_its_amount_in_our_currency() {
        let report = report("succeeded", json!(null));
        assert_eq!(report.amount, Some(Money::eur(1999)));
    }

    #[test]
    fn a_refund_is_known_by_our_id() {
        let id = RefundId::from_bytes([7; 16]);
        let made = json!({"id": "re_1", "status": "succeeded",
            "metadata": {"refund_id": id.to_string()}});
        let made: StripeRefund = serde_json::from_value(made).unwrap();
        assert!(made.is(id) && !made.is(RefundId::from_bytes([8; 16])));
    }
}
