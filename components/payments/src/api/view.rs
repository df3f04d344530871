//! Payments and refunds as they are sent.

use std::sync::Arc;

use commerce::{Language, Money, OrderId, PaymentId, RefundId, Timestamp};
use serde::Serialize;
use service::Settings;
use service::settings::SettingError;
use utoipa::ToSchema;

use crate::payment::{self, Payment, Provider};
use crate::refund::{self, Pieces, Refund};

/// What a client who pays by transfer or in cash is told.
#[derive(Clone)]
pub struct Instructions {
    french: Arc<str>,
    english: Arc<str>,
}

impl Instructions {
    /// Reads `offline_instructions_fr` and `offline_instructions_en`.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            french: settings.text("offline_instructions_fr").await?.into(),
            english: settings.text("offline_instructions_en").await?.into(),
        })
    }

    fn in_language(&self, language: Language) -> &str {
        match language {
            Language::French => &self.french,
            Language::English => &self.english,
        }
    }
}

/// One attempt at paying an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
pub struct PaymentView {
    pub id: PaymentId,
    pub order_id: OrderId,
    pub status: payment::Status,
    pub provider: Provider,
    /// The order's total, VAT included.
    pub amount: Money,
    /// What was given back so far.
    pub refunded: Money,
    /// For Stripe.js, and for the client who pays alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// How to pay offline, in the reader's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Why it failed, in the provider's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// From the oldest.
    pub refunds: Vec<RefundView>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl PaymentView {
    /// As the client who pays sees it.
    pub fn for_client(
        payment: &Payment,
        refunds: &[Refund],
        instructions: &Instructions,
        language: Language,
    ) -> Self {
        let open = payment.status.is_open();
        let secret = payment.client_secret.clone();
        Self {
            client_secret: secret.filter(|_| open),
            ..Self::for_others(payment, refunds, instructions, language)
        }
    }

    /// As a seller or an admin sees it.
    pub fn for_others(
        payment: &Payment,
        refunds: &[Refund],
        instructions: &Instructions,
        language: Language,
    ) -> Self {
        let is_offline = payment.provider == Provider::Offline && payment.status.is_open();
        let refunds = refunds.iter().filter(|r| r.payment_id == payment.id);
        Self {
            id: payment.id,
            order_id: payment.order_id,
            status: payment.status,
            provider: payment.provider,
            amount: payment.amount,
            refunded: payment.refunded,
            client_secret: None,
            instructions: is_offline.then(|| instructions.in_language(language).to_owned()),
            failure: payment.failure.clone(),
            refunds: refunds.map(|r| RefundView::of(payment, r)).collect(),
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}

/// Money given back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refund)]
pub struct RefundView {
    pub id: RefundId,
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub status: refund::Status,
    pub amount: Money,
    /// Empty if it is of an amount.
    pub lines: Vec<Pieces>,
    /// Whether it gives shipping back.
    pub shipping: bool,
    /// What the seller wrote; or `order_cancelled`, `order_expired` or `order_paid` for one that the shop made
    /// by itself.
    pub reason: String,
    /// Whether the pieces go back into stock.
    pub restock: bool,
    /// Why it failed, in the provider's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    pub created_at: Timestamp,
}

impl RefundView {
    pub fn of(payment: &Payment, refund: &Refund) -> Self {
        Self {
            id: refund.id,
            payment_id: payment.id,
            order_id: payment.order_id,
            status: refund.status,
            amount: refund.amount,
            lines: refund.lines.clone(),
            shipping: refund.shipping,
            reason: refund.reason.clone(),
            restock: refund.restock,
            failure: refund.failure.clone(),
            created_at: refund.created_at,
        }
    }
}
