//! The use cases of purchase orders: a step that somebody takes, and a delivery that is counted.

use commerce::{ItemId, PurchaseOrderId, UserId};
use db::{Db, Tx};
use serde_json::{Value, json};
use service::{Author, Deed, Problem, clock};

use crate::catalog::Restock;
use crate::purchase_order::{PurchaseOrder, Step};
use crate::store::purchase_orders;

/// Takes a step with an order that `supplier`, or else an admin, sees.
pub async fn step(
    db: &Db,
    author: &Author,
    supplier: Option<UserId>,
    id: PurchaseOrderId,
    step: &Step,
) -> Result<PurchaseOrder, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let taken = async {
            let mut order = lock(&mut tx, supplier, id).await?;
            let before = told(&order);
            if order.take(step, clock::now())? {
                purchase_orders::update(&mut tx, &order).await?;
                let subject = format!("purchase-order/{id}");
                let deed =
                    Deed::changed("purchase_order.changed", &subject, &before, &told(&order));
                author.record(&mut tx, deed).await?;
            }
            Ok::<_, Problem>(order)
        }
        .await;
        tx.finish(taken).await
    })
    .await
}

/// What a step changes.
fn told(order: &PurchaseOrder) -> Value {
    json!({
        "status": order.status.as_str(),
        "carrier": order.carrier,
        "tracking_number": order.tracking_number,
    })
}

/// Counts a delivery for an order; once, however often it is told.
pub async fn receive(
    db: &Db,
    supplier: UserId,
    id: PurchaseOrderId,
    restock: &Restock,
) -> Result<PurchaseOrder, Problem> {
    let delivered: Vec<(ItemId, i64)> = restock
        .lines
        .iter()
        .map(|line| (line.item_id, line.quantity))
        .collect();
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let received = async {
            let now = clock::now();
            let mut order = lock(&mut tx, Some(supplier), id).await?;
            let reference = &restock.reference;
            match purchase_orders::insert_receipt(&mut tx, id, restock.id, reference, now).await {
                Err(db::Error::Duplicate { .. }) => return Ok(order),
                inserted => inserted?,
            }
            order.receive(&delivered, now);
            purchase_orders::update(&mut tx, &order).await?;
            Ok::<_, Problem>(order)
        }
        .await;
        tx.finish(received).await
    })
    .await
}

async fn lock(
    tx: &mut Tx,
    supplier: Option<UserId>,
    id: PurchaseOrderId,
) -> Result<PurchaseOrder, Problem> {
    let found = purchase_orders::lock(tx, supplier, id).await?;
    found.ok_or_else(Problem::not_found)
}
