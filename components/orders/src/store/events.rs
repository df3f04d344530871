//! The table `order_events`: what happened, written by the transaction in which it happened.

use commerce::{EventId, UserId};
use db::{Tx, params};

use crate::history::Kind;
use crate::order::Order;

/// Notes what a person, or time (no actor), did to the order.
pub async fn insert(
    tx: &mut Tx,
    id: EventId,
    order: &Order,
    kind: Kind,
    actor: Option<UserId>,
) -> db::Result<()> {
    const INSERT: &str = "insert into order_events (id, order_id, kind, actor_id, created_at) \
         values (?, ?, ?, ?, ?)";
    let params = params![id, order.id, kind.as_str(), actor, order.updated_at];
    tx.execute(INSERT, &params).await
}
