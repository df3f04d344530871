//! Webhooks: made, read and changed by admins. A secret is shown when it is made and never again.

use axum::extract::State;
use commerce::{BoundedList, BoundedText, Timestamp, WebhookId};
use db::{Db, Tx};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::idempotency::{self, Answer, Claim};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Admin, Author, Deed, IdempotencyKey, IfMatch, Invalid, JsonBody, List, Page, Path, Problem,
    Resource, clock,
};
use utoipa::ToSchema;

use crate::address::Reach;
use crate::event::EventType;
use crate::signature::Secret;
use crate::store::{deliveries, webhooks};
use crate::webhook::{Description, DisabledReason, Webhook, parse_event_types};

/// Webhooks, from the oldest.
#[utoipa::path(get, path = "/api/webhooks", tag = "webhooks", security(("bearer" = [])),
    params(PageQuery), responses((status = 200, body = ListBody<Webhook>), Refusals))]
pub async fn list(
    _: Admin,
    page: Page<WebhookId>,
    State(db): State<Db>,
) -> Result<List<Webhook>, Problem> {
    let found = webhooks::list(&db, page.after, page.rows()).await?;
    Ok(page.list(found, |webhook| webhook.id))
}

/// One webhook.
#[utoipa::path(get, path = "/api/webhooks/{id}", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path)), responses((status = 200, body = Webhook), Refusals))]
pub async fn show(
    _: Admin,
    Path(id): Path<WebhookId>,
    State(db): State<Db>,
) -> Result<Resource<Webhook>, Problem> {
    let found = webhooks::find(&db, id).await?;
    Ok(resource(found.ok_or_else(Problem::not_found)?))
}

fn resource(webhook: Webhook) -> Resource<Webhook> {
    Resource {
        version: webhook.version,
        body: webhook,
    }
}

/// A webhook with its new secret, which is not shown again.
#[derive(Clone, Serialize, ToSchema)]
pub struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: Webhook,
    /// What deliveries are signed with: `whsec_` and the base64 of 32 bytes, as the libraries of Standard
    /// Webhooks take it. Null where the creation was sent again with its `Idempotency-Key`, because the secret is
    /// kept in no answer: whoever has lost it makes a new one by `rotate-secret`.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")]
    secret: Option<String>,
}

/// As many names as there may ever be types of events.
type EventTypeNames = BoundedList<BoundedText<64>, 100>;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    /// A public `https://` address, without credentials or fragment. Shops of developers take `http://` too.
    #[schema(value_type = String, format = "iri", max_length = 2048, pattern = "^[Hh][Tt][Tt][Pp][Ss]?://", example = "https://example.com/hook")]
    url: BoundedText<2048>,
    /// What it is told of; of everything if absent or empty.
    #[serde(default)]
    #[schema(value_type = Vec<EventType>, max_items = 100)]
    event_types: EventTypeNames,
    #[schema(value_type = String, max_length = 500)]
    #[serde(default)]
    description: BoundedText<500>,
}

/// Adds a webhook. Its secret is in the first answer, and in no other.
#[utoipa::path(post, path = "/api/webhooks", tag = "webhooks", security(("bearer" = [])),
    request_body = CreateWebhook, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = WebhookWithSecret), Refusals))]
pub async fn create(
    Admin(caller): Admin,
    author: Author,
    key: Option<IdempotencyKey>,
    State(db): State<Db>,
    State(reach): State<Reach>,
    body: JsonBody<CreateWebhook>,
) -> Result<Answer, Problem> {
    let claim = key.map(|key| Claim::new(caller.user, &key, body.digest));
    let webhook = parse(body.value, reach)?;
    let secret = Secret::random().map_err(Problem::internal)?;
    idempotency::once(&db, claim.as_ref(), || {
        insert(&db, &author, &webhook, &secret, claim.as_ref())
    })
    .await
}

pub fn path(id: WebhookId) -> String {
    format!("/api/webhooks/{id}")
}

fn parse(body: CreateWebhook, reach: Reach) -> Result<Webhook, Problem> {
    let mut invalid = Invalid::new();
    let url = invalid.check("/url", reach.parse(&body.url));
    let event_types = parse_event_types(&body.event_types, &mut invalid);
    let description = invalid.check("/description", Description::parse(&body.description));
    let (Some(url), Some(event_types), Some(description)) = (url, event_types, description) else {
        return Err(invalid.into());
    };
    let now = clock::now();
    Ok(Webhook {
        id: WebhookId::from_uuid(service::fresh_uuid()),
        url,
        event_types,
        description: description.as_str().to_owned(),
        enabled: true,
        disabled_reason: None,
        failing_since: None,
        previous_secret_expires_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

async fn insert(
    db: &Db,
    author: &Author,
    webhook: &Webhook,
    secret: &Secret,
    claim: Option<&Claim>,
) -> Result<Answer, Problem> {
    let shown = WebhookWithSecret {
        webhook: webhook.clone(),
        secret: Some(secret.reveal()),
    };
    let kept = WebhookWithSecret {
        secret: None,
        ..shown.clone()
    };
    let path = path(webhook.id);
    let answer = Answer::created(path.clone(), webhook.version, &shown)?;
    let mut tx = db.begin().await?;
    let outcome = async {
        webhooks::insert(&mut tx, webhook, secret).await?;
        let deed = Deed::created("webhook.created", &path, webhook);
        author.record(&mut tx, deed).await?;
        if let Some(claim) = claim {
            let kept = Answer::created(path, webhook.version, &kept)?;
            claim.store(&mut tx, &kept).await?;
        }
        Ok(answer)
    }
    .await;
    tx.finish(outcome).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeWebhook {
    #[schema(value_type = Option<String>, format = "iri", max_length = 2048, pattern = "^[Hh][Tt][Tt][Pp][Ss]?://", example = "https://example.com/hook")]
    url: Option<BoundedText<2048>>,
    /// Empty: of everything.
    #[schema(value_type = Option<Vec<EventType>>, max_items = 100)]
    event_types: Option<EventTypeNames>,
    #[schema(value_type = Option<String>, max_length = 500)]
    description: Option<BoundedText<500>>,
    /// Disabling cancels what is not delivered yet.
    enabled: Option<bool>,
}

/// Changes what is given and leaves the rest.
#[utoipa::path(patch, path = "/api/webhooks/{id}", tag = "webhooks", security(("bearer" = [])),
    request_body = ChangeWebhook,
    params(("id" = WebhookId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Webhook), Refusals))]
pub async fn change(
    _: Admin,
    author: Author,
    Path(id): Path<WebhookId>,
    if_match: IfMatch,
    State(db): State<Db>,
    State(reach): State<Reach>,
    body: JsonBody<ChangeWebhook>,
) -> Result<Resource<Webhook>, Problem> {
    let change = Change::parse(body.value, reach)?;
    db::retry(|| update(&db, &author, id, &if_match, &change)).await
}

struct Change {
    url: Option<String>,
    event_types: Option<Vec<EventType>>,
    description: Option<Description>,
    enabled: Option<bool>,
}

impl Change {
    fn parse(body: ChangeWebhook, reach: Reach) -> Result<Self, Problem> {
        let mut invalid = Invalid::new();
        let url = body
            .url
            .and_then(|url| invalid.check("/url", reach.parse(&url)));
        let event_types = body
            .event_types
            .and_then(|names| parse_event_types(&names, &mut invalid));
        let description = body
            .description
            .and_then(|text| invalid.check("/description", Description::parse(&text)));
        invalid.finish()?;
        Ok(Self {
            url,
            event_types,
            description,
            enabled: body.enabled,
        })
    }

    fn apply(&self, webhook: &mut Webhook, now: Timestamp) {
        if let Some(url) = &self.url {
            webhook.url.clone_from(url);
        }
        if let Some(event_types) = &self.event_types {
            webhook.event_types.clone_from(event_types);
        }
        if let Some(description) = &self.description {
            webhook.description = description.as_str().to_owned();
        }
        match self.enabled {
            Some(true) if !webhook.enabled => webhook.enable(),
            Some(false) if webhook.enabled => webhook.disable(DisabledReason::Admin),
            _ => {}
        }
        webhook.changed(now);
    }
}

async fn update(
    db: &Db,
    author: &Author,
    id: WebhookId,
    if_match: &IfMatch,
    change: &Change,
) -> Result<Resource<Webhook>, Problem> {
    let now = clock::now();
    let mut tx = db.begin().await?;
    let outcome = async {
        let mut webhook = lock(&mut tx, id, if_match).await?;
        let before = webhook.clone();
        change.apply(&mut webhook, now);
        webhooks::update(&mut tx, &webhook).await?;
        let path = path(id);
        let deed = Deed::changed("webhook.changed", &path, &before, &webhook);
        author.record(&mut tx, deed).await?;
        if !webhook.enabled {
            deliveries::cancel(&mut tx, id, now).await?;
        }
        Ok(resource(webhook))
    }
    .await;
    tx.finish(outcome).await
}

async fn lock(tx: &mut Tx, id: WebhookId, if_match: &IfMatch) -> Result<Webhook, Problem> {
    let found = webhooks::lock(tx, id).await?;
    let webhook = found.ok_or_else(Problem::not_found)?;
    if_match.check(webhook.version)?;
    Ok(webhook)
}

/// Removes a webhook; what is not delivered yet is cancelled.
#[utoipa::path(delete, path = "/api/webhooks/{id}", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "The webhook is gone"), Refusals))]
pub async fn delete(
    _: Admin,
    author: Author,
    Path(id): Path<WebhookId>,
    if_match: IfMatch,
    State(db): State<Db>,
) -> Result<StatusCode, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let webhook = lock(&mut tx, id, &if_match).await?;
            webhooks::delete(&mut tx, id).await?;
            let path = path(id);
            let deed = Deed::removed("webhook.removed", &path, &webhook);
            author.record(&mut tx, deed).await?;
            deliveries::cancel(&mut tx, id, clock::now()).await?;
            Ok::<_, Problem>(StatusCode::NO_CONTENT)
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

/// Makes a new secret, which is in the answer and in no other. For 24 hours the one before signs too, so
/// that a receiver may take its time; a rotation in that time ends it.
#[utoipa::path(post, path = "/api/webhooks/{id}/rotate-secret", tag = "webhooks",
    security(("bearer" = [])),
    params(("id" = WebhookId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = WebhookWithSecret), Refusals))]
pub async fn rotate_secret(
    _: Admin,
    author: Author,
    Path(id): Path<WebhookId>,
    if_match: Option<IfMatch>,
    State(db): State<Db>,
) -> Result<Resource<WebhookWithSecret>, Problem> {
    let fresh = Secret::random().map_err(Problem::internal)?;
    let if_match = if_match.unwrap_or(IfMatch::Any);
    db::retry(|| rotate(&db, &author, (id, &if_match), fresh)).await
}

async fn rotate(
    db: &Db,
    author: &Author,
    (id, if_match): (WebhookId, &IfMatch),
    fresh: Secret,
) -> Result<Resource<WebhookWithSecret>, Problem> {
    let now = clock::now();
    let mut tx = db.begin().await?;
    let outcome = async {
        let mut webhook = lock(&mut tx, id, if_match).await?;
        let secrets = webhooks::find_secrets(&mut tx, id).await?;
        let secrets = secrets.ok_or_else(Problem::not_found)?.rotate(fresh, now);
        webhook.previous_secret_expires_at = secrets.previous.map(|(_, expires)| expires);
        webhook.changed(now);
        webhooks::update(&mut tx, &webhook).await?;
        webhooks::update_secrets(&mut tx, id, &secrets).await?;
        let path = path(id);
        let deed = Deed::done("webhook.secret_rotated", &path);
        author.record(&mut tx, deed).await?;
        Ok(Resource {
            version: webhook.version,
            body: WebhookWithSecret {
                webhook,
                secret: Some(fresh.reveal()),
            },
        })
    }
    .await;
    tx.finish(outcome).await
}
