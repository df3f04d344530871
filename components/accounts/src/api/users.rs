//! People, as admins see and change them.

use axum::extract::State;
use commerce::UserId;
use db::Db;
use serde::Deserialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{Admin, Context, IfMatch, JsonBody, List, Page, Path, Problem, Resource, Role};
use utoipa::ToSchema;

use crate::app::actor::Actor;
use crate::app::change_user::{Accounts, own_account};
use crate::store::users;
use crate::user::User;

/// Everybody, from the newest.
#[utoipa::path(get, path = "/api/users", tag = "accounts", security(("bearer" = [])),
    params(PageQuery), responses((status = 200, body = ListBody<User>), Refusals))]
pub async fn list(
    _: Admin,
    page: Page<UserId>,
    State(db): State<Db>,
) -> Result<List<User>, Problem> {
    let found = users::list(&db, page.after, page.rows()).await?;
    Ok(page.list(found, |user| user.id))
}

/// One account.
#[utoipa::path(get, path = "/api/users/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = UserId, Path)), responses((status = 200, body = User), Refusals))]
pub async fn show(
    _: Admin,
    Path(id): Path<UserId>,
    State(db): State<Db>,
) -> Result<Resource<User>, Problem> {
    let user = users::find(&db, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Resource {
        version: user.version,
        body: user,
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUser {
    role: Option<Role>,
    disabled: Option<bool>,
}

/// Gives a role, or disables an account. Sessions of a disabled account end at once; access tokens that were given
/// before write nothing from now on, the keys of a supplier's machines end, and products of whoever may not sell
/// are hidden.
#[utoipa::path(patch, path = "/api/users/{id}", tag = "accounts", security(("bearer" = [])),
    request_body = ChangeUser, params(("id" = UserId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = User), Refusals))]
pub async fn change(
    _: Admin,
    actor: Actor,
    Path(id): Path<UserId>,
    if_match: IfMatch,
    context: Context,
    State(accounts): State<Accounts>,
    body: JsonBody<ChangeUser>,
) -> Result<Resource<User>, Problem> {
    let ChangeUser { role, disabled } = body.value;
    if actor.id() == id {
        return Err(own_account());
    }
    let change = |user: &mut User| {
        user.role = role.unwrap_or(user.role);
        user.disabled = disabled.unwrap_or(user.disabled);
    };
    accounts
        .change_user(&context, &actor, id, &if_match, change)
        .await
}
