//! What the catalogue tells: stock runs low. The item goes onto its supplier's draft, up to its maximum.

use commerce::{EventId, ItemId, PurchaseOrderId, UserId};
use db::{Db, Tx};
use serde::Deserialize;
use service::outbox::Event;
use service::{Problem, clock};

use crate::purchase_order::Line;
use crate::store::purchase_orders;

/// The catalogue's `stock.low`.
#[derive(Debug, Deserialize)]
struct LowStock {
    item_id: ItemId,
    name: String,
    sku: Option<String>,
    supplier_id: Option<UserId>,
    on_hand: i64,
    stock_maximum: Option<i64>,
}

impl LowStock {
    /// Who is asked for how much. Without a supplier or a maximum there is nothing to ask for.
    fn wish(&self) -> Option<(UserId, Line)> {
        let quantity = self.stock_maximum?.saturating_sub(self.on_hand);
        let line = Line {
            item_id: self.item_id,
            name: self.name.clone(),
            sku: self.sku.clone(),
            quantity,
            received: 0,
        };
        (quantity > 0).then_some((self.supplier_id?, line))
    }
}

/// Takes one event; again, it changes nothing.
pub async fn follow(db: &Db, event: &Event) -> Result<(), Problem> {
    if event.kind != "stock.low" {
        return Ok(());
    }
    let low: LowStock = event.data()?;
    let Some((supplier, line)) = low.wish() else {
        return Ok(());
    };
    let drafted = db::retry(|| async {
        let mut tx = db.begin().await?;
        let drafted = draft(&mut tx, supplier, &line, event.id).await;
        tx.finish(drafted).await
    })
    .await;
    match drafted {
        // Somebody else has ordered it at the same time. Where it was the supplier's draft that they have
        // begun, the event comes again.
        Err(error) if purchase_orders::is_ordered(&error) => Ok(()),
        drafted => Ok(drafted?),
    }
}

async fn draft(tx: &mut Tx, supplier: UserId, line: &Line, event: EventId) -> db::Result<()> {
    if purchase_orders::is_on_order(tx, line, event).await? {
        return Ok(());
    }
    let draft = match purchase_orders::lock_draft(tx, supplier).await? {
        Some(id) => id,
        None => {
            let id = PurchaseOrderId::from_uuid(service::fresh_uuid());
            purchase_orders::insert_draft(tx, id, supplier, clock::now()).await?;
            id
        }
    };
    purchase_orders::insert_line(tx, draft, line, event).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn low(supplier: Option<u8>, maximum: Option<i64>) -> LowStock {
        LowStock {
            item_id: ItemId::from_bytes([1; 16]),
            name: "Stylo".into(),
            sku: Some("STYLO".into()),
            supplier_id: supplier.map(|byte| UserId::from_bytes([byte; 16])),
            on_hand: 3,
            stock_maximum: maximum,
        }
    }

    #[test]
    fn an_item_is_ordered_up_to_its_maximum() {
        let (supplier, line) = low(Some(2), Some(20)).wish().unwrap();
        assert_eq!(supplier, UserId::from_bytes([2; 16]));
        assert_eq!(line.quantity, 17);
    }

    #[test]
    fn without_a_supplier_or_room_nothing_is_ordered() {
        for (supplier, maximum) in [(None, Some(20)), (Some(2), None), (Some(2), Some(3))] {
            assert!(low(supplier, maximum).wish().is_none());
        }
    }
}
