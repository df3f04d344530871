//! What the orders service tells: an order has ended, and its stock goes back.

use commerce::OrderId;
use serde::Deserialize;
use service::outbox::Event;
use service::{Context, Problem};

use crate::reservation::ReservationError;
use crate::warehouse::Warehouse;

#[derive(Deserialize)]
struct Ended {
    order_id: OrderId,
    order_version: u32,
}

/// Takes one event; again, it changes nothing.
pub async fn follow(
    context: &Context,
    warehouse: &Warehouse,
    event: &Event,
) -> Result<(), Problem> {
    match event.kind.as_str() {
        "order.cancelled" | "order.expired" => {
            let ended: Ended = event.data()?;
            let (order, version) = (ended.order_id, ended.order_version);
            match warehouse.release(context, order, version).await {
                Ok(_) | Err(ReservationError::Unknown) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
        _ => Ok(()),
    }
}
