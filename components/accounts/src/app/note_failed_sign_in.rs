//! Failed sign-ins in the audit log: the first, the tenth, the hundredth and so on of an hour, by account and
//! network, so that nobody can fill the log. Of an address that has no account nothing is kept, and of a network
//! only its wide one.

use cache::Cache;
use db::Db;
use serde_json::{Value, json};
use service::{Author, ClientAddress, Context, Deed, Problem, audit};

use super::actor::Actor;
use super::change_user::Accounts;
use crate::store::failures;
use crate::user::User;

/// Notes that somebody did not get in, to the account that they named if there is one. What goes wrong here keeps
/// nobody from their answer.
pub async fn note_failed_sign_in(
    context: &Context,
    db: &Db,
    cache: &Cache,
    user: Option<&User>,
    address: ClientAddress,
) {
    let subject = user.map_or_else(|| "/api/auth/login".to_owned(), User::path);
    let what = ("user.sign_in_failed", subject.as_str());
    note(context, (db, cache), None, what, address).await;
}

impl Accounts {
    /// Notes that somebody who is signed in does not know their password.
    pub async fn note_wrong_password(
        &self,
        context: &Context,
        actor: &Actor,
        address: ClientAddress,
    ) {
        let subject = format!("/api/users/{}", actor.id());
        let what = ("user.password_refused", subject.as_str());
        let author = Some(&actor.author);
        note(context, (&self.db, &self.cache), author, what, address).await;
    }
}

async fn note(
    context: &Context,
    (db, cache): (&Db, &Cache),
    author: Option<&Author>,
    (action, subject): (&str, &str),
    address: ClientAddress,
) {
    let network = address.wide_network();
    let noted: Result<(), Problem> = async {
        let Some(attempts) = failures::count(cache, subject, &network).await? else {
            return Ok(());
        };
        let after = json!({ "attempts": attempts, "network": network });
        let mut tx = db.begin().await?;
        let deed = Deed::changed(action, subject, &Value::Null, &after);
        let recorded = match author {
            Some(author) => author.record(&mut tx, deed).await,
            None => audit::record_of_nobody(&mut tx, context, deed).await,
        };
        Ok(tx.finish(recorded).await?)
    }
    .await;
    if let Err(problem) = noted {
        service::warn(
            context,
            "a failed sign-in is not in the audit log",
            &problem,
        );
    }
}
