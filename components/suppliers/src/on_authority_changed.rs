//! What accounts tells: an account is disabled, or in another role. It is no supplier then, and its keys end.

use db::Db;
use service::authority::{AUTHORITY_CHANGED, AuthorityChanged};
use service::outbox::Event;
use service::{Problem, Role, clock};

use crate::store::keys;

/// Handles one event; again, it changes nothing.
pub async fn on_authority_changed(db: &Db, event: &Event) -> Result<(), Problem> {
    if event.kind != AUTHORITY_CHANGED {
        return Ok(());
    }
    let AuthorityChanged { user_id, authority } = event.data()?;
    if authority.is_good_for(Role::Supplier) {
        return Ok(());
    }
    let ended = db::retry(|| async {
        let mut tx = db.begin().await?;
        let ended = keys::end_all(&mut tx, user_id, authority.generation, clock::now()).await;
        tx.finish(ended).await
    });
    ended.await.map_err(|error: db::Error| error.into())
}
