//! Unpaid orders past their time are closed: many in one transaction, by one worker of the shop, that rests between
//! two batches so that customers have the database. Their stock is free as soon as their time is over: the
//! catalogue sees to that by itself.

use std::time::Duration;

use commerce::{OrderId, Timestamp};
use service::{Context, Done, Job, Pace, Problem, Turn, clock};

use crate::desk::Desk;
use crate::history;
use crate::life::{Change, Stage, Step};
use crate::order::Order;
use crate::store::{discounts, orders};

/// How many orders one transaction closes.
const BATCH: usize = 250;

/// The job that closes them.
pub fn job(desk: &Desk) -> Job {
    let desk = desk.clone();
    Job::new("expire_orders", Duration::from_secs(1), move |turn| {
        let desk = desk.clone();
        async move { expire(&turn, &desk).await }
    })
}

async fn expire(turn: &Turn, desk: &Desk) -> Result<Done, Problem> {
    let mut closed = 0;
    let mut pace = Pace::beside_customers();
    loop {
        // Read without a lock: whoever locks the oldest of an index queues up with everybody who adds to it.
        let due = orders::list_due(&desk.db, clock::now(), BATCH).await?;
        let batch = db::retry(|| close(&turn.context, desk, &due)).await?;
        closed += batch;
        // The others are locked by somebody who pays or cancels them at this moment.
        if batch == 0 || due.len() < BATCH {
            return Ok(Done::all(closed));
        }
        if !pace.rest(turn).await {
            return Ok(Done::with_left(closed, BATCH));
        }
    }
}

/// Closes those of the orders that nobody else has locked; how many.
async fn close(context: &Context, desk: &Desk, due: &[OrderId]) -> Result<usize, Problem> {
    if due.is_empty() {
        return Ok(0);
    }
    let mut tx = desk.db.begin().await?;
    let outcome = async {
        let now = clock::now();
        let mut closed = Vec::with_capacity(due.len());
        for found in orders::lock_due(&mut tx, due, now).await? {
            match found {
                Ok(order) => closed.extend(close_one(order, now)),
                Err(error) => {
                    service::warn(context, "an order cannot be read to be closed", &error)
                }
            }
        }
        let ids: Vec<OrderId> = closed.iter().map(|order| order.id).collect();
        orders::update_closed(&mut tx, &ids, Stage::Expired, now).await?;
        let with_code = closed.iter().filter(|order| !order.used_codes().is_empty());
        let with_code: Vec<OrderId> = with_code.map(|order| order.id).collect();
        discounts::give_uses_back(&mut tx, &with_code).await?;
        history::record_expired(&mut tx, &closed).await?;
        Ok(closed.len())
    }
    .await;
    tx.finish(outcome).await
}

/// The order after its end; nothing if it cannot end so.
fn close_one(mut order: Order, now: Timestamp) -> Option<Order> {
    match order.life.step(&Change::Expire) {
        Step::To(next) => {
            order.enter(next, &Change::Expire, now);
            Some(order)
        }
        Step::Already | Step::Illegal => None,
    }
}
