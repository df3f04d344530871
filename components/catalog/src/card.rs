//! An item as a stock-taker's card has it, deleted or not: what reports are made of.

use commerce::{ItemId, Price, UserId};
use serde::Serialize;

/// The state of an item after its `revision`th change.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    pub id: ItemId,
    pub revision: u64,
    pub deleted: bool,
    pub seller_id: UserId,
    pub supplier_id: Option<UserId>,
    pub sku: Option<String>,
    pub name: String,
    pub price: Price,
    pub on_hand: i64,
    pub reserved: i64,
    pub stock_minimum: i64,
    pub stock_maximum: Option<i64>,
}
