//! Idempotency keys: a request that is sent again gets the first one's answer, and its work is done once.
//!
//! The answer is stored by the transaction that does the work, in the table `idempotency_keys` that each
//! service which takes keys has in its own schema. A duplicate that arrives while the first is running
//! waits on the key's row, then finds the answer; one that waits too long is told that the first is in
//! flight (409). Answers are kept for 24 hours.

use std::future::Future;
use std::time::Duration;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use commerce::UserId;
use db::{Db, Tx, params};
use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::clock::now_ms;
use crate::conditional::entity_tag;
use crate::jobs::{Job, purge};
use crate::problem::Problem;

const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const KEY: &str = "idempotency-key";

/// The key that a client gave: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state)
            .await?
            .ok_or_else(Problem::missing_idempotency_key)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        let Some(value) = parts.headers.get(KEY) else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default().trim();
        if !(1..=255).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Problem::malformed().detail(
                "Idempotency-Key : de 1 à 255 caractères ASCII visibles",
                "Idempotency-Key: 1 to 255 visible ASCII characters",
            ));
        }
        Ok(Some(Self(key.to_owned())))
    }
}

/// Who asks with which key for what: the scope keeps people's keys apart, the digest of the request knows
/// a key that is used for something else.
#[derive(Clone, Debug)]
pub struct Claim {
    scope: [u8; 16],
    key: String,
    digest: [u8; 32],
}

/// What the first request was answered, as it is stored and replayed.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    body: String,
    replayed: bool,
}

impl Answer {
    /// 201 with the resource that was made.
    pub fn created<T: Serialize>(
        location: String,
        version: u32,
        body: &T,
    ) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(Problem::internal)?;
        Ok(Self {
            status: StatusCode::CREATED.as_u16(),
            location: Some(location),
            etag: Some(entity_tag(Some(version), body.as_bytes())),
            body,
            replayed: false,
        })
    }
}

impl Answer {
    /// Whether the first request with this key was answered so.
    pub fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = (status, self.body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [(LOCATION, self.location), (ETAG, self.etag)] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        if self.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl Claim {
    pub fn new(caller: UserId, key: &IdempotencyKey, digest: [u8; 32]) -> Self {
        Self {
            scope: caller.into_bytes(),
            key: key.0.clone(),
            digest,
        }
    }

    /// The answer to the first request with this key, if there was one.
    pub async fn replay(&self, db: &Db) -> Result<Option<Answer>, Problem> {
        const SELECT: &str = "select request_digest, status, location, etag, body \
             from idempotency_keys where scope = ? and idempotency_key = ? and expires_at > ?";
        let params = params![self.scope, self.key, now_ms()];
        let Some(mut row) = db.query_one(SELECT, &params).await? else {
            return Ok(None);
        };
        if row.next::<[u8; 32]>()? != self.digest {
            return Err(Problem::idempotency_key_reused());
        }
        Ok(Some(Answer {
            status: row.next()?,
            location: row.next()?,
            etag: row.next()?,
            body: row.next()?,
            replayed: true,
        }))
    }

    /// Stores the answer in the transaction that does the work. A duplicate fails here, and with it
    /// everything that it did.
    pub async fn store(&self, tx: &mut Tx, answer: &Answer) -> Result<(), db::Error> {
        const INSERT: &str = "insert into idempotency_keys \
             (scope, idempotency_key, request_digest, status, location, etag, body, expires_at) \
             values (?, ?, ?, ?, ?, ?, ?, ?)";
        let params = params![
            self.scope,
            self.key,
            self.digest,
            answer.status,
            answer.location,
            answer.etag,
            answer.body,
            now_ms() + KEPT_MS
        ];
        tx.execute(INSERT, &params).await
    }
}

/// Runs one transaction for a claim, that ends by [`Claim::store`]: repeats it if it lost a deadlock, and
/// answers a repeated request with the first one's answer. Without a claim it only runs it.
pub async fn once<F>(
    db: &Db,
    claim: Option<&Claim>,
    attempt: impl FnMut() -> F,
) -> Result<Answer, Problem>
where
    F: Future<Output = Result<Answer, Problem>>,
{
    match claim {
        Some(claim) => once_for(db, claim, db::retry(attempt)).await,
        None => db::retry(attempt).await,
    }
}

/// Does the work for a claim unless its answer is there already, before or after: whatever a second
/// request met while the first was running, the first one's answer is its own.
pub async fn once_for(
    db: &Db,
    claim: &Claim,
    work: impl Future<Output = Result<Answer, Problem>>,
) -> Result<Answer, Problem> {
    if let Some(answer) = claim.replay(db).await? {
        return Ok(answer);
    }
    let problem = match work.await {
        Ok(answer) => return Ok(answer),
        Err(problem) => problem,
    };
    match problem.database_error() {
        Some(db::Error::Duplicate { .. }) | None => claim.replay(db).await?.ok_or(problem),
        Some(db::Error::LockTimeout) => Err(Problem::idempotency_in_flight()),
        Some(_) => Err(problem),
    }
}

/// The job that removes answers which are kept no longer.
pub fn purging(db: &Db) -> Job {
    const DELETE: &str =
        "delete from idempotency_keys where expires_at <= ? order by expires_at limit 500";
    const FIND: &str = "select idempotency_key from idempotency_keys where expires_at <= ? limit 1";
    let db = db.clone();
    Job::new("purge_answers", Duration::from_secs(60), move |turn| {
        let db = db.clone();
        async move { Ok(purge(&turn, &db, FIND, DELETE, now_ms()).await?) }
    })
}
