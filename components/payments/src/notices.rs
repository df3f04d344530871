//! What Stripe tells by webhooks. Each event is applied once, by the transaction that notes its id; what is
//! not about a payment of ours, or means nothing to us, is logged.

use commerce::RefundId;
use db::{Db, Tx};
use service::{Context, Problem, clock};

use crate::payment;
use crate::provider_activity;
use crate::recording;
use crate::refund;
use crate::store::{payments, provider_events, refunds};
use crate::stripe::event::{Event, News};

/// Why an event changed nothing.
#[derive(Debug, thiserror::Error)]
enum Nothing {
    #[error("{kind} ({id}) is of something that this shop did not make")]
    NotOurs { id: String, kind: String },
    #[error("{kind} ({id}) is of a kind that means nothing here")]
    Unknown { id: String, kind: String },
}

/// Applies an event whose signature was good.
pub async fn take(context: &Context, db: &Db, event: Event) -> Result<(), Problem> {
    let (id, kind) = (event.id.clone(), event.kind.clone());
    let news = match event.news() {
        Ok(news) => news,
        Err(error) => {
            service::warn(context, "an event of Stripe is not understood", &error);
            return Ok(());
        }
    };
    let known = match &news {
        News::Unknown => Err(Nothing::Unknown { id, kind }),
        News::NotOurs => Err(Nothing::NotOurs { id, kind }),
        news => match apply_once(context, db, &id, news).await? {
            true => Ok(()),
            false => Err(Nothing::NotOurs { id, kind }),
        },
    };
    if let Err(nothing) = known {
        service::warn(context, "an event of Stripe changes nothing", &nothing);
    }
    Ok(())
}

/// Whether it is about something of ours.
async fn apply_once(context: &Context, db: &Db, id: &str, news: &News) -> Result<bool, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            if !provider_events::insert(&mut tx, id, clock::now()).await? {
                return Ok(true);
            }
            apply(context, &mut tx, news).await
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

async fn apply(context: &Context, tx: &mut Tx, news: &News) -> Result<bool, Problem> {
    match news {
        News::Payment(id, report) => {
            let Some(mut payment) = payments::lock(tx, *id).await? else {
                return Ok(false);
            };
            let (told, was) = (report.status, payment.status);
            recording::take_report(context, tx, &mut payment, report.clone()).await?;
            if told == payment::Status::Processing && was == payment::Status::Failed {
                // An old event, or another try: the provider knows which.
                payments::make_due(tx, payment.id, clock::now()).await?;
            }
        }
        News::Refund(intent, seen) => {
            let Some(mut payment) = payments::lock_by_reference(tx, intent).await? else {
                return own_refund(context, tx, seen).await;
            };
            provider_activity::take_refund(context, tx, &mut payment, seen).await?;
        }
        News::OwnRefund(id, report) => {
            return take_own_refund(context, tx, *id, report).await;
        }
        News::Refunded(intent) => match payments::lock_by_reference(tx, intent).await? {
            Some(payment) => payments::make_due(tx, payment.id, clock::now()).await?,
            None => return Ok(false),
        },
        News::Dispute(intent, seen) => {
            let Some(mut payment) = payments::lock_by_reference(tx, intent).await? else {
                return Ok(false);
            };
            provider_activity::take_dispute(context, tx, &mut payment, seen).await?;
        }
        News::NotOurs | News::Unknown => return Ok(false),
    }
    Ok(true)
}

/// A refund whose intent is not known here may still be ours, where the answer that made the intent was lost.
async fn own_refund(context: &Context, tx: &mut Tx, seen: &refund::Seen) -> Result<bool, Problem> {
    match seen.ours {
        Some(id) => take_own_refund(context, tx, id, &seen.report).await,
        None => Ok(false),
    }
}

async fn take_own_refund(
    context: &Context,
    tx: &mut Tx,
    id: RefundId,
    report: &refund::Report,
) -> Result<bool, Problem> {
    let Some(refund) = refunds::read_in(tx, id).await? else {
        return Ok(false);
    };
    let Some(mut payment) = payments::lock(tx, refund.payment_id).await? else {
        return Ok(false);
    };
    // Read again, now that nobody else changes it.
    let Some(mut refund) = refunds::read_in(tx, id).await? else {
        return Ok(false);
    };
    let report = report.clone();
    recording::take_refund_report(context, tx, &mut payment, &mut refund, report).await?;
    Ok(true)
}
