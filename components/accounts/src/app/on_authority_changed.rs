//! What accounts tells itself: Redis has to know what an account may do, even if the process that changed it died
//! before it could say so.

use cache::Cache;
use service::Problem;
use service::authority::{self, AUTHORITY_CHANGED, AuthorityChanged};
use service::outbox::Event;

/// Handles one event; again, it changes nothing.
pub async fn on_authority_changed(cache: &Cache, event: &Event) -> Result<(), Problem> {
    if event.kind != AUTHORITY_CHANGED {
        return Ok(());
    }
    let changed: AuthorityChanged = event.data()?;
    let generation = changed.authority.generation;
    Ok(authority::publish(cache, changed.user_id, generation).await?)
}
