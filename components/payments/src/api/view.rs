//! Payments and refunds as they are sent.

use std::sync::Arc;

use commerce::{DisputeId, Language, Money, OrderId, PaymentId, RefundId, Timestamp};
use db::Db;
use serde::Serialize;
use service::Settings;
use service::settings::SettingError;
use utoipa::ToSchema;

use crate::dispute::{self, Dispute};
use crate::domain::payment_view::{SeenRefund, Sight, SightError};
use crate::payment::{self, Payment, Provider};
use crate::refund::{self, Pieces, Refund};
use crate::store::{disputes, refunds};

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

/// What has moved of payments since they were made.
#[derive(Debug)]
pub struct Moves {
    refunds: Vec<Refund>,
    disputes: Vec<Dispute>,
}

impl Moves {
    pub async fn read(db: &Db, payments: &[PaymentId]) -> db::Result<Self> {
        Ok(Self {
            refunds: refunds::list(db, payments).await?,
            disputes: disputes::list(db, payments).await?,
        })
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
    /// The order's total, VAT included; for a seller of some of the lines what those come to.
    pub amount: Money,
    /// What was given back of that so far.
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
    /// What the client disputes at the provider, from the oldest. While one is open, the order waits.
    pub disputes: Vec<DisputeView>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl PaymentView {
    /// The payment as its viewer sees it, for a reader of this language.
    pub fn of(
        payment: &Payment,
        moves: &Moves,
        sight: Sight,
        instructions: &Instructions,
        language: Language,
    ) -> Result<Self, SightError> {
        let seen = payment.seen(&moves.refunds, sight)?;
        let is_offline = payment.provider == Provider::Offline && payment.status.is_open();
        let own = moves.disputes.iter().filter(|d| d.payment_id == payment.id);
        // What the whole of a payment is disputed for is not a seller's of a part.
        let disputes = own.filter(|_| !matches!(sight, Sight::Part(_)));
        Ok(Self {
            id: payment.id,
            order_id: payment.order_id,
            status: payment.status,
            provider: payment.provider,
            amount: seen.amount,
            refunded: seen.refunded,
            client_secret: seen.client_secret.map(str::to_owned),
            instructions: is_offline.then(|| instructions.in_language(language).to_owned()),
            failure: seen.failure.map(str::to_owned),
            refunds: seen.refunds.into_iter().map(RefundView::from).collect(),
            disputes: disputes.map(DisputeView::from).collect(),
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        })
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
    /// What the seller wrote; or `order_cancelled`, `order_expired`, `order_paid` or `amount_differs` for one that
    /// the shop makes by itself, `made_at_provider` for one that somebody made there, and `dispute_lost` for
    /// money that the provider took. A seller of some of the lines reads it where the refund is theirs or of
    /// their lines alone.
    pub reason: Option<String>,
    /// Whether somebody has to send the money back by hand, and to confirm that.
    pub by_hand: bool,
    /// Whether the pieces go back into stock.
    pub restock: bool,
    /// Why it failed, in the provider's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    pub created_at: Timestamp,
}

impl From<SeenRefund<'_>> for RefundView {
    fn from(seen: SeenRefund<'_>) -> Self {
        let refund = seen.refund;
        Self {
            id: refund.id,
            payment_id: refund.payment_id,
            order_id: seen.order,
            status: refund.status,
            amount: seen.amount,
            lines: seen.lines,
            shipping: seen.shipping,
            reason: seen.reason.map(str::to_owned),
            by_hand: seen.by_hand,
            restock: refund.restock,
            failure: seen.failure.map(str::to_owned),
            created_at: refund.created_at,
        }
    }
}

/// A payment that its client has disputed at the provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dispute)]
pub struct DisputeView {
    pub id: DisputeId,
    pub status: dispute::Status,
    pub amount: Money,
    /// Why, in the provider's word.
    #[schema(example = "fraudulent")]
    pub reason: String,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<&Dispute> for DisputeView {
    fn from(dispute: &Dispute) -> Self {
        Self {
            id: dispute.id,
            status: dispute.status,
            amount: dispute.amount,
            reason: dispute.reason.clone(),
            opened_at: dispute.opened_at,
            updated_at: dispute.updated_at,
        }
    }
}
