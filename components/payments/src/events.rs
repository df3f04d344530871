//! What this service tells others (`service::outbox`), in the transaction in which it happened.

use db::Tx;
use serde_json::{Value, json};
use service::outbox::{self, Event};

use crate::dispute;
use crate::payment::{Payment, Status};
use crate::refund::Refund;

pub const ORDERS: &str = "orders";
pub const WEBHOOKS: &str = "webhooks";

/// Tells where a payment has got to.
pub async fn tell_payment(tx: &mut Tx, payment: &Payment) -> db::Result<()> {
    let (kind, consumers): (_, &[&str]) = match payment.status {
        Status::Pending => return Ok(()),
        Status::Processing => ("payment.processing", &[ORDERS]),
        Status::RequiresPayment => ("payment.created", &[ORDERS]),
        Status::Failed => ("payment.failed", &[ORDERS, WEBHOOKS]),
        Status::Cancelled => ("payment.cancelled", &[ORDERS]),
        Status::Succeeded => ("payment.succeeded", &[ORDERS]),
    };
    let event = Event::new(kind, payment.id.as_uuid(), payment_data(payment));
    for consumer in consumers {
        outbox::insert(tx, consumer, &event).await?;
    }
    Ok(())
}

fn payment_data(payment: &Payment) -> Value {
    let mut data = json!({
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "provider": payment.provider,
        "status": payment.status,
        "amount": payment.amount,
    });
    if let (Some(reason), Value::Object(members)) = (&payment.failure, &mut data) {
        members.insert("reason".to_owned(), reason.as_str().into());
    }
    data
}

/// Tells where the disputes of a payment stand together, and why the last one began.
pub async fn tell_dispute(
    tx: &mut Tx,
    payment: &Payment,
    dispute: dispute::Status,
    reason: &str,
) -> db::Result<()> {
    let data = json!({
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "dispute": dispute,
        "reason": reason,
    });
    let event = Event::new("payment.disputed", payment.id.as_uuid(), data);
    outbox::insert(tx, ORDERS, &event).await
}

/// Tells that money has gone back.
pub async fn tell_refund(tx: &mut Tx, payment: &Payment, refund: &Refund) -> db::Result<()> {
    let data = json!({
        "refund_id": refund.id,
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "amount": refund.amount,
        "reason": refund.reason,
        "restock": refund.restock,
        "lines": refund.lines,
        "credits": refund.credits,
        "actor_id": refund.actor_id,
    });
    let event = Event::new("refund.succeeded", payment.id.as_uuid(), data);
    outbox::insert(tx, ORDERS, &event).await
}
