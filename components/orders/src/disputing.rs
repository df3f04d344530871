//! What payments tells of disputes: while the money of an order is disputed at its provider, the order waits.
//! How the money of a lost one went back comes as a refund.

use commerce::{OrderId, PaymentId, Timestamp};
use serde::Deserialize;
use service::{Problem, clock};

use crate::desk::Desk;
use crate::history::{self, Happening, Kind};
use crate::order::{Dispute, DisputeStatus};
use crate::store::orders;

/// Where the disputes of a payment stand together.
#[derive(Deserialize)]
pub struct Disputed {
    payment_id: PaymentId,
    order_id: OrderId,
    dispute: DisputeStatus,
    /// Why, in the provider's word.
    #[serde(default)]
    reason: Option<String>,
}

/// Notes it on the order that the payment has paid. What is older than what is known comes too late.
pub async fn take(desk: &Desk, disputed: Disputed, at: Timestamp) -> Result<(), Problem> {
    let status = disputed.dispute;
    db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let found = orders::lock(&mut tx, disputed.order_id).await?;
            let paid = found.filter(|order| order.paid_by == Some(disputed.payment_id));
            let Some(mut order) = paid else {
                return Ok(());
            };
            if !order.note_dispute(Dispute { status, at }, clock::now()) {
                return Ok(());
            }
            orders::update(&mut tx, &order).await?;
            let happening = Happening {
                kind: match status {
                    DisputeStatus::Open => Kind::Disputed,
                    DisputeStatus::Won | DisputeStatus::Lost => Kind::DisputeClosed,
                },
                actor: None,
                reason: match status {
                    DisputeStatus::Open => disputed.reason.as_deref(),
                    DisputeStatus::Won | DisputeStatus::Lost => Some(status.as_str()),
                },
                payment: Some(disputed.payment_id),
            };
            history::record(&mut tx, &order, happening).await?;
            Ok(())
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}
