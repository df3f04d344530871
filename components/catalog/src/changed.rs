//! Telling reports which items have changed, their stock included: only which ones. What they are like by then,
//! reports asks by [`card`](crate::card), so that an order's event is one row however many lines it has.

use commerce::ItemId;
use db::Tx;
use serde_json::json;
use service::outbox::{self, Event};

use crate::stock::Shift;

/// The service that is told, as the outbox calls it.
const REPORTS: &str = "reports";
const ITEMS_CHANGED: &str = "items.changed";

/// Tells that this transaction has changed these items.
pub async fn tell(tx: &mut Tx, ids: Vec<ItemId>) -> db::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    // Reports asks what they are like by then: the order of these events says nothing.
    let event = Event::in_any_order(ITEMS_CHANGED, json!({ "item_ids": ids }));
    outbox::insert(tx, REPORTS, &event).await
}

/// The same of items whose stock it has moved.
pub async fn tell_shifted(tx: &mut Tx, shifts: &[Shift]) -> db::Result<()> {
    tell(tx, shifts.iter().map(|shift| shift.item_id).collect()).await
}
