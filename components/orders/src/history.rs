//! What happens to an order: noted in its history, and told to other services, by the transaction in which
//! it happens. An event has the same id wherever it is told.

use commerce::{EventId, Money, OrderId, PaymentId, Timestamp, UserId};
use db::Tx;
use serde::Serialize;
use serde_json::{Value, json};
use service::outbox::{self, Event};

use crate::life::{Change, Fulfillment, Stage, Status};
use crate::order::Order;
use crate::payable::PayableLine;
use crate::store::events;

/// The services that are told, as the outbox calls them.
const CATALOG: &str = "catalog";
pub const PAYMENTS: &str = "payments";
const WEBHOOKS: &str = "webhooks";
const REPORTS: &str = "reports";

/// What payments is told of money that a seller has taken outside the shop.
const MARKED_PAID: &str = "order.marked_paid";

/// What reports is told: that an order has papers which it had not. They say the rest.
const PAPERS_ISSUED: &str = "papers.issued";

/// What may happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Placed,
    Paid,
    /// To be delivered before it is paid.
    Accepted,
    Preparing,
    Shipped,
    Delivered,
    Cancelled,
    /// The goods of an order that was cancelled after it was shipped are back.
    Restocked,
    Expired,
    Refunded,
    /// A payment succeeded that the order could not take: its money goes back.
    PaymentRejected,
    /// The money of the payment is disputed at its provider: the order waits.
    Disputed,
    /// The dispute has ended; the reason says how.
    DisputeClosed,
}

impl Kind {
    /// What a change is called.
    pub fn of(change: &Change) -> Self {
        match change {
            Change::Pay(_) | Change::PayNothing | Change::Revive(_) => Kind::Paid,
            Change::Accept => Kind::Accepted,
            Change::Prepare => Kind::Preparing,
            Change::Ship(_) => Kind::Shipped,
            Change::Deliver => Kind::Delivered,
            Change::Cancel { .. } => Kind::Cancelled,
            Change::Expire => Kind::Expired,
            Change::Refund(_) => Kind::Refunded,
        }
    }

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Placed => "order.placed",
            Kind::Paid => "order.paid",
            Kind::Accepted => "order.accepted",
            Kind::Preparing => "order.preparing",
            Kind::Shipped => "order.shipped",
            Kind::Delivered => "order.delivered",
            Kind::Cancelled => "order.cancelled",
            Kind::Restocked => "order.restocked",
            Kind::Expired => "order.expired",
            Kind::Refunded => "order.refunded",
            Kind::PaymentRejected => "payment.rejected",
            Kind::Disputed => "order.disputed",
            Kind::DisputeClosed => "order.dispute_closed",
        }
    }
}

/// One thing that happens: what, by whom (nobody where it is the service's own doing), and why.
#[derive(Clone, Copy, Debug)]
pub struct Happening<'a> {
    pub kind: Kind,
    pub actor: Option<UserId>,
    pub reason: Option<&'a str>,
    /// The payment that it is about.
    pub payment: Option<PaymentId>,
}

/// What has happened, as the history keeps it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: EventId,
    pub kind: String,
    pub actor: Option<UserId>,
    pub reason: Option<String>,
    pub occurred_at: Timestamp,
}

/// What webhooks are told of an order.
#[derive(Serialize)]
struct Told<'a> {
    order_id: OrderId,
    order_number: u64,
    client_id: UserId,
    status: Status,
    fulfillment: Fulfillment,
    total: Money,
    refunded: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// Notes what has just happened to the order, and tells whom it concerns; the event.
pub async fn record(tx: &mut Tx, order: &Order, happening: Happening<'_>) -> db::Result<EventId> {
    let id = EventId::from_uuid(service::fresh_uuid());
    events::insert(tx, id, order, &happening).await?;
    for (consumer, kind, data) in news(order, happening) {
        let event = Event {
            id,
            kind: kind.to_owned(),
            aggregate_id: order.id.as_uuid(),
            occurred_at: order.updated_at,
            data,
        };
        outbox::insert(tx, consumer, &event).await?;
    }
    Ok(id)
}

/// The services in which whoever has changed an order looks at the effect next: its stock and its payment.
pub fn looked_at_next(order: &Order) -> &'static [&'static str] {
    match order.life.stage {
        Stage::Cancelled => &[CATALOG, PAYMENTS],
        _ if order.paid_by == Some(order.offline_payment()) => &[PAYMENTS],
        _ => &[],
    }
}

/// What the catalogue and payments are told of orders that have expired together: one event for all of them,
/// because most have neither stock that is still theirs nor a payment.
const ORDERS_EXPIRED: &str = "orders.expired";
/// How many of them one event names: whoever takes it may have several statements to make for each.
const TOLD_AT_ONCE: usize = 50;

/// Notes that these orders have expired, each in its history, and tells whom it concerns: merchants of each, in
/// the order of what happens to it.
pub async fn record_expired(tx: &mut Tx, orders: &[Order]) -> db::Result<()> {
    if orders.is_empty() {
        return Ok(());
    }
    let fresh = || EventId::from_uuid(service::fresh_uuid());
    let entries: Vec<(EventId, &Order)> = orders.iter().map(|order| (fresh(), order)).collect();
    events::insert_all(tx, &entries, Kind::Expired).await?;
    let told: Vec<Event> = entries
        .iter()
        .map(|(id, order)| Event {
            id: *id,
            kind: Kind::Expired.as_str().to_owned(),
            aggregate_id: order.id.as_uuid(),
            occurred_at: order.updated_at,
            data: told(order, None),
        })
        .collect();
    outbox::insert_all(tx, WEBHOOKS, &told).await?;
    for some in orders.chunks(TOLD_AT_ONCE) {
        let ended: Vec<Value> = some.iter().map(ended).collect();
        let event = Event::in_any_order(ORDERS_EXPIRED, json!({ "orders": ended }));
        outbox::insert(tx, CATALOG, &event).await?;
        outbox::insert(tx, PAYMENTS, &event).await?;
    }
    Ok(())
}

/// Which version of an order has ended.
fn ended(order: &Order) -> Value {
    json!({ "order_id": order.id, "order_version": order.version })
}

/// Who is told of it, and what.
fn news(order: &Order, happening: Happening<'_>) -> Vec<(&'static str, &'static str, Value)> {
    let kind = happening.kind.as_str();
    let to_webhooks = (WEBHOOKS, kind, told(order, happening.reason));
    match happening.kind {
        Kind::Cancelled | Kind::Expired => {
            let ended = ended(order);
            let mut news = vec![(PAYMENTS, kind, ended.clone()), to_webhooks];
            // What was shipped is stock again when somebody says that it is back.
            if order.shipment.is_none() {
                news.push((CATALOG, kind, ended));
            }
            news
        }
        Kind::Restocked => vec![(CATALOG, Kind::Cancelled.as_str(), ended(order))],
        // A person has said so to this service: payments does not know of it yet.
        Kind::Paid
            if happening.actor.is_some() && order.paid_by == Some(order.offline_payment()) =>
        {
            let data = marked_paid(order, happening.actor, None);
            vec![to_webhooks, (PAYMENTS, MARKED_PAID, data)]
        }
        Kind::PaymentRejected
            if happening.actor.is_some() && happening.payment == Some(order.offline_payment()) =>
        {
            let data = marked_paid(order, happening.actor, happening.reason);
            vec![(PAYMENTS, MARKED_PAID, data)]
        }
        Kind::PaymentRejected => {
            let data = rejection(order.id, happening.payment, happening.reason);
            vec![(PAYMENTS, kind, data)]
        }
        Kind::Placed
        | Kind::Paid
        | Kind::Accepted
        | Kind::Preparing
        | Kind::Shipped
        | Kind::Delivered
        | Kind::Refunded
        | Kind::Disputed
        | Kind::DisputeClosed => vec![to_webhooks],
    }
}

fn told(order: &Order, reason: Option<&str>) -> Value {
    let parcel = order.shipment.as_ref().map(|shipment| &shipment.parcel);
    json!(Told {
        order_id: order.id,
        order_number: order.order_number,
        client_id: order.client_id,
        status: order.life.status(),
        fulfillment: order.fulfillment(),
        total: order.totals.gross,
        refunded: order.life.refunded,
        carrier: parcel.map(|parcel| parcel.carrier.as_str()),
        tracking_number: parcel.map(|parcel| parcel.tracking_number.as_str()),
        reason,
    })
}

/// What payments is told of money that came another way, so that it can be given back like any other; and why
/// it has to be, where the order could not take it.
fn marked_paid(order: &Order, actor: Option<UserId>, rejected: Option<&str>) -> Value {
    let lines = order.lines.iter().map(PayableLine::from);
    json!({
        "payment_id": order.offline_payment(),
        "order_id": order.id,
        "client_id": order.client_id,
        "total": order.totals.gross,
        "lines": lines.collect::<Vec<_>>(),
        "sales": order.sales,
        "actor_id": actor,
        "rejected": rejected,
    })
}

fn rejection(order: OrderId, payment: Option<PaymentId>, reason: Option<&str>) -> Value {
    json!({ "payment_id": payment, "order_id": order, "reason": reason })
}

/// Tells reports that this transaction has issued papers of the order.
pub async fn tell_papers(tx: &mut Tx, order: OrderId) -> db::Result<()> {
    let data = json!({ "order_id": order });
    let event = Event::new(PAPERS_ISSUED, order.as_uuid(), data);
    outbox::insert(tx, REPORTS, &event).await
}

/// Has the money of a payment go back whose order is gone: there is no history to note it in.
pub async fn reject_without_order(
    tx: &mut Tx,
    order: OrderId,
    payment: PaymentId,
    reason: &str,
) -> db::Result<()> {
    let data = rejection(order, Some(payment), Some(reason));
    let event = Event::new(Kind::PaymentRejected.as_str(), order.as_uuid(), data);
    outbox::insert(tx, PAYMENTS, &event).await
}
