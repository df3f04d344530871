//! What accounts tells: an account is disabled or enabled, or in another role. Products of whoever may not sell are
//! hidden, and shown again when they may.

use service::authority::{AUTHORITY_CHANGED, AuthorityChanged};
use service::outbox::Event;
use service::{Context, Problem};

use crate::store::{hidden_sellers, items};
use crate::warehouse::Warehouse;

/// Handles one event; again, it changes nothing. Whether a product is hidden is kept with the product, so the
/// products that were read lately are forgotten, each time.
pub async fn on_authority_changed(
    context: &Context,
    warehouse: &Warehouse,
    event: &Event,
) -> Result<(), Problem> {
    if event.kind != AUTHORITY_CHANGED {
        return Ok(());
    }
    let AuthorityChanged { user_id, authority } = event.data()?;
    let hidden = !(authority.enabled && authority.role.may_sell());
    let db = warehouse.db();
    let noted = db::retry(|| async {
        let mut tx = db.begin().await?;
        let generation = authority.generation;
        let noted = hidden_sellers::note(&mut tx, user_id, generation, hidden).await;
        tx.finish(noted).await
    });
    noted
        .await
        .map_err(|error: db::Error| Problem::from(error))?;
    let ids = items::list_ids_of_seller(db, user_id).await?;
    warehouse.shelf().forget(context, &ids).await;
    Ok(())
}
