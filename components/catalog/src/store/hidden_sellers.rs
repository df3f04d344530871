//! The table `hidden_sellers`: whose products nobody sees nor buys.

use commerce::UserId;
use db::{Tx, params};

/// Notes whether a seller is hidden since this generation of their account; what an older one says is no news.
pub async fn note(tx: &mut Tx, seller: UserId, generation: u64, hidden: bool) -> db::Result<()> {
    const NOTE: &str = "insert into hidden_sellers (seller_id, generation, hidden) values (?, ?, ?) \
         on duplicate key update hidden = case when generation < ? then ? else hidden end, \
         generation = greatest(generation, ?)";
    let params = params![seller, generation, hidden, generation, hidden, generation];
    tx.execute(NOTE, &params).await
}
