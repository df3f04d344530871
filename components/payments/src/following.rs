//! What the orders service tells, and what follows for the payments of an order. Each event is taken in one
//! transaction, and taking it again changes nothing; what is to be done at the provider is left due there.

use commerce::{Money, OrderId, PaymentId, UserId};
use db::{Db, Tx};
use serde::Deserialize;
use service::outbox::Event;
use service::{Context, Problem, clock};

use crate::orders::OrderGoods;
use crate::payment::{self, Payment, Provider, Status};
use crate::recording;
use crate::store::payments;

#[derive(Deserialize)]
struct Ended {
    order_id: OrderId,
}

/// Orders that have expired together.
#[derive(Deserialize)]
struct AllEnded {
    orders: Vec<Ended>,
}

#[derive(Deserialize)]
struct MarkedPaid {
    /// The one that the customer has begun, or one that is made for it.
    payment_id: PaymentId,
    order_id: OrderId,
    client_id: UserId,
    total: Money,
    /// Why the order could not take it, if it could not: the money is to be given back.
    #[serde(default)]
    rejected: Option<String>,
    #[serde(flatten)]
    goods: OrderGoods,
}

#[derive(Deserialize)]
struct Rejected {
    payment_id: PaymentId,
    /// A code, such as `order_expired`.
    reason: String,
}

/// Something that was paid, and is not known here.
#[derive(Debug, thiserror::Error)]
#[error("there is no payment {0}")]
struct NoPayment(PaymentId);

/// Takes one event.
pub async fn follow(context: &Context, db: &Db, event: &Event) -> Result<(), Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = apply(context, &mut tx, event).await;
        tx.finish(outcome).await
    })
    .await
}

async fn apply(context: &Context, tx: &mut Tx, event: &Event) -> Result<(), Problem> {
    match event.kind.as_str() {
        "order.expired" => {
            let ended: Ended = event.data()?;
            close(context, tx, ended.order_id).await?;
        }
        "orders.expired" => {
            let ended: AllEnded = event.data()?;
            let orders: Vec<OrderId> = ended.orders.iter().map(|one| one.order_id).collect();
            // Most of them were never about to be paid.
            for order in payments::list_payable(tx, &orders).await? {
                close(context, tx, order).await?;
            }
        }
        "order.cancelled" => {
            let ended: Ended = event.data()?;
            for mut payment in close(context, tx, ended.order_id).await? {
                if payment.status == Status::Succeeded {
                    let reason = "order_cancelled";
                    recording::begin_automatic_refund(context, tx, &mut payment, reason).await?;
                }
            }
        }
        "order.marked_paid" => note_marked_paid(context, tx, event.data()?).await?,
        "payment.rejected" => {
            let rejected: Rejected = event.data()?;
            match payments::lock(tx, rejected.payment_id).await? {
                Some(mut payment) => {
                    let reason = &rejected.reason;
                    recording::begin_automatic_refund(context, tx, &mut payment, reason).await?;
                }
                None => {
                    let error = NoPayment(rejected.payment_id);
                    service::warn(context, "a payment was rejected", &error);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Has nothing be paid any more; every payment of the order, locked.
async fn close(context: &Context, tx: &mut Tx, order: OrderId) -> Result<Vec<Payment>, Problem> {
    let mut found = payments::lock_of_order(tx, order).await?;
    for payment in &mut found {
        cancel(context, tx, payment).await?;
    }
    Ok(found)
}

/// Cancels what can still be paid; where that is for its provider to do, it is left due there.
async fn cancel(context: &Context, tx: &mut Tx, payment: &mut Payment) -> Result<(), Problem> {
    if !payment.status.is_open() {
        return Ok(());
    }
    if payment.provider == Provider::Offline {
        let report = payment::Report::of(Status::Cancelled);
        return recording::take_report(context, tx, payment, report).await;
    }
    payment.cancel_wanted = true;
    payment.check_at = Some(clock::now());
    Ok(payments::update(tx, payment).await?)
}

/// A seller took the money outside the shop: that is the order's payment, and no other is; or it is to be given
/// back, because the order has ended.
async fn note_marked_paid(context: &Context, tx: &mut Tx, paid: MarkedPaid) -> Result<(), Problem> {
    let mut others = payments::lock_of_order(tx, paid.order_id).await?;
    let begun = others.iter().position(|other| other.id == paid.payment_id);
    let begun = begun.map(|at| others.swap_remove(at));
    for other in &mut others {
        cancel(context, tx, other).await?;
        if paid.rejected.is_none() && other.holds_order {
            other.holds_order = false;
            payments::update(tx, other).await?;
        }
    }
    let reason = paid.rejected.clone();
    let payment = match begun {
        Some(begun) => Some(take_begun(context, tx, begun).await?),
        None => insert_paid(tx, paid).await?,
    };
    if let (Some(mut payment), Some(reason)) = (payment, reason) {
        recording::begin_automatic_refund(context, tx, &mut payment, &reason).await?;
    }
    Ok(())
}

/// The money came by the payment that the customer has begun, if nobody has said so before.
async fn take_begun(
    context: &Context,
    tx: &mut Tx,
    mut payment: Payment,
) -> Result<Payment, Problem> {
    let report = payment::Report::of(Status::Succeeded);
    recording::take_report(context, tx, &mut payment, report).await?;
    Ok(payment)
}

/// Makes the payment that a seller's word stands for; nothing where nothing was to be paid, or it is here already.
async fn insert_paid(tx: &mut Tx, paid: MarkedPaid) -> Result<Option<Payment>, Problem> {
    if paid.total.amount() <= 0 {
        return Ok(None);
    }
    let (id, order, client) = (paid.payment_id, paid.order_id, paid.client_id);
    let (goods, now) = (paid.goods.into(), clock::now());
    let mut payment = Payment::new(id, order, client, Provider::Offline, paid.total, goods, now);
    payment.status = Status::Succeeded;
    payment.holds_order = paid.rejected.is_none();
    // The orders service said it: it is not told.
    match payments::insert(tx, &payment).await {
        // The event came twice at once, and the other time has done all of this. Where it is the customer who has
        // begun a payment at this moment, the event fails, and comes again.
        Err(error) if error.is_duplicate_of("PRIMARY") => Ok(None),
        inserted => Ok(inserted.map(|()| Some(payment))?),
    }
}
