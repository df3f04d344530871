//! The table `order_refunds`: the refunds that an order has counted.

use commerce::{Money, OrderId, RefundId, Timestamp};
use db::{Tx, params};

/// Whether the refund was counted before.
pub async fn exists(tx: &mut Tx, id: RefundId) -> db::Result<bool> {
    const SELECT: &str = "select refund_id from order_refunds where refund_id = ?";
    Ok(tx.query_one(SELECT, &params![id]).await?.is_some())
}

/// Notes that the refund is counted.
pub async fn insert(
    tx: &mut Tx,
    id: RefundId,
    order: OrderId,
    amount: Money,
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str =
        "insert into order_refunds (refund_id, order_id, amount, created_at) values (?, ?, ?, ?)";
    let params = params![id, order, amount.amount(), now];
    tx.execute(INSERT, &params).await
}
