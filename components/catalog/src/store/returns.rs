//! The table `stock_returns`, and what it leaves on the lines of a sale.

use commerce::{OrderId, RefundId, Timestamp};
use db::{Tx, params};
use serde_json::json;

use super::items::hex;
use super::json_rows;
use crate::reservation::Wanted;

/// Claims the return; [`db::Error::Duplicate`] if it was made before.
pub async fn insert(
    tx: &mut Tx,
    refund: RefundId,
    order: OrderId,
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str =
        "insert into stock_returns (refund_id, order_id, created_at) values (?, ?, ?)";
    tx.execute(INSERT, &params![refund, order, now]).await
}

/// Notes on the lines of a sale how much of them came back.
pub async fn count(tx: &mut Tx, order: OrderId, lines: &[Wanted]) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (item char(32) path '$.item', \
         quantity bigint path '$.quantity')) b \
         straight_join reservation_lines l force index (reservation_lines_item) on l.order_id = ? and l.item_id = unhex(b.item) set l.returned = l.returned + b.quantity";
    let rows = lines
        .iter()
        .map(|line| json!({"item": hex(line.item_id), "quantity": line.quantity}));
    tx.execute(UPDATE, &params![json_rows(rows), order]).await
}
