//! People, as admins see and change them.

use axum::extract::State;
use commerce::{BoundedText, Email, Text, UserId};
use db::Db;
use serde::Deserialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Admin, Context, IfMatch, Invalid, JsonBody, List, Page, Path, Problem, Query, Resource, Role,
};
use utoipa::ToSchema;

use crate::app::actor::Actor;
use crate::app::change_user::{Accounts, own_account};
use crate::store::user_list::{self, Filter};
use crate::store::users;
use crate::user::User;

/// Who is listed.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The one with this address.
    #[param(value_type = Option<String>, format = "idn-email", max_length = 254)]
    email: Option<BoundedText<254>>,
    /// Those in this role.
    role: Option<Role>,
    /// Those whose address, first or last name begins so. Where more than 1,000 do in one of these, the first 1,000 in
    /// its order are looked at: a longer text finds the others.
    #[param(value_type = Option<String>, min_length = 2, max_length = 100)]
    q: Option<BoundedText<100>>,
}

/// Everybody, from the newest.
#[utoipa::path(get, path = "/api/users", tag = "accounts", security(("bearer" = [])),
    params(PageQuery, Wanted), responses((status = 200, body = ListBody<User>), Refusals))]
pub async fn list(
    _: Admin,
    page: Page<UserId>,
    Query(wanted): Query<Wanted>,
    State(db): State<Db>,
) -> Result<List<User>, Problem> {
    let filter = parse(wanted)?;
    let found = user_list::list(&db, &filter, page.after, page.rows()).await?;
    Ok(page.list(found, |user| user.id))
}

fn parse(wanted: Wanted) -> Result<Filter, Problem> {
    let mut invalid = Invalid::new();
    let email = wanted
        .email
        .and_then(|email| invalid.check_parameter("email", Email::parse(&email)));
    let beginning = wanted.q.map(|text| text.trim().to_owned());
    if beginning
        .as_ref()
        .is_some_and(|text| text.chars().count() < 2)
    {
        let text = Text::new("Au moins deux caractères", "At least two characters");
        invalid.refuse_parameter("q", text);
    }
    invalid.finish()?;
    Ok(Filter {
        email: email.map(|email| email.as_str().to_owned()),
        role: wanted.role,
        beginning,
    })
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

/// Gives a role, or disables or enables an account. Sessions of the account end, and access tokens that it was given
/// before are refused (401). Keys of a supplier's machines end with the role, and products of whoever may not sell any
/// more are hidden.
#[utoipa::path(patch, path = "/api/users/{id}", tag = "accounts", security(("bearer" = [])),
    request_body = ChangeUser, params(("id" = UserId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = User),
        (status = 409, description = "`own-account`: admins do not change their own role or disable their own account"),
        Refusals))]
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
