//! The secret by which services know each other.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::settings::{SettingError, Settings};

/// The header of calls between services.
pub(crate) const SERVICE_TOKEN: HeaderName = HeaderName::from_static("comptoir-service-token");

/// The secret that services share: as a setting, what is expected; as an extractor, proof that it was shown.
#[derive(Clone, Debug)]
pub struct ServiceToken(pub(crate) Arc<str>);

impl ServiceToken {
    /// Reads `service_token`.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let text = settings.text("service_token").await?;
        if text.len() < 16 {
            return Err(Settings::unusable(
                "service_token",
                "it is shorter than 16 characters",
            ));
        }
        Ok(Self(text.into()))
    }

    /// Whether a request comes from another service.
    pub(crate) fn is_shown(&self, headers: &HeaderMap) -> bool {
        // Digests are compared, so that the time taken says nothing about the secret.
        headers.get(&SERVICE_TOKEN).is_some_and(|shown| {
            Sha256::digest(shown.as_bytes()) == Sha256::digest(self.0.as_bytes())
        })
    }
}

impl<S> FromRequestParts<S> for ServiceToken
where
    S: Send + Sync,
    ServiceToken: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let expected = Self::from_ref(state);
        // To whoever is no service, there is nothing here.
        if expected.is_shown(&parts.headers) {
            Ok(expected)
        } else {
            Err(Problem::not_found())
        }
    }
}
