//! Signs access tokens (RFC 9068) with the one private key of the house.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use commerce::UserId;
use jwt_simple::prelude::{Claims, Duration, Ed25519KeyPair, EdDSAKeyPairLike, HeaderOptions};
use serde_json::Value;
use service::auth::AccessClaims;
use service::settings::SettingError;
use service::{Role, Settings};

/// How long an access token is good: 15 minutes.
pub const LIFETIME_SECONDS: u64 = 15 * 60;

/// The private key, what tokens say of themselves, and the public keys that others verify with.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    key: Ed25519KeyPair,
    issuer: String,
    audience: String,
    key_set: String,
}

/// Whom an access token is for.
pub struct Bearer {
    pub user: UserId,
    pub role: Role,
    pub email: String,
}

impl Signer {
    /// Reads `token_signing_key`, whose public half must be in `token_keys`.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let key_set = settings.text("token_keys").await?;
        let seed = BASE64_STANDARD
            .decode(settings.text("token_signing_key").await?.trim())
            .map_err(|_| Settings::unusable("token_signing_key", "it is not base64"))?;
        let key = find_key(&seed, &key_set).ok_or_else(|| {
            let reason = "token_keys has no public key that belongs to it";
            Settings::unusable("token_signing_key", reason)
        })?;
        Ok(Self(Arc::new(Inner {
            key,
            issuer: settings.text("token_issuer").await?,
            audience: settings.text("token_audience").await?,
            key_set,
        })))
    }

    /// An access token for this user.
    pub fn sign(&self, bearer: Bearer) -> Result<String, jwt_simple::Error> {
        let Bearer { user, role, email } = bearer;
        let claims = Claims::with_custom_claims(
            AccessClaims { role, email },
            Duration::from_secs(LIFETIME_SECONDS),
        )
        .with_issuer(&self.0.issuer)
        .with_audience(&self.0.audience)
        .with_subject(user)
        .with_jwt_id(service::fresh_uuid());
        let options = HeaderOptions {
            signature_type: Some("at+jwt".into()),
            ..HeaderOptions::default()
        };
        self.0.key.sign_with_options(claims, &options)
    }

    /// The JWKS that `/.well-known/jwks.json` answers.
    pub fn key_set(&self) -> &str {
        &self.0.key_set
    }
}

/// The key pair of this seed and of the one key of the set that fits it.
fn find_key(seed: &[u8], key_set: &str) -> Option<Ed25519KeyPair> {
    let set: Value = serde_json::from_str(key_set).ok()?;
    set.get("keys")?.as_array()?.iter().find_map(|key| {
        let public = BASE64_URL_SAFE_NO_PAD
            .decode(key.get("x")?.as_str()?)
            .ok()?;
        let pair = Ed25519KeyPair::from_bytes(&[seed, &public].concat()).ok()?;
        Some(pair.with_key_id(key.get("kid")?.as_str()?))
    })
}
