//! A new password: it ends every session and every access token that was given before.

use commerce::{Text, UserId};
use db::Tx;
use service::{Context, Deed, Invalid, Problem, clock};

use super::actor::Actor;
use super::change_user::Accounts;
use super::tell_authority::{self, Change};
use crate::password::{self, NewPassword};
use crate::store::{sessions, users};
use crate::user::User;

/// What is wanted: both as they were sent.
pub struct Passwords {
    pub current: String,
    pub new: String,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The current one is another; the new one may be bad too.
    #[error("that is not the current password")]
    Wrong(Problem),
    /// The current one is right, and the new one cannot be one.
    #[error("the new password is none")]
    Unfit(Problem),
    #[error("the password was not changed")]
    Refused(#[from] Problem),
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong(problem)
            | PasswordError::Unfit(problem)
            | PasswordError::Refused(problem) => problem,
        }
    }
}

impl From<db::Error> for PasswordError {
    fn from(error: db::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl Accounts {
    /// The passwords are hashed before the account is locked, and compared with what the lock finds.
    pub async fn change_password(
        &self,
        context: &Context,
        actor: &Actor,
        passwords: &Passwords,
    ) -> Result<(), PasswordError> {
        let found = users::find_credentials_of(&self.db, actor.id()).await?;
        actor.check(found.as_ref().map(|found| &found.user))?;
        let current_hash = found.map(|found| found.password_hash);
        let mut invalid = Invalid::new();
        let new = invalid.check("/new_password", NewPassword::parse(&passwords.new));
        if !password::is_right(&passwords.current, current_hash.as_deref()) {
            invalid.refuse("/current_password", not_current());
            return Err(PasswordError::Wrong(invalid.into()));
        }
        let (Some(new), Some(current_hash)) = (new, current_hash) else {
            return Err(PasswordError::Unfit(invalid.into()));
        };
        let hash = new.hash().map_err(Problem::internal)?;
        let changed = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = write(&mut tx, actor, &current_hash, &hash).await;
            tx.finish(outcome).await
        })
        .await?;
        tell_authority::publish(context, &self.cache, &changed).await;
        Ok(())
    }
}

async fn write(
    tx: &mut Tx,
    actor: &Actor,
    current_hash: &str,
    hash: &str,
) -> Result<User, PasswordError> {
    let mut user = lock(tx, actor, actor.id()).await?;
    // Somebody may have changed it while this one was hashed.
    if users::password_hash(tx, user.id).await?.as_deref() != Some(current_hash) {
        let mut invalid = Invalid::new();
        invalid.refuse("/current_password", not_current());
        return Err(PasswordError::Wrong(invalid.into()));
    }
    user.generation += 1;
    users::update_password(tx, &user, hash).await?;
    sessions::end_all(tx, user.id, clock::now()).await?;
    tell_authority::write(tx, &user, Change::Password).await?;
    let subject = user.path();
    let deed = Deed::done("user.password_changed", &subject);
    actor.author.record(tx, deed).await?;
    Ok(user)
}

async fn lock(tx: &mut Tx, actor: &Actor, id: UserId) -> Result<User, PasswordError> {
    let found = users::lock(tx, id).await?;
    actor.check(found.as_ref())?;
    Ok(found.ok_or_else(Problem::not_found)?)
}

fn not_current() -> Text {
    Text::new(
        "Ce n’est pas le mot de passe actuel",
        "Not the current password",
    )
}
