//! What payments tells of payments: each event may come twice, and one of another payment may come late.

use commerce::{Money, OrderId, PaymentId, Timestamp};
use db::Tx;
use invoice::Means;
use serde::Deserialize;
use service::outbox::Event;
use service::{Context, Problem};

use crate::desk::Desk;
use crate::disputing;
use crate::history;
use crate::hold;
use crate::refunding;
use crate::store::orders;
use crate::take_money::{self, Received, Rejection};

/// Later than any version of an order that is gone.
const LAST_VERSION: u32 = u32::MAX;

#[derive(Deserialize)]
struct Payment {
    payment_id: PaymentId,
    order_id: OrderId,
    status: String,
    amount: Money,
    provider: String,
}

/// The provider by which clients pay with a card.
const STRIPE: &str = "stripe";
/// What is none: a transfer, or cash.
const OFFLINE: &str = "offline";

/// Makes an event its own; one of a kind that says nothing here is as good as taken.
pub async fn take(context: &Context, desk: &Desk, event: Event) -> Result<(), Problem> {
    let at = event.occurred_at;
    match event.kind.as_str() {
        "payment.created" | "payment.processing" | "payment.failed" | "payment.cancelled" => {
            show(context, desk, event.data()?, at).await
        }
        "payment.succeeded" => settle(context, desk, event.data()?, at).await,
        "payment.disputed" => disputing::take(desk, event.data()?, at).await,
        "refund.succeeded" => refunding::take(context, desk, event.data()?, at).await,
        _ => Ok(()),
    }
}

async fn show(
    context: &Context,
    desk: &Desk,
    payment: Payment,
    at: Timestamp,
) -> Result<(), Problem> {
    let (id, status) = (payment.payment_id, payment.status.as_str());
    db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let Some(mut order) = orders::lock(&mut tx, payment.order_id).await? else {
                return Ok(());
            };
            let begins_offline = payment.is_begun_offline() && order.begun_offline != Some(id);
            if begins_offline {
                order.begun_offline = Some(id);
            }
            let is_shown = order.note_payment(id, status, at);
            let (tx, order) = (&mut tx, &mut order);
            let waits_anew = hold::follow_payment(context, desk, tx, order, id, status).await?;
            if is_shown || begins_offline || waits_anew {
                orders::update(tx, order).await?;
            }
            Ok(())
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

/// Money that has come pays its order or goes back; payments is told at once of what goes back, so that
/// whoever has just noted the money sees it.
async fn settle(
    context: &Context,
    desk: &Desk,
    payment: Payment,
    at: Timestamp,
) -> Result<(), Problem> {
    let received = payment.received();
    let rejected: Option<Rejection> = db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let Some(mut order) = orders::lock(&mut tx, payment.order_id).await? else {
                give_up(context, desk, &mut tx, &payment).await?;
                return Ok(Some(Rejection::OrderCancelled));
            };
            let (tx, order) = (&mut tx, &mut order);
            if order.paid_by == Some(payment.payment_id) {
                return Ok(None);
            }
            let rejected = take_money::take_money(context, desk, tx, order, &received).await?;
            if let Some(why) = rejected {
                take_money::reject(context, tx, order, &received, why, at).await?;
            }
            Ok::<_, Problem>(rejected)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    if rejected.is_some() {
        let (outbox, order) = (&desk.outbox, payment.order_id.as_uuid());
        outbox.deliver_now(context, history::PAYMENTS, order).await;
    }
    Ok(())
}

/// Has the money of an order go back that was removed meanwhile, and with it any stock that was found for it.
async fn give_up(
    context: &Context,
    desk: &Desk,
    tx: &mut Tx,
    payment: &Payment,
) -> Result<(), Problem> {
    desk.catalog
        .release(context, payment.order_id, LAST_VERSION)
        .await?;
    let why = Rejection::OrderCancelled.as_str();
    Ok(history::reject_without_order(tx, payment.order_id, payment.payment_id, why).await?)
}

impl Payment {
    fn is_begun_offline(&self) -> bool {
        self.provider == OFFLINE && self.status == hold::BEGUN
    }

    fn received(&self) -> Received {
        Received {
            payment: self.payment_id,
            amount: self.amount,
            means: Some(self.means()),
            actor: None,
            author: None,
        }
    }

    /// How the money moves, as papers say it.
    fn means(&self) -> Means {
        match self.provider.as_str() {
            STRIPE => Means::Card,
            _ => Means::Other,
        }
    }
}
