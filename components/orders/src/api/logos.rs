//! The logos of merchants. An invoice keeps the one that it was issued with.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::Text;
use db::Db;
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderMap, StatusCode};
use invoice::{Logo, UnusableLogo};
use serde_json::json;
use service::openapi::Refusals;
use service::{Author, Deed, IfMatch, Invalid, Path, Problem, RawBody, Seller, clock};
use sha2::{Digest, Sha256};

use super::merchants::{lock, may_change, path};
use crate::files::hex;
use crate::merchant::MerchantId;
use crate::store::merchants;

/// The largest file: it is in each invoice.
const MAX_BYTES: usize = 256 * 1024;
/// What every PNG file begins with.
const PNG: &[u8] = b"\x89PNG";

/// The logo as it was given.
#[utoipa::path(get, path = "/api/merchants/{id}/logo", tag = "merchants",
    params(("id" = MerchantId, Path)),
    responses((status = 200, content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"))), Refusals))]
pub async fn show(Path(id): Path<MerchantId>, State(db): State<Db>) -> Result<Response, Problem> {
    let merchant = merchants::find(&db, id).await?;
    let shown = merchant.and_then(|merchant| Some((merchant.version, merchant.logo?)));
    let (version, digest) = shown.ok_or_else(Problem::not_found)?;
    let image = merchants::find_logo(&db, digest).await?;
    let image = image.ok_or_else(Problem::not_found)?;
    let media_type = match image.starts_with(PNG) {
        true => "image/png",
        false => "image/jpeg",
    };
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (ETAG, format!("\"{version}-{}\"", hex(&digest))),
    ];
    Ok((headers, image).into_response())
}

/// Prints this logo on papers from now on: a JPEG or PNG of at most 256 KiB, grey or RGB of 8 bits, without
/// transparency or interlacing.
#[utoipa::path(put, path = "/api/merchants/{id}/logo", tag = "merchants", security(("bearer" = [])),
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"))),
    params(("id" = MerchantId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Papers have this logo from now on"), Refusals))]
pub async fn put(
    Seller(caller): Seller,
    author: Author,
    Path(id): Path<MerchantId>,
    if_match: Option<IfMatch>,
    headers: HeaderMap,
    State(db): State<Db>,
    RawBody(image): RawBody,
) -> Result<StatusCode, Problem> {
    may_change(id, caller)?;
    let media_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    if !matches!(media_type, Some(b"image/png" | b"image/jpeg")) {
        return Err(Problem::unsupported_media_type("image/png, image/jpeg"));
    }
    if image.len() > MAX_BYTES {
        return Err(Problem::too_large(MAX_BYTES / 1024));
    }
    let mut invalid = Invalid::new();
    invalid.check("", Logo::inspect(&image).map_err(unusable));
    invalid.finish()?;
    let digest: [u8; 32] = Sha256::digest(&image).into();
    change(&db, &author, (id, if_match), Some((digest, &image))).await
}

fn unusable(why: UnusableLogo) -> Text {
    match why {
        UnusableLogo::OtherForm => Text::new(
            "Un JPEG ou un PNG de 8 bits, gris ou RVB, ni transparent ni entrelacé, de 4000 pixels au plus",
            "A JPEG or PNG of 8 bits, grey or RGB, not transparent or interlaced, of at most 4000 pixels",
        ),
        UnusableLogo::Damaged => Text::new(
            "L’image est abîmée : son contenu ne correspond pas à ce qu’elle annonce. Enregistrez-la de nouveau",
            "The image is damaged: what is in it is not what it says. Save it again",
        ),
    }
}

/// Prints papers without a logo from now on.
#[utoipa::path(delete, path = "/api/merchants/{id}/logo", tag = "merchants",
    security(("bearer" = [])),
    params(("id" = MerchantId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Papers have no logo from now on"), Refusals))]
pub async fn delete(
    Seller(caller): Seller,
    author: Author,
    Path(id): Path<MerchantId>,
    if_match: Option<IfMatch>,
    State(db): State<Db>,
) -> Result<StatusCode, Problem> {
    may_change(id, caller)?;
    change(&db, &author, (id, if_match), None).await
}

async fn change(
    db: &Db,
    author: &Author,
    (id, if_match): (MerchantId, Option<IfMatch>),
    logo: Option<([u8; 32], &[u8])>,
) -> Result<StatusCode, Problem> {
    let now = clock::now();
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let mut merchant = lock(&mut tx, id).await?;
            if let Some(if_match) = &if_match {
                match merchant.logo {
                    Some(_) => if_match.check(merchant.version)?,
                    None => if_match.check_absent()?,
                }
            }
            if let Some((digest, image)) = logo {
                merchants::insert_logo(&mut tx, digest, image, now).await?;
            }
            let told = |logo: Option<[u8; 32]>| json!({ "logo_sha256": logo.map(|sha| hex(&sha)) });
            let before = told(merchant.logo);
            merchant.logo = logo.map(|(digest, _)| digest);
            merchant.changed(now);
            merchants::update(&mut tx, &merchant).await?;
            let (path, after) = (path(id), told(merchant.logo));
            let deed = Deed::changed("merchant.logo_changed", &path, &before, &after);
            author.record(&mut tx, deed).await?;
            Ok::<_, Problem>(StatusCode::NO_CONTENT)
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}
