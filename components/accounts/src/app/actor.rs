//! Who acts on accounts, and whether they are still who their token says: read from their own row, in the
//! transaction of what they do.

use commerce::UserId;
use service::{Author, Problem};

use crate::user::User;

/// Somebody with an access token.
#[derive(Clone, Debug)]
pub struct Actor {
    pub author: Author,
    /// Of the account, when the token was given.
    pub generation: u64,
}

impl Actor {
    pub fn id(&self) -> UserId {
        self.author.user
    }

    /// Refuses the token if its account, which the transaction has locked, is not what the token says any more.
    pub fn check(&self, row: Option<&User>) -> Result<(), Problem> {
        let caller = self.author.caller();
        let is_present = row.is_some_and(|user| {
            user.id == caller.user
                && user.role == caller.role
                && user.generation == self.generation
                && !user.disabled
        });
        is_present.then_some(()).ok_or_else(Problem::invalid_token)
    }
}
