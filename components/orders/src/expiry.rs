//! Unpaid orders past their time: each is closed with its reservation given back, so that none keeps
//! stock, whatever was interrupted before.

use commerce::OrderId;
use db::Db;
use service::{Context, Problem, clock, idempotency};

use crate::catalog::Catalog;
use crate::changing;
use crate::order::Change;
use crate::store::orders;

/// How many orders one sweep closes at most.
const BATCH: i64 = 50;

/// Closes orders that are due. How many were closed; one that cannot be closed now waits for the next
/// sweep and keeps no other from it.
pub async fn sweep(context: &Context, db: &Db, catalog: &Catalog) -> Result<usize, Problem> {
    let due: Vec<OrderId> = orders::list_due(db, clock::now(), BATCH).await?;
    let mut closed = 0;
    for id in due {
        match changing::change(context, db, catalog, id, Change::Expire, None, |_| Ok(())).await {
            Ok(_) => closed += 1,
            Err(problem) => service::warn(context, "an order past its time stays open", &problem),
        }
    }
    remove_old_answers(db).await?;
    Ok(closed)
}

async fn remove_old_answers(db: &Db) -> Result<(), db::Error> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let purged = idempotency::purge(&mut tx).await;
        tx.finish(purged).await
    })
    .await
}

/// Sweeps after an answer, when only the log can be told of a failure.
pub async fn sweep_quietly(context: Context, db: Db, catalog: Catalog) {
    if let Err(problem) = sweep(&context, &db, &catalog).await {
        service::warn(
            &context,
            "orders past their time were not looked for",
            &problem,
        );
    }
}
