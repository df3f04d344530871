//! Keys of suppliers' machines: made, listed and revoked by admins. A key is shown when it is made and never
//! again. There is no `Idempotency-Key` here: the answer that it would replay has the key in it, which nothing
//! stores; a key too many is revoked. Nor is an `If-Match` asked for: nothing of a key can be changed but that it
//! ends, and whoever ends one in a hurry has no version of it at hand.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::{ApiKeyId, BoundedList, BoundedText, Text, Timestamp, UserId};
use db::Db;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Admin, Author, Condition, Context, Deed, Invalid, JsonBody, List, Page, Path, Problem,
    Resource, Role, authority, clock,
};
use utoipa::ToSchema;

use crate::key::{ApiKey, KeyName, Scope, Secret};
use crate::store::keys;

/// The version of a key that is not revoked; a revoked one has the next.
const GOOD: u32 = 1;

/// The keys of a supplier, from the newest; revoked ones too.
#[utoipa::path(get, path = "/api/suppliers/{id}/keys", tag = "suppliers", security(("bearer" = [])),
    params(("id" = UserId, Path), PageQuery),
    responses((status = 200, body = ListBody<ApiKey>), Refusals))]
pub async fn list(
    _: Admin,
    Path(supplier): Path<UserId>,
    page: Page<ApiKeyId>,
    State(db): State<Db>,
) -> Result<List<ApiKey>, Problem> {
    let found = keys::list(&db, supplier, page.after, page.rows()).await?;
    Ok(page.list(found, |key| key.id))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S", example = "Entrepôt de Nantes")]
    name: BoundedText<100>,
    /// At least one.
    #[schema(value_type = Vec<Scope>, min_items = 1, max_items = 10)]
    scopes: BoundedList<BoundedText<64>, 10>,
    /// Later than now; null or absent for never.
    expires_at: Option<Timestamp>,
}

/// A new key with its text, which is not shown again.
#[derive(Serialize, ToSchema)]
pub struct ApiKeyWithSecret {
    #[serde(flatten)]
    key: ApiKey,
    /// For `Authorization: Bearer …`.
    #[schema(example = "csk_Qm9uam91ciBkZSBOYW50ZXMgZXQgZCdhaWxsZXVycyE")]
    secret: String,
}

/// Makes a key for a supplier's machine. It ends when the account is disabled or gets another role.
#[utoipa::path(post, path = "/api/suppliers/{id}/keys", tag = "suppliers", security(("bearer" = [])),
    request_body = CreateApiKey, params(("id" = UserId, Path)),
    responses((status = 201, body = ApiKeyWithSecret),
        (status = 409, description = "`not-a-supplier`: the account has another role, or is disabled"),
        Refusals))]
pub async fn create(
    Admin(caller): Admin,
    author: Author,
    Path(supplier): Path<UserId>,
    context: Context,
    State(db): State<Db>,
    body: JsonBody<CreateApiKey>,
) -> Result<Response, Problem> {
    let secret = Secret::random().map_err(Problem::internal)?;
    let key = parse(body.value, supplier, caller.user, &secret)?;
    let location = path(supplier, key.id);
    let owner = authority::of(&context, supplier).await?;
    let owner = owner.ok_or_else(Problem::not_found)?;
    if !owner.is_good_for(Role::Supplier) {
        return Err(not_a_supplier());
    }
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let inserted = async {
            keys::insert(&mut tx, &key, &secret, owner.generation).await?;
            // Only now: an end that is told from here on finds the key.
            let end = keys::lock_end(&mut tx, supplier).await?;
            if end.is_some_and(|end| end > owner.generation) {
                return Err(not_a_supplier());
            }
            let deed = Deed::created("api_key.created", &location, &key);
            Ok(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(inserted).await
    })
    .await?;
    let secret = secret.reveal().to_owned();
    let body = ApiKeyWithSecret { key, secret };
    let resource = Resource {
        version: GOOD,
        body,
    };
    let no_store = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((no_store, resource.created(&location)).into_response())
}

fn not_a_supplier() -> Problem {
    Problem::conflict(
        "not-a-supplier",
        Text::new(
            "Ce compte n’est pas celui d’un fournisseur, ou il est désactivé",
            "This account is not a supplier's, or it is disabled",
        ),
    )
}

fn path(supplier: UserId, id: ApiKeyId) -> String {
    format!("/api/suppliers/{supplier}/keys/{id}")
}

fn parse(
    body: CreateApiKey,
    supplier_id: UserId,
    created_by: UserId,
    secret: &Secret,
) -> Result<ApiKey, Problem> {
    let now = clock::now();
    let mut invalid = Invalid::new();
    let name = invalid.check("/name", KeyName::parse(&body.name));
    if body.scopes.is_empty() {
        let text = Text::new("Au moins un droit", "At least one scope");
        invalid.refuse("/scopes", text);
    }
    let mut scopes = Vec::new();
    for (index, scope) in body.scopes.iter().enumerate() {
        let parsed = Scope::parse(scope).ok_or_else(Scope::unknown);
        scopes.extend(invalid.check(&format!("/scopes/{index}"), parsed));
    }
    if body.expires_at.is_some_and(|end| end <= now) {
        let text = Text::new("Plus tard que maintenant", "Later than now");
        invalid.refuse("/expires_at", text);
    }
    invalid.finish()?;
    scopes.sort_unstable();
    scopes.dedup();
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(service::fresh_uuid()),
        supplier_id,
        name: name
            .map(|name| name.as_str().to_owned())
            .unwrap_or_default(),
        hint: secret.hint().to_owned(),
        scopes,
        created_by,
        created_at: now,
        last_used_at: None,
        expires_at: body.expires_at,
        revoked_at: None,
    })
}

/// One key.
#[utoipa::path(get, path = "/api/suppliers/{id}/keys/{key_id}", tag = "suppliers",
    security(("bearer" = [])), params(("id" = UserId, Path), ("key_id" = ApiKeyId, Path)),
    responses((status = 200, body = ApiKey), Refusals))]
pub async fn show(
    _: Admin,
    Path((supplier, id)): Path<(UserId, ApiKeyId)>,
    State(db): State<Db>,
) -> Result<Resource<ApiKey>, Problem> {
    let found = keys::find(&db, supplier, id).await?;
    let body = found.ok_or_else(Problem::not_found)?;
    let version = body.revoked_at.map_or(GOOD, |_| GOOD + 1);
    Ok(Resource { version, body })
}

/// Revokes a key: it opens nothing from the next request on. It stays in the list.
#[utoipa::path(delete, path = "/api/suppliers/{id}/keys/{key_id}", tag = "suppliers",
    security(("bearer" = [])),
    params(("id" = UserId, Path), ("key_id" = ApiKeyId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "The key is revoked"), Refusals))]
pub async fn revoke(
    _: Admin,
    author: Author,
    Path((supplier, id)): Path<(UserId, ApiKeyId)>,
    condition: Condition,
    State(db): State<Db>,
) -> Result<StatusCode, Problem> {
    let mut tx = db.begin().await?;
    let revoked = async {
        condition.check(GOOD)?;
        if keys::revoke(&mut tx, supplier, id, clock::now()).await? == 0 {
            return Err(Problem::not_found());
        }
        let path = path(supplier, id);
        let deed = Deed::done("api_key.revoked", &path);
        Ok(author.record(&mut tx, deed).await?)
    }
    .await;
    tx.finish(revoked).await?;
    Ok(StatusCode::NO_CONTENT)
}
