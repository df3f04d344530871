//! Who is signed in, as handlers ask for them.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use commerce::UserId;
use http::StatusCode;
use http::request::Parts;

use super::{Role, Tokens, Verified, presence};
use crate::context::Context;
use crate::problem::Problem;

/// Who is signed in. In a request that changes something they are still who their token says
/// ([`crate::authority`]); for one that reads, the token is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    pub role: Role,
}

/// The e-mail address of the caller's account, when their token was given.
#[derive(Clone, Debug)]
pub struct AccountEmail(pub Arc<str>);

/// The generation of the caller's account, when their token was given: for accounts, which knows the present one.
#[derive(Clone, Copy, Debug)]
pub struct TokenGeneration(pub u64);

/// What the request's token says, once its bearer is found to be who it says.
async fn verify<S>(parts: &mut Parts, state: &S) -> Result<Option<Verified>, Problem>
where
    Tokens: FromRef<S>,
{
    let verified = Tokens::from_ref(state).verify_bearer(&parts.headers)?;
    if let Some(verified) = &verified {
        presence::check(parts, verified).await?;
    }
    Ok(verified)
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Tokens: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let verified = verify(parts, state).await?;
        let verified = verified.ok_or_else(Problem::unauthenticated)?;
        Ok(verified.caller)
    }
}

/// Nobody where there is no token. What anybody may read is read with a token that is not good as it is without
/// one, and the answer says so in `WWW-Authenticate`; what such a token would write is refused.
impl<S> OptionalFromRequestParts<S> for Caller
where
    S: Send + Sync,
    Tokens: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        match verify(parts, state).await {
            Ok(verified) => Ok(verified.map(|verified| verified.caller)),
            Err(problem)
                if parts.method.is_safe() && problem.status() == StatusCode::UNAUTHORIZED =>
            {
                if let Some(context) = parts.extensions.get::<Context>() {
                    context.note_refused_token();
                }
                Ok(None)
            }
            Err(problem) => Err(problem),
        }
    }
}

macro_rules! parts_of_a_token {
    ($($name:ident: |$verified:ident| $part:expr;)+) => {$(
        impl<S> FromRequestParts<S> for $name
        where
            S: Send + Sync,
            Tokens: FromRef<S>,
        {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                let $verified = verify(parts, state).await?.ok_or_else(Problem::unauthenticated)?;
                Ok($part)
            }
        }
    )+};
}

parts_of_a_token! {
    AccountEmail: |verified| verified.email;
    TokenGeneration: |verified| Self(verified.generation);
}

macro_rules! callers_in_role {
    ($($(#[$doc:meta])* $name:ident: $($role:path)|+;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub Caller);

        impl<S> FromRequestParts<S> for $name
        where
            S: Send + Sync,
            Tokens: FromRef<S>,
        {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
                match caller.role {
                    $($role)|+ => Ok(Self(caller)),
                    _ => Err(Problem::forbidden()),
                }
            }
        }
    )+};
}

callers_in_role! {
    /// Someone who buys.
    Client: Role::Client;
    /// Someone who sells, or an admin in their place.
    Seller: Role::Seller | Role::Admin;
    /// Someone who runs the shop.
    Admin: Role::Admin;
    /// Someone who delivers, or an admin in their place.
    Supplier: Role::Supplier | Role::Admin;
}
