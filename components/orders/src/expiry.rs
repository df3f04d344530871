//! Unpaid orders past their time: each is closed with its reservation given back, so that none keeps
//! stock, whatever was interrupted before.

use db::Db;
use service::{Context, Problem, clock, idempotency};

use crate::catalog::Catalog;
use crate::changing;
use crate::order::Change;
use crate::store::orders;

/// How many orders one sweep closes at most.
const BATCH: usize = 20;

/// Closes orders that are due; how many. Sweeps of several instances take different orders.
pub async fn sweep(context: &Context, db: &Db, catalog: &Catalog) -> Result<usize, Problem> {
    idempotency::purge(db).await?;
    let mut closed = 0;
    // Most of the time there is none, which one read tells.
    if !orders::any_due(db, clock::now()).await? {
        return Ok(closed);
    }
    while closed < BATCH && close_next(context, db, catalog).await? {
        closed += 1;
    }
    Ok(closed)
}

/// Closes the order that has been due for longest; whether there was one.
async fn close_next(context: &Context, db: &Db, catalog: &Catalog) -> Result<bool, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let due = orders::lock_next_due(&mut tx, clock::now()).await?;
            let Some(mut order) = due else {
                return Ok(false);
            };
            changing::apply(context, catalog, &mut tx, &mut order, Change::Expire, None).await?;
            Ok(true)
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}
