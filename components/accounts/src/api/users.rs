//! People, as admins see and change them.

use axum::extract::State;
use commerce::{Text, UserId};
use db::Db;
use serde::Deserialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Admin, Author, Deed, IfMatch, JsonBody, List, Page, Path, Problem, Resource, Role, clock,
};
use utoipa::ToSchema;

use crate::store::{sessions, users};
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

/// Gives a role, or shuts an account: its sessions end at once, its access token within 15 minutes.
#[utoipa::path(patch, path = "/api/users/{id}", tag = "accounts", security(("bearer" = [])),
    request_body = ChangeUser, params(("id" = UserId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = User), Refusals))]
pub async fn change(
    Admin(caller): Admin,
    author: Author,
    Path(id): Path<UserId>,
    if_match: IfMatch,
    State(db): State<Db>,
    body: JsonBody<ChangeUser>,
) -> Result<Resource<User>, Problem> {
    let ChangeUser { role, disabled } = body.value;
    if caller.user == id {
        return Err(own_account());
    }
    change_user(&db, &author, id, &if_match, |user| {
        user.role = role.unwrap_or(user.role);
        user.disabled = disabled.unwrap_or(user.disabled);
        user.updated_at = clock::now();
    })
    .await
}

/// An admin who disables or demotes themselves may leave a shop that nobody can run.
fn own_account() -> Problem {
    Problem::conflict(
        "own-account",
        Text::new(
            "Un autre administrateur doit changer ce compte",
            "Another admin has to change this account",
        ),
    )
}

/// Changes a user in one transaction, if it is of a version that the client has seen.
pub async fn change_user(
    db: &Db,
    author: &Author,
    id: UserId,
    if_match: &IfMatch,
    change: impl Fn(&mut User),
) -> Result<Resource<User>, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let found = users::lock(&mut tx, id).await?;
            let mut user = found.ok_or_else(Problem::not_found)?;
            if_match.check(user.version)?;
            let before = user.clone();
            change(&mut user);
            user.version += 1;
            users::update(&mut tx, &user).await?;
            let subject = user.path();
            let deed = Deed::changed("user.changed", &subject, &before, &user);
            author.record(&mut tx, deed).await?;
            if user.disabled {
                sessions::end_all(&mut tx, user.id, user.updated_at).await?;
            }
            Ok(Resource {
                version: user.version,
                body: user,
            })
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}
