//! Unpaid orders past their time: each is closed with its reservation given back, so that none keeps
//! stock, whatever was interrupted before.

use service::{Context, Problem, clock, idempotency};

use crate::changing::{self, Act};
use crate::desk::Desk;
use crate::life::Change;
use crate::store::orders;

/// How many orders one sweep closes at most.
const BATCH: usize = 20;

/// Closes orders that are due; how many. Sweeps of several instances take different orders.
pub async fn sweep(context: &Context, desk: &Desk) -> Result<usize, Problem> {
    idempotency::purge(&desk.db).await?;
    let mut closed = 0;
    // Most of the time there is none, which one read tells.
    if !orders::any_due(&desk.db, clock::now()).await? {
        return Ok(closed);
    }
    while closed < BATCH && close_next(context, desk).await? {
        closed += 1;
    }
    Ok(closed)
}

/// Closes the order that has been due for longest; whether there was one.
async fn close_next(context: &Context, desk: &Desk) -> Result<bool, Problem> {
    db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let due = orders::lock_next_due(&mut tx, clock::now()).await?;
            let Some(mut order) = due else {
                return Ok(false);
            };
            let expire = Act::by_service(Change::Expire);
            changing::apply(context, desk, &mut tx, &mut order, &expire).await?;
            Ok(true)
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}
