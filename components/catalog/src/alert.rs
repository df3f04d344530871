//! Telling that little is left of an item: once each time that its stock falls below the minimum. Merchants
//! are told by webhooks; suppliers, of what they deliver.

use commerce::{ItemId, UserId};
use db::Tx;
use serde::Serialize;
use serde_json::json;
use service::outbox::{self, Event};

use crate::stock::Shift;
use crate::store::stock;

/// The services that are told, as the outbox calls them.
const WEBHOOKS: &str = "webhooks";
const SUPPLIERS: &str = "suppliers";
const STOCK_LOW: &str = "stock.low";

/// An item of which fewer pieces are left than its seller wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LowStock {
    pub item_id: ItemId,
    pub name: String,
    pub sku: Option<String>,
    pub seller_id: UserId,
    pub supplier_id: Option<UserId>,
    pub on_hand: i64,
    pub stock_minimum: i64,
    pub stock_maximum: Option<i64>,
}

/// Tells of the items that these shifts, made in this transaction, have brought below their minimum.
pub async fn tell_low(tx: &mut Tx, shifts: &[Shift]) -> db::Result<()> {
    if shifts.iter().all(|shift| shift.on_hand >= 0) {
        return Ok(());
    }
    let low = stock::fallen_below_minimum(tx, shifts).await?;
    let events: Vec<Event> = low.iter().map(event).collect();
    outbox::insert_all(tx, WEBHOOKS, &events).await?;
    let delivered = low.iter().zip(events);
    let delivered = delivered.filter(|(low, _)| low.supplier_id.is_some());
    let events: Vec<Event> = delivered.map(|(_, event)| event).collect();
    outbox::insert_all(tx, SUPPLIERS, &events).await
}

fn event(low: &LowStock) -> Event {
    Event::new(STOCK_LOW, low.item_id.as_uuid(), json!(low))
}
