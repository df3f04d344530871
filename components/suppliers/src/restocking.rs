//! The use case of a delivery. The catalogue decides and remembers it; the purchase order that it is for
//! follows. Where the second half is lost, the same delivery told again makes up for it.

use db::Db;
use service::{Author, Context, Problem};

use crate::catalog::{Catalog, Delivery, Restock};
use crate::ordering;
use crate::purchase_order::PurchaseOrder;
use crate::store::purchase_orders;

/// A delivery that was taken, and the purchase order that it is for.
pub struct Told {
    pub restock: Restock,
    pub is_first: bool,
    pub order: Option<PurchaseOrder>,
}

pub async fn restock(
    db: &Db,
    catalog: &Catalog,
    context: &Context,
    author: &Author,
    delivery: &Delivery,
) -> Result<Told, Problem> {
    let supplier = delivery.supplier_id;
    if let Some(id) = delivery.purchase_order_id {
        let order = purchase_orders::find(db, Some(supplier), id).await?;
        order.ok_or_else(Problem::not_found)?.check_receivable()?;
    }
    let (restock, is_first) = catalog.restock(context, author, delivery).await?;
    let order = match delivery.purchase_order_id {
        Some(id) => Some(ordering::receive(db, supplier, id, &restock).await?),
        None => None,
    };
    Ok(Told {
        restock,
        is_first,
        order,
    })
}
