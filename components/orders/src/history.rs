//! What happens to an order: noted in its history, and told to other services, by the transaction in which
//! it happens.

use commerce::{EventId, Money, OrderId, UserId};
use db::Tx;
use serde::Serialize;
use serde_json::{Value, json};
use service::outbox::{self, Event};

use crate::order::{Order, Status};
use crate::store::events;

/// The services that are told, as the outbox calls them.
const PAYMENTS: &str = "payments";
const WEBHOOKS: &str = "webhooks";

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Placed,
    Paid,
    Cancelled,
    Expired,
}

impl Kind {
    /// What bringing an order to this status is called.
    pub fn of(status: Status) -> Self {
        match status {
            Status::AwaitingPayment => Kind::Placed,
            Status::Paid => Kind::Paid,
            Status::Cancelled => Kind::Cancelled,
            Status::Expired => Kind::Expired,
        }
    }

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Placed => "order.placed",
            Kind::Paid => "order.paid",
            Kind::Cancelled => "order.cancelled",
            Kind::Expired => "order.expired",
        }
    }
}

/// What webhooks are told of an order.
#[derive(Serialize)]
struct Told<'a> {
    order_id: OrderId,
    order_number: u64,
    client_id: UserId,
    status: Status,
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// Notes what a person, or time (no actor), did to the order, and tells whom it concerns.
pub async fn record(
    tx: &mut Tx,
    order: &Order,
    kind: Kind,
    actor: Option<UserId>,
) -> db::Result<()> {
    let id = EventId::from_uuid(service::fresh_uuid());
    events::insert(tx, id, order, kind, actor).await?;
    let told = Told {
        order_id: order.id,
        order_number: order.order_number,
        client_id: order.client_id,
        status: order.status,
        total: order.totals.gross,
        reason: None,
    };
    tell(tx, WEBHOOKS, id, order, kind, json!(told)).await?;
    if matches!(kind, Kind::Cancelled | Kind::Expired) {
        let data = json!({ "order_id": order.id });
        tell(tx, PAYMENTS, id, order, kind, data).await?;
    }
    Ok(())
}

async fn tell(
    tx: &mut Tx,
    consumer: &str,
    id: EventId,
    order: &Order,
    kind: Kind,
    data: Value,
) -> db::Result<()> {
    let event = Event {
        id,
        kind: kind.as_str().to_owned(),
        aggregate_id: order.id.as_uuid(),
        occurred_at: order.updated_at,
        data,
    };
    outbox::insert(tx, consumer, &event).await
}
