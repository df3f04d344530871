//! What all services have measured, for whoever has the token of those who watch them.

use std::sync::Arc;

use cache::Cache;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use service::settings::SettingError;
use service::{Problem, Settings};
use sha2::{Digest, Sha256};

/// Where the measures are, and who may read them.
#[derive(Clone)]
pub struct Metrics {
    cache: Cache,
    /// Empty where nobody may.
    token: Arc<str>,
}

impl Metrics {
    /// Reads `redis_url` and `metrics_token`.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            cache: Cache::new(&settings.text("redis_url").await?),
            token: settings.text("metrics_token").await?.into(),
        })
    }

    /// The document, in Prometheus' text format. To whoever has not the token, there is nothing here.
    pub async fn read(&self, headers: &HeaderMap) -> Result<String, Problem> {
        if self.token.is_empty() || !self.is_shown(headers) {
            return Err(Problem::not_found());
        }
        service::metrics::expose(&self.cache).await
    }

    fn is_shown(&self, headers: &HeaderMap) -> bool {
        let shown = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
        // Digests are compared, so that the time taken says nothing about the secret.
        shown.is_some_and(|shown| Sha256::digest(shown) == Sha256::digest(self.token.as_bytes()))
    }
}
