//! Removing what is kept no longer, in batches.

use db::{Db, params};

use super::{Done, Pace, Turn};

/// Runs `delete` for as long as `find` finds a row; both take the instant before which rows are old. The statement
/// that deletes names an order and a limit: without the order, a server may read the whole table to find what
/// the index names.
pub async fn purge(
    turn: &Turn,
    db: &Db,
    find: &str,
    delete: &str,
    before: i64,
) -> db::Result<Done> {
    let mut done = Done::default();
    let mut pace = Pace::beside_customers();
    while db.query_one(find, &params![before]).await?.is_some() {
        let deleted = db::retry(|| async {
            let mut tx = db.begin().await?;
            let deleted = async {
                tx.execute(delete, &params![before]).await?;
                tx.affected().await
            }
            .await;
            tx.finish(deleted).await
        })
        .await?;
        done.did += u64::try_from(deleted).unwrap_or_default();
        if !pace.rest(turn).await {
            done.left = 1;
            break;
        }
    }
    Ok(done)
}
