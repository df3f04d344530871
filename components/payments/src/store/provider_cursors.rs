//! The table `provider_cursors`: up to when the provider's own lists were looked through.

use commerce::Timestamp;
use db::{Db, params};

/// What is listed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    Refunds,
    Disputes,
}

impl Listed {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Listed::Refunds => "refunds",
            Listed::Disputes => "disputes",
        }
    }
}

pub async fn find(db: &Db, listed: Listed) -> db::Result<Timestamp> {
    const SELECT: &str = "select seen_until from provider_cursors where kind = ?";
    let row = db.query_one(SELECT, &params![listed.as_str()]).await?;
    row.map_or(Ok(Timestamp::from_unix_ms(0)), |mut row| row.next())
}

/// Moves it on; it never goes back.
pub async fn move_to(db: &Db, listed: Listed, until: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update provider_cursors set seen_until = ? \
         where kind = ? and seen_until < ?";
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let params = params![until, listed.as_str(), until];
        let moved = tx.execute(UPDATE, &params).await;
        tx.finish(moved).await
    })
    .await
}
