//! Reservations past their time are ended: many in one transaction, by one worker of the shop, that rests between
//! two batches so that customers have the database. What they hold counts as free before that.

use std::time::Duration;

use service::{Done, Job, Pace, Problem, Turn, clock};

use crate::store::reservations;
use crate::warehouse::Warehouse;

/// How many reservations one transaction ends: whoever orders one of their items waits for it.
const BATCH: usize = 100;

/// The job that ends them.
pub fn job(warehouse: &Warehouse) -> Job {
    let warehouse = warehouse.clone();
    Job::new("expire_reservations", Duration::from_secs(1), move |turn| {
        let warehouse = warehouse.clone();
        async move { expire(&turn, &warehouse).await }
    })
}

async fn expire(turn: &Turn, warehouse: &Warehouse) -> Result<Done, Problem> {
    let mut ended = 0;
    let mut pace = Pace::beside_customers();
    loop {
        // Read without a lock: whoever locks the oldest of an index queues up with everybody who adds to it.
        let due = reservations::list_due(warehouse.db(), clock::now(), BATCH).await?;
        let batch = warehouse.expire(&due).await?;
        ended += batch;
        // The others are locked by somebody who sells or frees them at this moment.
        if batch == 0 || due.len() < BATCH {
            return Ok(Done::all(ended));
        }
        if !pace.rest(turn).await {
            return Ok(Done::with_left(ended, BATCH));
        }
    }
}
