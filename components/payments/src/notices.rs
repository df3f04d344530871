//! What Stripe tells by webhooks. Each event is applied once, by the transaction that notes its id; what is
//! not about a payment of ours, or means nothing to us, is logged.

use db::{Db, Tx};
use service::{Context, Problem, clock};

use crate::recording;
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
            recording::take_report(context, tx, &mut payment, report.clone()).await?;
        }
        News::Refund(id, report) => {
            let Some(refund) = refunds::read_in(tx, *id).await? else {
                return Ok(false);
            };
            let Some(mut payment) = payments::lock(tx, refund.payment_id).await? else {
                return Ok(false);
            };
            // Read again, now that nobody else changes it.
            let Some(mut refund) = refunds::read_in(tx, *id).await? else {
                return Ok(false);
            };
            let report = report.clone();
            recording::take_refund_report(context, tx, &mut payment, &mut refund, report).await?;
        }
        News::Refunded(id) => refunds::make_due(tx, *id, clock::now()).await?,
        News::NotOurs | News::Unknown => return Ok(false),
    }
    Ok(true)
}
