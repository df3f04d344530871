//! Changing an account: its role and whether it is disabled by an admin, its names by its owner.

use cache::Cache;
use commerce::{Text, UserId};
use db::{Db, Tx};
use service::outbox::Outbox;
use service::{Context, Deed, IfMatch, Problem, Resource, clock};

use super::actor::Actor;
use super::tell_authority::{self, Change};
use crate::store::{sessions, users};
use crate::user::User;

/// What changes of accounts need.
#[derive(Clone)]
pub struct Accounts {
    pub db: Db,
    pub cache: Cache,
    pub outbox: Outbox,
}

impl Accounts {
    /// Changes an account in one transaction, if it is of a version that the client has seen and the actor is
    /// still who their token says. Both rows are locked in the order of their ids, so of two admins who disable
    /// each other at once, one finds that they are disabled. An actor is an admin afterwards too, so the shop
    /// always has one.
    pub async fn change_user(
        &self,
        context: &Context,
        actor: &Actor,
        id: UserId,
        if_match: &IfMatch,
        change: impl Fn(&mut User),
    ) -> Result<Resource<User>, Problem> {
        let changed = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = write(&mut tx, actor, id, if_match, &change).await;
            tx.finish(outcome).await
        })
        .await?;
        let Changed { user, is_news } = changed;
        if is_news {
            tell_authority::publish(context, &self.cache, &user).await;
            tell_authority::deliver(context, &self.outbox, &user).await;
        }
        Ok(Resource {
            version: user.version,
            body: user,
        })
    }
}

struct Changed {
    user: User,
    /// Whether the account may do something else than before.
    is_news: bool,
}

async fn write(
    tx: &mut Tx,
    actor: &Actor,
    id: UserId,
    if_match: &IfMatch,
    change: impl Fn(&mut User),
) -> Result<Changed, Problem> {
    let found = users::lock_both(tx, actor.id(), id).await?;
    let row = |id: UserId| found.iter().find(|user| user.id == id);
    actor.check(row(actor.id()))?;
    let before = row(id).ok_or_else(Problem::not_found)?;
    if_match.check(before.version)?;
    let mut user = before.clone();
    change(&mut user);
    user.version += 1;
    user.updated_at = clock::now();
    let is_news = user.role != before.role || user.disabled != before.disabled;
    if is_news {
        if actor.id() == id {
            return Err(own_account());
        }
        user.generation += 1;
        tell_authority::write(tx, &user, Change::Access).await?;
    }
    users::update(tx, &user).await?;
    let subject = user.path();
    let deed = Deed::changed("user.changed", &subject, before, &user);
    actor.author.record(tx, deed).await?;
    if is_news {
        sessions::end_all(tx, user.id, user.updated_at).await?;
    }
    Ok(Changed { user, is_news })
}

/// An admin who disables or demotes themselves may leave a shop that nobody can run.
pub fn own_account() -> Problem {
    Problem::conflict(
        "own-account",
        Text::new(
            "Un autre administrateur doit changer ce compte",
            "Another admin has to change this account",
        ),
    )
}
