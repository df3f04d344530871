//! The use case of a delivery: one transaction with a number of statements that does not grow with its lines.

use commerce::{ItemId, RestockId};
use db::Tx;
use service::{Author, Context, Deed, clock};

use crate::changed;
use crate::restock::{Delivery, Restock, RestockError};
use crate::store::{items, movements, products, restocks, stock};
use crate::warehouse::Warehouse;

impl Warehouse {
    /// Takes a delivery, whole or not at all; the same one again is answered as the first was. Whether it is
    /// the first comes with it.
    pub async fn restock(
        &self,
        context: &Context,
        author: &Author,
        delivery: &Delivery,
    ) -> Result<(Restock, bool), RestockError> {
        if let Some(known) = self.find_restock(delivery).await? {
            return Ok((known, false));
        }
        let mut ids: Vec<ItemId> = delivery.ids().collect();
        ids.extend(products::ids_of_skus(self.db(), delivery.skus()).await?);
        ids.sort_unstable();
        ids.dedup();
        let taken = db::retry(|| async {
            let mut tx = self.db().begin().await?;
            let taken = take(&mut tx, author, delivery, &ids).await;
            tx.finish(taken).await
        })
        .await;
        self.shelf().forget(context, &ids).await;
        match taken {
            Ok(restock) => Ok((restock, true)),
            // Somebody else has told it at the same time.
            Err(RestockError::Database(db::Error::Duplicate { key })) => {
                let known = self.find_restock(delivery).await?;
                let duplicate = db::Error::Duplicate { key };
                Ok((known.ok_or(duplicate)?, false))
            }
            Err(error) => Err(error),
        }
    }

    async fn find_restock(&self, delivery: &Delivery) -> Result<Option<Restock>, RestockError> {
        let found = restocks::find(self.db(), delivery).await?;
        match found {
            Some((_, digest)) if digest != delivery.digest => Err(RestockError::ReferenceReused),
            found => Ok(found.map(|(restock, _)| restock)),
        }
    }
}

async fn take(
    tx: &mut Tx,
    author: &Author,
    delivery: &Delivery,
    ids: &[ItemId],
) -> Result<Restock, RestockError> {
    let now = clock::now();
    let mut restock = Restock {
        id: RestockId::from_uuid(service::fresh_uuid()),
        supplier_id: delivery.supplier_id,
        reference: delivery.reference.clone(),
        purchase_order_id: delivery.purchase_order_id,
        lines: Vec::new(),
        created_at: now,
    };
    restocks::insert(tx, &restock, delivery.digest).await?;
    let items = items::lock_many(tx, ids).await?;
    let (lines, shifts) = delivery.take(&items)?;
    restock.lines = lines;
    stock::shift(tx, &shifts).await?;
    changed::tell_shifted(tx, &shifts).await?;
    movements::insert_of_restock(tx, &shifts, &restock).await?;
    restocks::insert_lines(tx, &restock).await?;
    // It has no path: the supplier asks for it by its reference.
    let subject = format!("restock/{}", restock.id);
    let deed = Deed::created("restock.taken", &subject, &restock);
    author.record(tx, deed).await?;
    Ok(restock)
}
