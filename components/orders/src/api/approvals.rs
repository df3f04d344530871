//! What sellers have proposed, and what admins make of it.

use axum::extract::State;
use commerce::Text;
use db::Db;
use http::StatusCode;
use serde::Deserialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Admin, Author, Deed, IfMatch, List, Page, Path, Problem, Query, Resource, Seller, clock,
};

use super::merchants::{MerchantBody, accept, body, lock, may_change, path, resource};
use crate::merchant::MerchantId;
use crate::store::merchants;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only those of which something waits for an admin.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    waiting: bool,
}

/// List merchants, from the first who was registered.
#[utoipa::path(get, path = "/api/merchants", tag = "merchants", security(("bearer" = [])),
    params(PageQuery, Wanted), responses((status = 200, body = ListBody<MerchantBody>), Refusals))]
pub async fn list(
    _: Admin,
    page: Page<u64>,
    Query(wanted): Query<Wanted>,
    State(db): State<Db>,
) -> Result<List<MerchantBody>, Problem> {
    let found = merchants::list_registrations(&db, wanted.waiting, page.after, page.rows()).await?;
    let list = page.list(found, |registration| registration.number);
    Ok(list.filter_map(body))
}

/// Approve what a seller has proposed: from now on they sell in their own name, as it says.
#[utoipa::path(post, path = "/api/merchants/{id}/approve", tag = "merchants",
    security(("bearer" = [])),
    params(("id" = MerchantId, Path),
        ("If-Match" = String, Header, description = "What was read before it is approved")),
    responses((status = 200, body = MerchantBody),
        (status = 409, description = "`nothing-proposed`: no change waits for an approval; `prefix-taken`: another merchant numbers documents with this prefix"),
        Refusals))]
pub async fn approve(
    _: Admin,
    author: Author,
    Path(id): Path<MerchantId>,
    if_match: IfMatch,
    State(db): State<Db>,
) -> Result<Resource<MerchantBody>, Problem> {
    let approved = db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let mut registration = lock(&mut tx, id).await?;
            if_match.check(registration.version)?;
            let identity = registration.proposal.take().ok_or_else(nothing_proposed)?;
            let before = registration.approved.clone();
            accept(&mut tx, &mut registration, identity.clone()).await?;
            registration.changed(clock::now());
            merchants::update(&mut tx, &registration).await?;
            let path = path(id);
            let deed = Deed::changed("merchant.approved", &path, &before, &identity);
            author.record(&mut tx, deed).await?;
            Ok::<_, Problem>(registration)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    resource(approved)
}

/// Take back, or refuse, what a seller has proposed. The identity that counts stays.
#[utoipa::path(delete, path = "/api/merchants/{id}/proposal", tag = "merchants",
    security(("bearer" = [])),
    params(("id" = MerchantId, Path),
        ("If-Match" = String, Header)),
    responses((status = 204, description = "Nothing is proposed any more"),
        (status = 409, description = "`nothing-proposed`: no change waits for an approval"),
        Refusals))]
pub async fn withdraw(
    Seller(caller): Seller,
    author: Author,
    Path(id): Path<MerchantId>,
    if_match: IfMatch,
    State(db): State<Db>,
) -> Result<StatusCode, Problem> {
    may_change(id, caller)?;
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let mut registration = lock(&mut tx, id).await?;
            if_match.check(registration.version)?;
            let identity = registration.proposal.take().ok_or_else(nothing_proposed)?;
            match registration.approved {
                Some(_) => {
                    registration.changed(clock::now());
                    merchants::update(&mut tx, &registration).await?;
                }
                None => merchants::delete(&mut tx, id).await?,
            }
            let path = path(id);
            let deed = Deed::removed("merchant.proposal_removed", &path, &identity);
            Ok::<_, Problem>(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn nothing_proposed() -> Problem {
    Problem::conflict(
        "nothing-proposed",
        Text::new(
            "Rien n’attend d’être approuvé",
            "Nothing waits for approval",
        ),
    )
}
