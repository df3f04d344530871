//! Whether a service can do its work: the state of each thing it stands on, at `/internal/health`, as
//! `application/health+json` (draft-inadarei-api-health-check).

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::outbox::{Outbox, Waiting};

/// `pass`; `warn` where somebody should look, though everybody is served; or `fail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = HealthStatus)]
pub enum Status {
    Pass,
    Warn,
    Fail,
}

/// The state of a service, and of each of its dependencies by name (`database`, `cache`, …).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    pub status: Status,
    /// Left out by whoever stands on nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Status>,
    /// The events of each service that its consumers have not taken yet, such as `orders>webhooks`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, Waiting>,
}

impl Health {
    /// As good as its worst check.
    pub fn new(checks: impl IntoIterator<Item = (String, Status)>) -> Self {
        let checks: BTreeMap<_, _> = checks.into_iter().collect();
        let status = checks.values().copied().max().unwrap_or(Status::Pass);
        Self {
            status,
            checks,
            events: BTreeMap::new(),
        }
    }

    /// The same with what waits in an outbox: somebody should look where an event waits for long, or was set
    /// aside.
    pub async fn with_events(self, outbox: &Outbox) -> Self {
        let mut checks = self.checks;
        match outbox.waiting().await {
            Ok(waiting) => {
                checks.insert("events".to_owned(), Outbox::status(&waiting));
                Self {
                    events: waiting,
                    ..Self::new(checks)
                }
            }
            // That the database is away, another check says.
            Err(_) => Self::new(checks),
        }
    }

    /// Asks the database and Redis of a service.
    pub async fn of(database: Option<&db::Db>, cache: Option<&cache::Cache>) -> Self {
        let mut checks = Vec::new();
        if let Some(database) = database {
            let answered = database.query("select 1", &[]).await.is_ok();
            checks.push(("database".to_owned(), Status::from(answered)));
        }
        if let Some(cache) = cache {
            checks.push(("cache".to_owned(), of_cache(cache).await));
        }
        Self::new(checks)
    }
}

/// A Redis that answers and takes nothing more is not well: nobody can sign in, and carts stay as they are.
async fn of_cache(cache: &cache::Cache) -> Status {
    match cache.try_write().await {
        Ok(()) => Status::Pass,
        Err(cache::Error::Full(_)) => Status::Warn,
        Err(_) => Status::Fail,
    }
}

impl From<bool> for Status {
    fn from(good: bool) -> Self {
        if good { Status::Pass } else { Status::Fail }
    }
}

impl IntoResponse for Health {
    fn into_response(self) -> Response {
        let status = match self.status {
            Status::Pass | Status::Warn => StatusCode::OK,
            Status::Fail => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = (status, serde_json::json!(self).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/health+json"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}
