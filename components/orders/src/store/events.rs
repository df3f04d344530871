//! The table `order_events`: what happened, written by the transaction in which it happened.

use commerce::UserId;
use db::{Tx, params};

use crate::order::{Order, Status};

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

    fn as_str(self) -> &'static str {
        match self {
            Kind::Placed => "order.placed",
            Kind::Paid => "order.paid",
            Kind::Cancelled => "order.cancelled",
            Kind::Expired => "order.expired",
        }
    }
}

/// Notes what a person, or time (no actor), did to the order.
pub async fn insert(
    tx: &mut Tx,
    order: &Order,
    kind: Kind,
    actor: Option<UserId>,
) -> db::Result<()> {
    const INSERT: &str = "insert into order_events (id, order_id, kind, actor_id, created_at) \
         values (?, ?, ?, ?, ?)";
    let id = service::fresh_uuid().into_bytes();
    let params = params![id, order.id, kind.as_str(), actor, order.updated_at];
    tx.execute(INSERT, &params).await
}
