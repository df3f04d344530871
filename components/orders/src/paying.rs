//! What payments tells of payments: each event may come twice, and one of another payment may come late.
//!
//! Money that was taken either pays its order or goes back. The catalogue decides: an order whose reservation
//! is over is paid if the same stock can be found again, and else the payment is rejected.

use commerce::{Money, OrderId, PaymentId, Timestamp};
use db::Tx;
use invoice::Means;
use serde::Deserialize;
use service::outbox::Event;
use service::{Context, Problem, clock};

use crate::catalog::CatalogError;
use crate::changing::{self, Act, ChangeError};
use crate::history::{self, Happening, Kind};
use crate::life::{Change, Stage, Step};
use crate::order::Order;
use crate::placing::Desk;
use crate::refunding;
use crate::store::{events, orders};

/// Later than any version of an order that is gone.
const LAST_VERSION: u32 = u32::MAX;

/// Why an order that had expired became paid.
const STOCK_FOUND_AGAIN: &str = "stock_found_again";

/// Why a payment that succeeded is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Rejection {
    #[error("the order has expired, and its stock is not there any more")]
    OrderExpired,
    #[error("the order is cancelled")]
    OrderCancelled,
    #[error("the order is paid by another payment")]
    OrderPaid,
    #[error("the amount is not the order's")]
    AmountDiffers,
}

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

/// Makes an event its own; one of a kind that says nothing here is as good as taken.
pub async fn take(context: &Context, desk: &Desk, event: Event) -> Result<(), Problem> {
    let at = event.occurred_at;
    match event.kind.as_str() {
        "payment.created" | "payment.failed" | "payment.cancelled" => {
            show(desk, event.data()?, at).await
        }
        "payment.succeeded" => settle(context, desk, event.data()?, at).await,
        "refund.succeeded" => refunding::take(context, desk, event.data()?, at).await,
        _ => Ok(()),
    }
}

async fn show(desk: &Desk, payment: Payment, at: Timestamp) -> Result<(), Problem> {
    let note = |order: &mut Order| order.note_payment(payment.payment_id, &payment.status, at);
    db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            if let Some(mut order) = orders::lock(&mut tx, payment.order_id).await?
                && note(&mut order)
            {
                orders::update(&mut tx, &order).await?;
            }
            Ok(())
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

async fn settle(
    context: &Context,
    desk: &Desk,
    payment: Payment,
    at: Timestamp,
) -> Result<(), Problem> {
    db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let Some(mut order) = orders::lock(&mut tx, payment.order_id).await? else {
                return give_up(context, desk, &mut tx, &payment).await;
            };
            if order.paid_by == Some(payment.payment_id) {
                return Ok(());
            }
            match pay(context, desk, &mut tx, &mut order, &payment).await? {
                None => Ok(()),
                Some(why) => reject(context, &mut tx, &mut order, &payment, why, at).await,
            }
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

/// Has the payment pay its order; or why it cannot.
async fn pay(
    context: &Context,
    desk: &Desk,
    tx: &mut Tx,
    order: &mut Order,
    payment: &Payment,
) -> Result<Option<Rejection>, ChangeError> {
    if payment.amount != order.totals.gross {
        return Ok(Some(Rejection::AmountDiffers));
    }
    let act = |change, reason: Option<&str>| Act {
        change,
        actor: None,
        author: None,
        reason: reason.map(str::to_owned),
        means: Some(payment.means()),
    };
    let pay = act(Change::Pay(payment.payment_id), None);
    match order.life.step(&pay.change) {
        Step::To(_) => match changing::apply(context, desk, tx, order, &pay).await {
            Err(ChangeError::Catalog(CatalogError::ReservationOver)) => {}
            paid => return paid.map(|()| None),
        },
        Step::Already => return Ok(Some(Rejection::OrderPaid)),
        Step::Illegal if order.life.stage == Stage::Expired => {}
        Step::Illegal => return Ok(Some(Rejection::OrderCancelled)),
    }
    let revive = act(Change::Revive(payment.payment_id), Some(STOCK_FOUND_AGAIN));
    match changing::apply(context, desk, tx, order, &revive).await {
        // The catalogue has answered, and not what was hoped for.
        Err(ChangeError::Catalog(error)) if !matches!(error, CatalogError::Peer(_)) => {
            let expire = act(Change::Expire, None);
            changing::apply(context, desk, tx, order, &expire).await?;
            Ok(Some(Rejection::OrderExpired))
        }
        paid => paid.map(|()| None),
    }
}

/// Has the money go back, once; and shows the payment, unless another has paid the order.
async fn reject(
    context: &Context,
    tx: &mut Tx,
    order: &mut Order,
    payment: &Payment,
    why: Rejection,
    at: Timestamp,
) -> Result<(), Problem> {
    let (id, kind) = (payment.payment_id, Kind::PaymentRejected);
    if events::exists(tx, order.id, kind, id).await? {
        return Ok(());
    }
    service::warn(context, "a payment is rejected", &why);
    order.note_payment(id, &payment.status, at);
    order.updated_at = clock::now();
    orders::update(tx, order).await?;
    let happening = Happening {
        kind,
        actor: None,
        reason: Some(why.as_str()),
        payment: Some(id),
    };
    Ok(history::record(tx, order, happening).await?)
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
    /// How the money moves, as papers say it.
    fn means(&self) -> Means {
        match self.provider.as_str() {
            STRIPE => Means::Card,
            _ => Means::Other,
        }
    }
}

impl Rejection {
    /// As payments and the history are told.
    fn as_str(self) -> &'static str {
        match self {
            Rejection::OrderExpired => "order_expired",
            Rejection::OrderCancelled => "order_cancelled",
            Rejection::OrderPaid => "order_paid",
            Rejection::AmountDiffers => "amount_differs",
        }
    }
}
