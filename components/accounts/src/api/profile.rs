//! What signed-in people see and change of themselves.

use axum::extract::State;
use commerce::{BoundedText, UserId};
use db::Db;
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::{Author, Caller, IfMatch, Invalid, Json, JsonBody, Problem, Resource, Role, clock};
use utoipa::ToSchema;

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

/// Says whose token it is; 401 if it is not good.
#[utoipa::path(get, path = "/api/auth/validate-token", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = TokenOwner), Refusals))]
pub async fn validate_token(
    caller: Caller,
    State(db): State<Db>,
) -> Result<Json<TokenOwner>, Problem> {
    let user = find(&db, caller).await?;
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
pub async fn show(caller: Caller, State(db): State<Db>) -> Result<Resource<User>, Problem> {
    let user = find(&db, caller).await?;
    Ok(Resource {
        version: user.version,
        body: user,
    })
}

/// A token whose owner is gone or disabled is not good any more.
async fn find(db: &Db, caller: Caller) -> Result<User, Problem> {
    users::find(db, caller.user)
        .await?
        .filter(|user| !user.disabled)
        .ok_or_else(Problem::invalid_token)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProfile {
    #[schema(value_type = Option<String>, max_length = 100)]
    first_name: Option<BoundedText<100>>,
    #[schema(value_type = Option<String>, max_length = 100)]
    last_name: Option<BoundedText<100>>,
}

/// Changes what is given and leaves the rest.
#[utoipa::path(patch, path = "/api/auth/profile", tag = "accounts", security(("bearer" = [])),
    request_body = ChangeProfile, params(("If-Match" = String, Header)),
    responses((status = 200, body = User), Refusals))]
pub async fn change(
    caller: Caller,
    author: Author,
    if_match: IfMatch,
    State(db): State<Db>,
    body: JsonBody<ChangeProfile>,
) -> Result<Resource<User>, Problem> {
    let mut invalid = Invalid::new();
    let mut check = |pointer: &str, name: Option<BoundedText<100>>| {
        name.and_then(|name| invalid.check(pointer, Name::parse(&name)))
    };
    let first_name = check("/first_name", body.value.first_name);
    let last_name = check("/last_name", body.value.last_name);
    invalid.finish()?;
    super::users::change_user(&db, &author, caller.user, &if_match, |user| {
        if let Some(name) = &first_name {
            user.first_name = name.as_str().to_owned();
        }
        if let Some(name) = &last_name {
            user.last_name = name.as_str().to_owned();
        }
        user.updated_at = clock::now();
    })
    .await
}
