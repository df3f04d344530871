//! Signs access tokens (RFC 9068) with the one private key of the house, and derives refresh tokens from it.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use commerce::UserId;
use hmac::digest::InvalidLength;
use hmac::{Hmac, Mac};
use jwt_simple::prelude::{
    Claims, Duration, ECDSAP256KeyPairLike, ECDSAP256PublicKeyLike, ES256KeyPair, HeaderOptions,
};
use serde_json::Value;
use service::auth::{AccessClaims, CLIENT_ID};
use service::settings::SettingError;
use service::{Role, Settings};
use sha2::Sha256;

use crate::refresh_token::RefreshToken;

/// How long an access token is good: 15 minutes.
pub const LIFETIME_SECONDS: u64 = 15 * 60;

/// What the key of refresh tokens is derived from the signing key by.
const REFRESH_TOKENS: &[u8] = b"comptoir refresh tokens";

/// The private key, what tokens say of themselves, and the public keys that others verify with.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    key: ES256KeyPair,
    refresh_key: Vec<u8>,
    issuer: String,
    audience: String,
    key_set: String,
}

/// Whom an access token is for.
pub struct Bearer {
    pub user: UserId,
    pub role: Role,
    pub email: String,
    pub generation: u64,
}

impl Signer {
    /// Reads `token_signing_key`, whose public half must be in `token_keys`.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let key_set = settings.text("token_keys").await?;
        let secret = BASE64_STANDARD
            .decode(settings.text("token_signing_key").await?.trim())
            .map_err(|_| Settings::unusable("token_signing_key", "it is not base64"))?;
        let key = find_key(&secret, &key_set).ok_or_else(|| {
            let reason = "token_keys has no public P-256 key that belongs to it";
            Settings::unusable("token_signing_key", reason)
        })?;
        let refresh_key =
            refresh_key(&secret).map_err(|error| Settings::unusable("token_signing_key", error))?;
        Ok(Self(Arc::new(Inner {
            key,
            refresh_key,
            issuer: settings.text("token_issuer").await?,
            audience: settings.text("token_audience").await?,
            key_set,
        })))
    }

    /// An access token for this user.
    pub fn sign(&self, bearer: Bearer) -> Result<String, jwt_simple::Error> {
        let Bearer {
            user,
            role,
            email,
            generation,
        } = bearer;
        let claims = AccessClaims {
            client_id: CLIENT_ID.to_owned(),
            role,
            email,
            generation,
        };
        let lifetime = Duration::from_secs(LIFETIME_SECONDS);
        let claims = Claims::with_custom_claims(claims, lifetime)
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

    /// The refresh token that follows this one.
    pub fn successor(&self, shown: &RefreshToken) -> Result<RefreshToken, InvalidLength> {
        shown.successor(&self.0.refresh_key)
    }

    /// The JWKS that `/.well-known/jwks.json` answers.
    pub fn key_set(&self) -> &str {
        &self.0.key_set
    }
}

fn refresh_key(secret: &[u8]) -> Result<Vec<u8>, InvalidLength> {
    let mac = Hmac::<Sha256>::new_from_slice(secret)?.chain_update(REFRESH_TOKENS);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// The key pair of this secret, under the id of the one key of the set that is its public half.
fn find_key(secret: &[u8], key_set: &str) -> Option<ES256KeyPair> {
    let pair = ES256KeyPair::from_bytes(secret).ok()?;
    let point = pair.public_key().public_key().to_bytes_uncompressed();
    // SEC 1 §2.3.3: 4, x, y.
    let (x, y) = point.get(1..)?.split_at_checked(32)?;
    let set: Value = serde_json::from_str(key_set).ok()?;
    let kid = set.get("keys")?.as_array()?.iter().find_map(|key| {
        let member = |name: &str| key.get(name)?.as_str();
        let is = |name, bytes| member(name) == Some(&*BASE64_URL_SAFE_NO_PAD.encode(bytes));
        (is("x", x) && is("y", y)).then(|| member("kid"))?
    })?;
    Some(pair.with_key_id(kid))
}
