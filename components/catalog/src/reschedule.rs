//! Moving the end of a reservation: an order that is paid by transfer, or by a slow provider, waits longer than
//! one that is paid by card.

use commerce::{OrderId, Timestamp};
use service::clock;

use crate::reservation::ReservationError;
use crate::store::reservations;
use crate::warehouse::Warehouse;

impl Warehouse {
    /// Has what an order holds last until then. What has ended stays so, and what is sold stays sold.
    pub async fn reschedule(
        &self,
        order: OrderId,
        order_version: u32,
        end: Timestamp,
    ) -> Result<(), ReservationError> {
        db::retry(|| async {
            let now = clock::now();
            let mut tx = self.db().begin().await?;
            let outcome = async {
                let found = reservations::lock(&mut tx, order).await?;
                let mut reservation = found.ok_or(ReservationError::Unknown)?;
                if reservation.reschedule(end, order_version, now)? {
                    reservations::update(&mut tx, &reservation, now).await?;
                }
                Ok(())
            }
            .await;
            tx.finish(outcome).await
        })
        .await
    }
}
