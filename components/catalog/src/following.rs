//! What the orders service tells: an order has ended, and its stock goes back.

use std::collections::HashMap;

use commerce::OrderId;
use serde::Deserialize;
use service::outbox::Event;
use service::{Context, Problem};

use crate::reservation::{ReservationError, State};
use crate::store::reservations;
use crate::warehouse::Warehouse;

#[derive(Deserialize)]
struct Ended {
    order_id: OrderId,
    order_version: u32,
}

/// Orders that have expired together.
#[derive(Deserialize)]
struct AllEnded {
    orders: Vec<Ended>,
}

/// Takes one event; again, it changes nothing.
pub async fn follow(
    context: &Context,
    warehouse: &Warehouse,
    event: &Event,
) -> Result<(), Problem> {
    match event.kind.as_str() {
        "order.cancelled" | "order.expired" => release(context, warehouse, &event.data()?).await,
        "orders.expired" => {
            let ended: AllEnded = event.data()?;
            release_all(context, warehouse, &ended.orders).await
        }
        _ => Ok(()),
    }
}

async fn release(context: &Context, warehouse: &Warehouse, ended: &Ended) -> Result<(), Problem> {
    let (order, version) = (ended.order_id, ended.order_version);
    match warehouse.release(context, order, version).await {
        Ok(_) | Err(ReservationError::Unknown) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Most of them have ended by themselves, or do now. What is left was sold by a request that the order never
/// heard the answer of, or is held a moment longer by another clock.
async fn release_all(
    context: &Context,
    warehouse: &Warehouse,
    ended: &[Ended],
) -> Result<(), Problem> {
    let orders: Vec<OrderId> = ended.iter().map(|one| one.order_id).collect();
    warehouse.expire(&orders).await?;
    let states: HashMap<OrderId, State> = reservations::list_states(warehouse.db(), &orders)
        .await?
        .into_iter()
        .collect();
    let is_left = |one: &&Ended| {
        let state = states.get(&one.order_id);
        matches!(state, Some(State::Held | State::Committed))
    };
    for one in ended.iter().filter(is_left) {
        release(context, warehouse, one).await?;
    }
    Ok(())
}
