//! Events, as the outboxes of orders and the catalogue tell them: which orders have new papers and which items
//! have changed. What is counted is what their owners say of them now, so an event that comes late, twice or in
//! another order counts the same.

use std::collections::BTreeSet;

use commerce::{ItemId, OrderId};
use serde::Deserialize;
use service::outbox::{Event, Taken};
use service::{Context, Problem};

use crate::building::Builder;
use crate::store::writing;

#[derive(Deserialize)]
struct PapersIssued {
    order_id: OrderId,
}

#[derive(Deserialize)]
struct ItemsChanged {
    item_ids: BTreeSet<ItemId>,
}

/// So many items are enough for one batch, whose sender waits.
const ENOUGH: usize = 2000;

/// What a batch of events is about.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changed {
    orders: BTreeSet<OrderId>,
    items: BTreeSet<ItemId>,
}

/// Counts a batch, whole or not at all; but for what comes after enough items, which is sent again, and for
/// events that cannot be read.
pub async fn take(
    context: &Context,
    builder: &Builder,
    events: Vec<Event>,
) -> Result<Taken, Problem> {
    let mut changed = Changed::default();
    let mut answer = Taken::default();
    for event in events {
        if changed.items.len() >= ENOUGH {
            break;
        }
        match changed.add(&event) {
            Ok(()) => drop(answer.taken.insert(event.id)),
            Err(problem) => {
                service::warn(context, "an event was not taken", &problem);
                answer.refuse(event.id, &problem);
            }
        }
    }
    let (orders, items): (Vec<_>, Vec<_>) = (
        changed.orders.into_iter().collect(),
        changed.items.into_iter().collect(),
    );
    let papers = builder.orders.papers_of(context, &orders).await?;
    let cards = builder.catalog.cards(context, &items).await?;
    writing::apply(&builder.cache, &papers, &cards).await?;
    Ok(answer)
}

impl Changed {
    /// An event of another kind says nothing here.
    fn add(&mut self, event: &Event) -> Result<(), Problem> {
        match event.kind.as_str() {
            "papers.issued" => {
                self.orders.insert(event.data::<PapersIssued>()?.order_id);
            }
            "items.changed" => self.items.extend(event.data::<ItemsChanged>()?.item_ids),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use commerce::Timestamp;
    use serde_json::json;
    use uuid::Uuid;

    fn event(kind: &str, data: serde_json::Value) -> Event {
        Event {
            id: commerce::EventId::from_uuid(Uuid::nil()),
            kind: kind.to_owned(),
            aggregate_id: Uuid::nil(),
            occurred_at: Timestamp::from_unix_ms(0),
            data,
        }
    }

    #[test]
    fn what_changed_twice_is_asked_for_once() {
        let (order, item) = (OrderId::from_bytes([1; 16]), ItemId::from_bytes([2; 16]));
        let events = [
            event("items.changed", json!({ "item_ids": [item, item] })),
            event("papers.issued", json!({ "order_id": order })),
            event("items.changed", json!({ "item_ids": [item] })),
            event("papers.issued", json!({ "order_id": order })),
            event("order.placed", json!({})),
        ];
        let mut changed = Changed::default();
        for event in &events {
            changed.add(event).unwrap();
        }
        assert_eq!(changed.orders, BTreeSet::from([order]));
        assert_eq!(changed.items, BTreeSet::from([item]));
    }

    #[test]
    fn an_event_that_does_not_say_what_changed_is_a_mistake() {
        let silent = event("papers.issued", json!({}));
        assert!(Changed::default().add(&silent).is_err());
    }
}
