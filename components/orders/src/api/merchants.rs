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

use crate::domain::registration::Registration;
use crate::merchant::{Identity, IdentityInput, MerchantId};
use crate::series::SeriesKind;
use crate::store::{discounts, merchants, orders, series};

/// A merchant: who papers say that sells.
#[derive(Serialize, ToSchema)]
#[schema(as = Merchant)]
pub struct MerchantBody {
    id: MerchantId,
    status: Approval,
    #[serde(flatten)]
    identity: Identity,
    /// A change of an approved identity that waits for an admin.
    proposal: Option<Identity>,
    /// Where the logo is, if there is one.
    #[schema(example = "/api/merchants/shop/logo")]
    logo: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Whether papers are issued in the merchant's name.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Approval {
    /// An admin has not approved the identity yet: nothing is sold in its name.
    Proposed,
    Approved,
}

/// The body, which every registration has by a constraint of its table.
pub fn body(registration: Registration) -> Option<MerchantBody> {
    let Registration {
        id,
        approved,
        proposal,
        ..
    } = registration;
    let status = match approved {
        Some(_) => Approval::Approved,
        None => Approval::Proposed,
    };
    let (identity, proposal) = match approved {
        Some(approved) => (approved, proposal),
        None => (proposal?, None),
    };
    Some(MerchantBody {
        id,
        status,
        identity,
        proposal,
        logo: registration
            .logo
            .map(|_| format!("/api/merchants/{id}/logo")),
        created_at: registration.created_at,
        updated_at: registration.updated_at,
    })
}

pub fn resource(registration: Registration) -> Result<Resource<MerchantBody>, Problem> {
    let version = registration.version;
    let body = body(registration).ok_or_else(Problem::not_found)?;
    Ok(Resource { version, body })
}

/// Who the merchant is: `shop`, or a seller by id.
#[utoipa::path(get, path = "/api/merchants/{id}", tag = "merchants", security(("bearer" = [])),
    params(("id" = MerchantId, Path)), responses((status = 200, body = MerchantBody), Refusals))]
pub async fn show(
    Seller(caller): Seller,
    Path(id): Path<MerchantId>,
    State(db): State<Db>,
) -> Result<Resource<MerchantBody>, Problem> {
    may_read(id, caller)?;
    let found = merchants::find(&db, id).await?;
    resource(found.ok_or_else(Problem::not_found)?)
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

/// Says who the merchant is: a new one (201), or, with `If-Match`, another identity of a known one. What an admin
/// says counts at once; what a seller says waits until an admin approves it, and the identity that counts stays
/// meanwhile. Papers that were issued stay as they are.
#[utoipa::path(put, path = "/api/merchants/{id}", tag = "merchants", security(("bearer" = [])),
    request_body = IdentityInput,
    params(("id" = MerchantId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = MerchantBody), (status = 201, body = MerchantBody),
        (status = 409, description = "`prefix-taken`: another merchant numbers documents with this prefix"),
        Refusals))]
pub async fn put(
    Seller(caller): Seller,
    author: Author,
    Path(id): Path<MerchantId>,
    if_match: Option<IfMatch>,
    State(db): State<Db>,
    body: JsonBody<IdentityInput>,
) -> Result<Response, Problem> {
    may_change(id, caller)?;
    let (registration, is_new) =
        db::retry(|| write(&db, &author, id, &body.value, if_match.as_ref())).await?;
    let resource = resource(registration)?;
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
    input: &IdentityInput,
    if_match: Option<&IfMatch>,
) -> Result<(Registration, bool), Problem> {
    let now = clock::now();
    let mut tx = db.begin().await?;
    let outcome = async {
        let known = merchants::lock(&mut tx, id).await?;
        let is_new = known.is_none();
        let mut registration = match known {
            Some(registration) => {
                let if_match = if_match.ok_or_else(Problem::precondition_required)?;
                if_match.check(registration.version)?;
                registration
            }
            None => {
                if let Some(if_match) = if_match {
                    if_match.check_absent()?;
                }
                begin(&mut tx, id, now).await?
            }
        };
        let identity = parse(input, &registration)?;
        let before = registration.shown().cloned();
        let counts_at_once = author.caller().role == Role::Admin;
        match counts_at_once {
            true => accept(&mut tx, &mut registration, identity.clone()).await?,
            false => registration.proposal = Some(identity.clone()),
        }
        if !is_new {
            registration.changed(now);
        }
        merchants::update(&mut tx, &registration).await?;
        let action = match counts_at_once {
            true => "merchant.changed",
            false => "merchant.proposed",
        };
        let path = path(id);
        let deed = Deed::changed(action, &path, &before, &identity);
        author.record(&mut tx, deed).await?;
        Ok((registration, is_new))
    }
    .await;
    tx.finish(outcome).await
}

async fn begin(tx: &mut Tx, id: MerchantId, now: Timestamp) -> Result<Registration, Problem> {
    let mut registration = Registration {
        id,
        number: 0,
        approved: None,
        proposal: None,
        logo: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    registration.number =
        merchants::insert(tx, &registration)
            .await
            .map_err(|error| match error {
                // Somebody else was first, at this moment.
                db::Error::Duplicate { .. } => Problem::precondition_required(),
                error => error.into(),
            })?;
    Ok(registration)
}

fn parse(input: &IdentityInput, registration: &Registration) -> Result<Identity, Problem> {
    let given = match registration.id {
        MerchantId::Shop => None,
        MerchantId::Seller(_) => Some(registration.prefixes().map_err(no_prefix)?),
    };
    let mut invalid = Invalid::new();
    let identity = input.clone().parse(given.as_ref(), &mut invalid);
    invalid.finish()?;
    identity.ok_or_else(Problem::unprocessable)
}

/// So many sellers that their number is no prefix any more: a mistake of ours.
fn no_prefix(error: Text) -> Problem {
    Problem::internal(error.en.into_owned())
}

/// Has an identity count from now on, with its series.
pub async fn accept(
    tx: &mut Tx,
    registration: &mut Registration,
    identity: Identity,
) -> Result<(), Problem> {
    registration.approved = Some(identity);
    registration.proposal = None;
    let prefixes = registration.prefixes().map_err(no_prefix)?;
    match series::claim(tx, registration.id, &prefixes).await? {
        Some(kind) => Err(prefix_taken(kind)),
        None => Ok(()),
    }
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
    params(("id" = MerchantId, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "The identity is gone"),
        (status = 409, description = "`merchant-needed`: something is sold in this name"),
        Refusals))]
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
                MerchantId::Seller(_) if merchant.approved.is_none() => false,
                MerchantId::Seller(seller) => {
                    orders::any_in_name(&mut tx, seller, merchant.created_at).await?
                }
            };
            if sold {
                return Err(needed());
            }
            discounts::forget_unused(&mut tx, id).await?;
            merchants::delete(&mut tx, id)
                .await
                .map_err(|error| match error {
                    // It has issued papers, or given out codes.
                    db::Error::ForeignKey => needed(),
                    other => other.into(),
                })?;
            series::free_unused(&mut tx, id, None).await?;
            let path = path(id);
            let deed = Deed::removed("merchant.removed", &path, &merchant.shown());
            Ok(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn lock(tx: &mut Tx, id: MerchantId) -> Result<Registration, Problem> {
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
