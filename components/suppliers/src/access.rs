//! Who asks, and what they may: an account in the role `supplier` or `admin` with its access token, or a
//! supplier's machine with its key.

use axum::extract::{FromRef, FromRequestParts};
use commerce::{ApiKeyId, UserId};
use db::Db;
use http::request::Parts;
use service::auth::bearer;
use service::handler::Reads;
use service::{Author, Caller, Context, Problem, Role, Supplier, clock};

use crate::app::App;
use crate::key::{Scope, Secret};
use crate::store::keys;

/// Who asks, with what they may do.
#[derive(Clone, Debug)]
pub struct Access {
    pub party: Party,
    caller: Caller,
    /// The key, if it is a machine's.
    key: Option<ApiKeyId>,
    scopes: Vec<Scope>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Someone who runs the shop, and sees every supplier's.
    Admin,
    /// A supplier, or its machine.
    Supplier(UserId),
}

impl Access {
    /// The supplier whose things alone are seen; none for an admin, who sees all.
    pub fn only(&self) -> Option<UserId> {
        match self.party {
            Party::Admin => None,
            Party::Supplier(supplier) => Some(supplier),
        }
    }

    /// Whose points its requests cost: each key has its own.
    pub fn purse(&self) -> String {
        match self.key {
            Some(key) => format!("key:{key}"),
            None => format!("user:{}", self.caller.user),
        }
    }

    /// Whether a key asks, and not a person.
    pub fn is_machine(&self) -> bool {
        self.key.is_some()
    }

    /// Whether it is asked for less than the key may.
    pub fn check(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) {
            Ok(())
        } else {
            Err(Problem::forbidden().detail(
                format!("Cette clé n’a pas le droit « {} »", scope.as_str()),
                format!("This key has not the scope `{}`", scope.as_str()),
            ))
        }
    }

    /// The supplier who acts, with this scope.
    pub fn supplier(&self, scope: Scope) -> Result<UserId, Problem> {
        self.check(scope)?;
        self.only().ok_or_else(Problem::forbidden)
    }

    /// Refuses whoever does not run the shop.
    pub fn admin(&self) -> Result<(), Problem> {
        match self.party {
            Party::Admin => Ok(()),
            Party::Supplier(_) => Err(Problem::forbidden()),
        }
    }

    /// In whose name they write.
    pub fn author(&self, context: &Context) -> Author {
        Author::new(self.caller, self.key, context)
    }

    fn of_caller(caller: Caller) -> Self {
        let party = match caller.role {
            Role::Admin => Party::Admin,
            _ => Party::Supplier(caller.user),
        };
        Self {
            party,
            caller,
            key: None,
            scopes: Scope::ALL.into(),
        }
    }
}

impl Reads for Access {}

impl FromRequestParts<App> for Access {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let secret = bearer(&parts.headers)?.and_then(Secret::parse);
        match secret {
            Some(secret) => {
                let Ok(context) = Context::from_request_parts(parts, app).await;
                of_key(&context, &Db::from_ref(app), &secret).await
            }
            None => {
                let Supplier(caller) = Supplier::from_request_parts(parts, app).await?;
                Ok(Self::of_caller(caller))
            }
        }
    }
}

/// One statement, and a second one once a minute. A key that is revoked is refused from the next request on.
async fn of_key(context: &Context, db: &Db, secret: &Secret) -> Result<Access, Problem> {
    let now = clock::now();
    let found = keys::find_by_digest(db, secret.digest()).await?;
    let key = found
        .filter(|key| key.is_good(now))
        .ok_or_else(Problem::invalid_token)?;
    if key.use_is_news(now)
        && let Err(error) = keys::note_use(db, key.id, now).await
    {
        service::warn(context, "the use of a key is not noted", &error);
    }
    Ok(Access {
        party: Party::Supplier(key.supplier_id),
        caller: Caller {
            user: key.supplier_id,
            role: Role::Supplier,
        },
        key: Some(key.id),
        scopes: key.scopes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(party: Party, scopes: &[Scope]) -> Access {
        let caller = Caller {
            user: UserId::from_bytes([1; 16]),
            role: Role::Supplier,
        };
        Access {
            party,
            caller,
            key: None,
            scopes: scopes.to_vec(),
        }
    }

    #[test]
    fn a_key_does_what_its_scopes_say() {
        let supplier = UserId::from_bytes([1; 16]);
        let reader = access(Party::Supplier(supplier), &[Scope::Read]);
        assert!(reader.check(Scope::Read).is_ok());
        assert_eq!(
            reader.supplier(Scope::Restock).unwrap_err().code(),
            "forbidden"
        );
        let restocker = access(Party::Supplier(supplier), &[Scope::Restock]);
        assert_eq!(restocker.supplier(Scope::Restock).unwrap(), supplier);
    }

    #[test]
    fn an_admin_sees_all_and_delivers_nothing() {
        let admin = access(Party::Admin, &Scope::ALL);
        assert_eq!(admin.only(), None);
        assert!(admin.admin().is_ok());
        assert!(admin.supplier(Scope::Restock).is_err());
        let supplier = Party::Supplier(UserId::from_bytes([1; 16]));
        assert!(access(supplier, &Scope::ALL).admin().is_err());
    }
}
