//! Stripe's objects, as far as they are read, and what they mean to us.

use std::collections::HashMap;

use commerce::{Money, PaymentId, RefundId, Timestamp};
use serde::Deserialize;

use super::StripeError;
use crate::payment::{self, Status};
use crate::{dispute, refund};

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
        let amount = money(self.amount, &self.currency)?;
        let failure = self.last_payment_error;
        Ok(payment::Report {
            status,
            reference: Some(self.id),
            client_secret: self.client_secret,
            failure: failure.and_then(|failure| failure.message.or(failure.code)),
            amount: Some(amount),
            is_current: false,
        })
    }
}

fn money(amount: i64, currency: &str) -> Result<Money, StripeError> {
    let code = currency.to_uppercase().parse();
    let code = code.map_err(|_| StripeError::Unreadable(format!("currency {currency:?}")))?;
    Ok(Money::new(amount, code))
}

/// A Refund (<https://docs.stripe.com/api/refunds/object>).
#[derive(Debug, Deserialize)]
pub struct StripeRefund {
    pub id: String,
    status: Option<String>,
    failure_reason: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
    /// Of which payment; none where it was made without an intent.
    pub payment_intent: Option<String>,
    /// Unix seconds.
    #[serde(default)]
    pub created: i64,
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

    /// The refund as one of a payment, whoever has asked for it.
    pub fn seen(&self) -> Result<refund::Seen, StripeError> {
        let missing = || StripeError::Unreadable(format!("refund {} of no amount", self.id));
        let amount = self.amount.ok_or_else(missing)?;
        let currency = self.currency.as_deref().ok_or_else(missing)?;
        Ok(refund::Seen {
            ours: self.refund_id(),
            reference: self.id.clone(),
            amount: money(amount, currency)?,
            report: self.report(),
        })
    }
}

/// A Dispute (<https://docs.stripe.com/api/disputes/object>).
#[derive(Debug, Deserialize)]
pub struct StripeDispute {
    pub id: String,
    status: String,
    amount: i64,
    currency: String,
    reason: Option<String>,
    pub payment_intent: Option<String>,
    /// Unix seconds.
    #[serde(default)]
    pub created: i64,
}

impl StripeDispute {
    /// The dispute as one of a payment. An inquiry (`warning_…`) may become a dispute, and holds the order too.
    pub fn seen(&self) -> Result<dispute::Seen, StripeError> {
        let status = match self.status.as_str() {
            "won" | "warning_closed" | "prevented" => dispute::Status::Won,
            "lost" => dispute::Status::Lost,
            _ => dispute::Status::Open,
        };
        Ok(dispute::Seen {
            amount: money(self.amount, &self.currency)?,
            reference: self.id.clone(),
            status,
            reason: self.reason.clone().unwrap_or_default(),
            opened_at: Timestamp::from_unix_ms(self.created.saturating_mul(1000)),
        })
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
    fn a_dispute_is_open_until_somebody_has_won_it() {
        let seen = |status: &str| {
            let dispute = json!({"id": "du_1", "status": status, "amount": 1999,
                "currency": "eur", "reason": "fraudulent", "payment_intent": "pi_1",
                "created": 1_795_253_400});
            let dispute: StripeDispute = serde_json::from_value(dispute).unwrap();
            dispute.seen().unwrap()
        };
        for status in [
            "needs_response",
            "under_review",
            "warning_needs_response",
            "new",
        ] {
            assert_eq!(seen(status).status, dispute::Status::Open, "{status}");
        }
        assert_eq!(seen("warning_closed").status, dispute::Status::Won);
        let lost = seen("lost");
        assert_eq!(lost.status, dispute::Status::Lost);
        assert_eq!(lost.amount, Money::eur(1999));
        assert_eq!(lost.opened_at.unix_ms(), 1_795_253_400_000);
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
