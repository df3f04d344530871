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

/// What comes before a digest.
const DIGEST: &str = "sha256:";

/// The secret that services share: as a setting, what is expected; as an extractor, proof that it was shown.
///
/// A service that may call anywhere is given `sha256:` and the digest of the secret in its place: it knows the
/// secret when it is shown, and cannot give it away. The digest is good for one thing (see [`KnownService`]).
#[derive(Clone)]
pub struct ServiceToken {
    /// What this service shows to others.
    shown: Arc<str>,
    digest: [u8; 32],
}

impl ServiceToken {
    /// Reads `service_token`.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let text = settings.text("service_token").await?;
        Self::parse(&text).map_err(|reason| Settings::unusable("service_token", reason))
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(digest) = text.strip_prefix(DIGEST) {
            let digest = parse_hex(digest).ok_or("a digest has 64 hexadecimal digits")?;
            return Ok(Self {
                shown: written(&digest).into(),
                digest,
            });
        }
        if text.len() < 16 {
            return Err("it is shorter than 16 characters");
        }
        Ok(Self {
            shown: text.into(),
            digest: Sha256::digest(text).into(),
        })
    }

    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether a request comes from another service.
    pub(crate) fn is_shown(&self, headers: &HeaderMap) -> bool {
        // Digests are compared, so that the time taken says nothing about the secret.
        headers
            .get(&SERVICE_TOKEN)
            .is_some_and(|shown| Sha256::digest(shown.as_bytes())[..] == self.digest[..])
    }

    /// Whether it comes from another service, be it one that has the digest alone.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let digest = Sha256::digest(written(&self.digest));
        let shown = headers.get(&SERVICE_TOKEN);
        self.is_shown(headers)
            || shown.is_some_and(|shown| Sha256::digest(shown.as_bytes()) == digest)
    }
}

/// It is a secret, or what a secret is known by.
impl std::fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServiceToken")
    }
}

fn written(digest: &[u8; 32]) -> String {
    let digits = digest.iter().map(|byte| format!("{byte:02x}"));
    std::iter::once(DIGEST.to_owned()).chain(digits).collect()
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    (digits.len() == 64)
        .then(|| bytes.try_into().ok())
        .flatten()
}

/// Proof that a service asks, be it the one that may call anywhere: for what every service must know, and
/// nothing else.
#[derive(Clone, Copy, Debug)]
pub struct KnownService(());

impl<S> FromRequestParts<S> for KnownService
where
    S: Send + Sync,
    ServiceToken: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if ServiceToken::from_ref(state).is_known(&parts.headers) {
            Ok(Self(()))
        } else {
            Err(Problem::not_found())
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of a few words";

    fn shown(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(&SERVICE_TOKEN, http::HeaderValue::from_str(text).unwrap());
        headers
    }

    #[test]
    fn a_digest_knows_the_secret_and_cannot_show_it() {
        let digest: [u8; 32] = Sha256::digest(SECRET).into();
        let knows = ServiceToken::parse(&written(&digest)).unwrap();
        let has = ServiceToken::parse(SECRET).unwrap();
        for token in [&knows, &has] {
            assert!(token.is_shown(&shown(SECRET)) && token.is_known(&shown(SECRET)));
            assert!(!token.is_shown(&shown("another secret of words")));
            assert!(!token.is_known(&shown("another secret of words")));
            assert!(!token.is_known(&HeaderMap::new()));
            // What the digest's holder shows is good where every service is known, and nowhere else.
            assert!(!token.is_shown(&shown(knows.shown())));
            assert!(token.is_known(&shown(knows.shown())));
        }
        assert_eq!(has.shown(), SECRET);
        assert!(!knows.shown().contains(SECRET));
    }

    #[test]
    fn what_is_too_short_to_be_a_secret_or_a_digest_is_refused() {
        for text in ["", "fifteen letters", "sha256:", "sha256:12ab", "sha256:é"] {
            assert!(ServiceToken::parse(text).is_err(), "{text}");
        }
        let long = format!("sha256:{}", "0".repeat(66));
        assert!(ServiceToken::parse(&long).is_err());
    }
}
