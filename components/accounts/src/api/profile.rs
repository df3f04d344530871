//! What signed-in people see and change of themselves.

use axum::extract::State;
use cache::Cache;
use commerce::{BoundedText, UserId};
use db::Db;
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::{Context, IfMatch, Invalid, Json, JsonBody, Problem, Resource, Role};
use utoipa::ToSchema;

use crate::app::actor::Actor;
use crate::app::change_user::Accounts;
use crate::app::tell_authority;
use crate::name::Name;
use crate::store::users;
use crate::user::User;

/// Who a token belongs to.
#[derive(Serialize, ToSchema)]
pub struct TokenOwner {
    user_id: UserId,
    first_name: String,
    last_name: String,
    role: Role,
}

/// Says whose token it is; 401 if it is not good, or its account is not what it says any more.
#[utoipa::path(get, path = "/api/auth/validate-token", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = TokenOwner), Refusals))]
pub async fn validate_token(
    actor: Actor,
    context: Context,
    State(db): State<Db>,
    State(cache): State<Cache>,
) -> Result<Json<TokenOwner>, Problem> {
    let user = find(&db, &actor).await?;
    tell_authority::publish(&context, &cache, &user).await;
    Ok(Json(TokenOwner {
        user_id: user.id,
        first_name: user.first_name,
        last_name: user.last_name,
        role: user.role,
    }))
}

/// The caller's own account.
#[utoipa::path(get, path = "/api/auth/profile", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = User), Refusals))]
pub async fn show(actor: Actor, State(db): State<Db>) -> Result<Resource<User>, Problem> {
    let user = find(&db, &actor).await?;
    Ok(Resource {
        version: user.version,
        body: user,
    })
}

/// A token whose owner is gone, disabled, or not what it says any more is not good.
async fn find(db: &Db, actor: &Actor) -> Result<User, Problem> {
    let found = users::find(db, actor.id()).await?;
    actor.check(found.as_ref())?;
    found.ok_or_else(Problem::invalid_token)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProfile {
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"\S")]
    first_name: Option<BoundedText<100>>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"\S")]
    last_name: Option<BoundedText<100>>,
}

/// Changes what is given and leaves the rest.
#[utoipa::path(patch, path = "/api/auth/profile", tag = "accounts", security(("bearer" = [])),
    request_body = ChangeProfile, params(("If-Match" = String, Header)),
    responses((status = 200, body = User), Refusals))]
pub async fn change(
    actor: Actor,
    if_match: IfMatch,
    context: Context,
    State(accounts): State<Accounts>,
    body: JsonBody<ChangeProfile>,
) -> Result<Resource<User>, Problem> {
    let mut invalid = Invalid::new();
    let mut check = |pointer: &str, name: Option<BoundedText<100>>| {
        name.and_then(|name| invalid.check(pointer, Name::parse(&name)))
    };
    let first_name = check("/first_name", body.value.first_name);
    let last_name = check("/last_name", body.value.last_name);
    invalid.finish()?;
    let change = |user: &mut User| {
        if let Some(name) = &first_name {
            user.first_name = name.as_str().to_owned();
        }
        if let Some(name) = &last_name {
            user.last_name = name.as_str().to_owned();
        }
    };
    let id = actor.id();
    accounts
        .change_user(&context, &actor, id, &if_match, change)
        .await
}
