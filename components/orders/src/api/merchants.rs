//! Who sells: the shop (an admin says who it is) and sellers with an identity of their own.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::{Text, Timestamp};
use db::{Db, Tx};
use http::StatusCode;
use serde::Serialize;
use service::openapi::Refusals;
use service::{
    Author, Caller, Deed, IfMatch, Invalid, JsonBody, Path, Problem, Resource, Role, Seller, clock,
};
use utoipa::ToSchema;

use crate::merchant::{Identity, IdentityInput, Merchant, MerchantId};
use crate::series::SeriesKind;
use crate::store::{merchants, orders, series};

/// A merchant: who papers say that sells.
#[derive(Serialize, ToSchema)]
#[schema(as = Merchant)]
pub struct MerchantBody {
    #[schema(value_type = String, example = "shop")]
    id: MerchantId,
    #[serde(flatten)]
    identity: Identity,
    /// Where the logo is, if there is one.
    #[schema(example = "/api/merchants/shop/logo")]
    logo: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Merchant> for Resource<MerchantBody> {
    fn from(merchant: Merchant) -> Self {
        let id = merchant.id;
        Resource {
            version: merchant.version,
            body: MerchantBody {
                id,
                identity: merchant.identity,
                logo: merchant.logo.map(|_| format!("/api/merchants/{id}/logo")),
                created_at: merchant.created_at,
                updated_at: merchant.updated_at,
            },
        }
    }
}

/// Who the merchant is: `shop`, or a seller by id.
#[utoipa::path(get, path = "/api/merchants/{id}", tag = "merchants", security(("bearer" = [])),
    params(("id" = String, Path, example = "shop")), responses((status = 200, body = MerchantBody), Refusals))]
pub async fn show(
    Seller(caller): Seller,
    Path(id): Path<MerchantId>,
    State(db): State<Db>,
) -> Result<Resource<MerchantBody>, Problem> {
    may_read(id, caller)?;
    let found = merchants::find(&db, id).await?;
    Ok(found.ok_or_else(Problem::not_found)?.into())
}

/// A seller sells in the name of the shop, and so may read who that is.
fn may_read(id: MerchantId, caller: Caller) -> Result<(), Problem> {
    match id {
        MerchantId::Shop => Ok(()),
        MerchantId::Seller(_) => may_change(id, caller),
    }
}

/// Admins, and sellers themselves.
pub fn may_change(id: MerchantId, caller: Caller) -> Result<(), Problem> {
    match (caller.role, id) {
        (Role::Admin, _) => Ok(()),
        (_, MerchantId::Seller(seller)) if seller == caller.user => Ok(()),
        (_, MerchantId::Shop) => Err(Problem::forbidden()),
        (_, MerchantId::Seller(_)) => Err(Problem::not_found()),
    }
}

/// Says who the merchant is: new ones (201), or, with `If-Match`, another identity of a known one. Papers
/// that were issued stay as they are.
#[utoipa::path(put, path = "/api/merchants/{id}", tag = "merchants", security(("bearer" = [])),
    request_body = IdentityInput,
    params(("id" = String, Path, example = "shop"), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = MerchantBody), (status = 201, body = MerchantBody), Refusals))]
pub async fn put(
    Seller(caller): Seller,
    author: Author,
    Path(id): Path<MerchantId>,
    if_match: Option<IfMatch>,
    State(db): State<Db>,
    body: JsonBody<IdentityInput>,
) -> Result<Response, Problem> {
    may_change(id, caller)?;
    let mut invalid = Invalid::new();
    let identity = body.value.parse(&mut invalid);
    invalid.finish()?;
    let identity = identity.ok_or_else(Problem::unprocessable)?;
    let (merchant, is_new) =
        db::retry(|| write(&db, &author, id, &identity, if_match.as_ref())).await?;
    let resource = Resource::from(merchant);
    Ok(match is_new {
        true => resource.created(&path(id)),
        false => resource.into_response(),
    })
}

pub fn path(id: MerchantId) -> String {
    format!("/api/merchants/{id}")
}

async fn write(
    db: &Db,
    author: &Author,
    id: MerchantId,
    identity: &Identity,
    if_match: Option<&IfMatch>,
) -> Result<(Merchant, bool), Problem> {
    let now = clock::now();
    let mut tx = db.begin().await?;
    let outcome = async {
        let known = merchants::lock(&mut tx, id).await?;
        let is_new = known.is_none();
        let before = known.as_ref().map(|merchant| merchant.identity.clone());
        let merchant = match known {
            Some(mut merchant) => {
                let if_match = if_match.ok_or_else(Problem::precondition_required)?;
                if_match.check(merchant.version)?;
                merchant.identity = identity.clone();
                merchant.changed(now);
                merchants::update(&mut tx, &merchant).await?;
                merchant
            }
            None => {
                if let Some(if_match) = if_match {
                    if_match.check_absent()?;
                }
                let merchant = Merchant::new(id, identity.clone(), now);
                merchants::insert(&mut tx, &merchant).await?;
                merchant
            }
        };
        if let Some(kind) = series::claim(&mut tx, &merchant).await? {
            return Err(prefix_taken(kind));
        }
        let path = path(id);
        let deed = Deed::changed("merchant.changed", &path, &before, identity);
        author.record(&mut tx, deed).await?;
        Ok((merchant, is_new))
    }
    .await;
    tx.finish(outcome).await
}

fn prefix_taken(kind: SeriesKind) -> Problem {
    let field = match kind {
        SeriesKind::Invoice => "invoice_prefix",
        SeriesKind::CreditNote => "credit_note_prefix",
    };
    Problem::conflict(
        "prefix-taken",
        Text::new(
            "Ce préfixe est celui d’une autre série",
            "This prefix is that of another series",
        ),
    )
    .with("field", field)
}

/// Removes a seller's own identity, if nothing was sold and no discount code was given out in its name: they
/// sell in the name of the shop again.
#[utoipa::path(delete, path = "/api/merchants/{id}", tag = "merchants", security(("bearer" = [])),
    params(("id" = String, Path, example = "shop"), ("If-Match" = String, Header)),
    responses((status = 204, description = "The identity is gone"), Refusals))]
pub async fn delete(
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
            let merchant = lock(&mut tx, id).await?;
            if_match.check(merchant.version)?;
            let sold = match id {
                MerchantId::Shop => true,
                MerchantId::Seller(seller) => {
                    orders::any_since(&mut tx, seller, merchant.created_at).await?
                }
            };
            if sold {
                return Err(needed());
            }
            merchants::delete(&mut tx, id)
                .await
                .map_err(|error| match error {
                    // It has issued papers, or given out codes.
                    db::Error::ForeignKey => needed(),
                    other => other.into(),
                })?;
            let path = path(id);
            let deed = Deed::removed("merchant.removed", &path, &merchant.identity);
            Ok(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn lock(tx: &mut Tx, id: MerchantId) -> Result<Merchant, Problem> {
    let found = merchants::lock(tx, id).await?;
    found.ok_or_else(Problem::not_found)
}

fn needed() -> Problem {
    Problem::conflict(
        "merchant-needed",
        Text::new(
            "La boutique, et qui a vendu ou donné des codes en son nom, ne peut être supprimé",
            "The shop, and whoever has sold or given out codes in their own name, cannot be removed",
        ),
    )
}
