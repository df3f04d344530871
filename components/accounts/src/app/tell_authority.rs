//! News of what an account may do: to Redis, for every request with a token, and to the services that keep
//! something of the account.

use cache::Cache;
use db::Tx;
use serde_json::json;
use service::Context;
use service::authority::{self, AUTHORITY_CHANGED, AuthorityChanged};
use service::outbox::{self, Event, Outbox};

use crate::user::User;

/// Accounts itself: what Redis is told after the transaction may be lost.
const ACCOUNTS: &str = "accounts";
/// Who hides the products of a seller who may not sell.
const CATALOG: &str = "catalog";
/// Who ends the keys of a supplier's machines.
const SUPPLIERS: &str = "suppliers";

/// Who has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Role or access: everybody who keeps something of the account.
    Access,
    /// The password: only whoever looks at tokens.
    Password,
}

/// Writes the event, in the transaction of the change.
pub async fn write(tx: &mut Tx, user: &User, change: Change) -> db::Result<()> {
    let told = AuthorityChanged {
        user_id: user.id,
        authority: user.authority(),
    };
    let event = Event::new(AUTHORITY_CHANGED, user.id.as_uuid(), json!(told));
    let consumers: &[&str] = match change {
        Change::Access => &[ACCOUNTS, CATALOG, SUPPLIERS],
        Change::Password => &[ACCOUNTS],
    };
    for consumer in consumers {
        outbox::insert(tx, consumer, &event).await?;
    }
    Ok(())
}

/// Has keys end and products be hidden before whoever changed the account is answered: they look for them next.
pub async fn deliver(context: &Context, outbox: &Outbox, user: &User) {
    for consumer in [CATALOG, SUPPLIERS] {
        outbox
            .deliver_now(context, consumer, user.id.as_uuid())
            .await;
    }
}

/// Tells Redis once the change is made. Where that fails, the event does it.
pub async fn publish(context: &Context, cache: &Cache, user: &User) {
    if let Err(error) = authority::publish(cache, user.id, user.generation).await {
        service::warn(
            context,
            "Redis is told later what an account may do",
            &error,
        );
    }
}
