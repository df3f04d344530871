//! Who is asking: access tokens (RFC 9068) verified without a call to accounts, and the token by which
//! services know each other.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use commerce::UserId;
use http::HeaderName;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jwt_simple::prelude::{
    Ed25519PublicKey, EdDSAPublicKeyLike, Token, UnixTimeStamp, VerificationOptions,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::clock::now_ms;
use crate::problem::Problem;
use crate::settings::{SettingError, Settings};

/// How many verified tokens an instance remembers.
const REMEMBERED: usize = 1024;

/// The header of calls between services.
pub(crate) const SERVICE_TOKEN: HeaderName = HeaderName::from_static("comptoir-service-token");

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Client,
    Seller,
    Admin,
    Supplier,
}

impl Role {
    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Client => "client",
            Role::Seller => "seller",
            Role::Admin => "admin",
            Role::Supplier => "supplier",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Role::Client, Role::Seller, Role::Admin, Role::Supplier]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("no role is named {text}"))
    }
}

/// Who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    pub role: Role,
}

/// The claims of an access token beyond the registered ones.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    pub role: Role,
    /// The account's, when the token was given (OpenID Connect Core §5.1).
    pub email: String,
}

/// The e-mail address of the caller's account, when their token was given.
#[derive(Clone, Debug)]
pub struct AccountEmail(pub Arc<str>);

/// What a good token says.
#[derive(Clone, Debug)]
struct Verified {
    caller: Caller,
    email: AccountEmail,
    /// Unix seconds.
    expires: i64,
}

/// The public keys that are believed, whom tokens must come from and whom they must be for.
#[derive(Clone, Debug)]
pub struct Tokens(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: Vec<(String, Ed25519PublicKey)>,
    options: VerificationOptions,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

/// An Ed25519 public key as RFC 8037 writes it.
#[derive(Deserialize)]
struct Key {
    kty: String,
    crv: String,
    kid: String,
    x: String,
}

thread_local! {
    /// Tokens that were verified, by their SHA-256, until they expire.
    static VERIFIED: RefCell<HashMap<[u8; 32], Verified>> = RefCell::new(HashMap::new());
}

impl Tokens {
    /// Reads `token_keys` (a JWKS), `token_issuer` and `token_audience`.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let set: KeySet = serde_json::from_slice(settings.text("token_keys").await?.as_bytes())
            .map_err(|error| Settings::unusable("token_keys", error))?;
        let keys = set
            .keys
            .into_iter()
            .map(|key| {
                key.read()
                    .map_err(|error| Settings::unusable("token_keys", error))
            })
            .collect::<Result<_, _>>()?;
        let options = VerificationOptions {
            allowed_issuers: Some([settings.text("token_issuer").await?].into()),
            allowed_audiences: Some([settings.text("token_audience").await?].into()),
            required_signature_type: Some("at+jwt".into()),
            ..VerificationOptions::default()
        };
        Ok(Self(Arc::new(Inner { keys, options })))
    }

    /// What a token says, if every part of it is as it must be.
    fn verify(&self, token: &str) -> Option<Verified> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let now = now_ms() / 1000;
        if let Some(known) = VERIFIED.with_borrow(|verified| verified.get(&digest).cloned()) {
            return (known.expires > now).then_some(known);
        }
        let new = self.verify_signature(token)?;
        VERIFIED.with_borrow_mut(|verified| {
            if verified.len() >= REMEMBERED {
                verified.retain(|_, known| known.expires > now);
                if verified.len() >= REMEMBERED {
                    verified.clear();
                }
            }
            verified.insert(digest, new.clone());
        });
        Some(new)
    }

    fn verify_signature(&self, token: &str) -> Option<Verified> {
        let metadata = Token::decode_metadata(token).ok()?;
        let kid = metadata.key_id()?;
        let (_, key) = self.0.keys.iter().find(|(known, _)| known == kid)?;
        let claims = key
            .verify_token::<AccessClaims>(token, Some(self.0.options.clone()))
            .ok()?;
        let user = claims.subject.as_deref()?.parse().ok()?;
        let AccessClaims { role, email } = claims.custom;
        Some(Verified {
            caller: Caller { user, role },
            email: AccountEmail(email.into()),
            expires: seconds(claims.expires_at?),
        })
    }

    /// What the request's token says; nothing where there is none. One that is not good is refused.
    fn verify_bearer(&self, parts: &Parts) -> Result<Option<Verified>, Problem> {
        let Some(value) = parts.headers.get(AUTHORIZATION) else {
            return Ok(None);
        };
        let (scheme, token) = value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .ok_or_else(Problem::invalid_token)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::invalid_token());
        }
        self.verify(token.trim())
            .map(Some)
            .ok_or_else(Problem::invalid_token)
    }
}

fn seconds(instant: UnixTimeStamp) -> i64 {
    i64::try_from(instant.as_secs()).unwrap_or(i64::MAX)
}

impl Key {
    fn read(self) -> Result<(String, Ed25519PublicKey), String> {
        if self.kty != "OKP" || self.crv != "Ed25519" {
            return Err(format!("key {} is not an Ed25519 one", self.kid));
        }
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(&self.x)
            .map_err(|error| format!("key {}: {error}", self.kid))?;
        let key = Ed25519PublicKey::from_bytes(&bytes)
            .map_err(|error| format!("key {}: {error}", self.kid))?
            .with_key_id(&self.kid);
        Ok((self.kid, key))
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Tokens: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state)
            .await?
            .ok_or_else(Problem::unauthenticated)
    }
}

/// Nobody where there is no token; a token that is not good is refused even where none is needed.
impl<S> OptionalFromRequestParts<S> for Caller
where
    S: Send + Sync,
    Tokens: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        let verified = Tokens::from_ref(state).verify_bearer(parts)?;
        Ok(verified.map(|verified| verified.caller))
    }
}

impl<S> FromRequestParts<S> for AccountEmail
where
    S: Send + Sync,
    Tokens: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let verified = Tokens::from_ref(state).verify_bearer(parts)?;
        let verified = verified.ok_or_else(Problem::unauthenticated)?;
        Ok(verified.email)
    }
}

macro_rules! callers_in_role {
    ($($(#[$doc:meta])* $name:ident: $($role:path)|+;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub Caller);

        impl<S> FromRequestParts<S> for $name
        where
            S: Send + Sync,
            Tokens: FromRef<S>,
        {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
                match caller.role {
                    $($role)|+ => Ok(Self(caller)),
                    _ => Err(Problem::forbidden()),
                }
            }
        }
    )+};
}

callers_in_role! {
    /// Someone who buys.
    Client: Role::Client;
    /// Someone who sells, or an admin in their place.
    Seller: Role::Seller | Role::Admin;
    /// Someone who runs the shop.
    Admin: Role::Admin;
    /// Someone who delivers, or an admin in their place.
    Supplier: Role::Supplier | Role::Admin;
}

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
}

impl<S> FromRequestParts<S> for ServiceToken
where
    S: Send + Sync,
    ServiceToken: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let expected = Self::from_ref(state);
        let shown = parts.headers.get(&SERVICE_TOKEN);
        // Digests are compared, so that the time taken says nothing about the secret.
        let good = shown.is_some_and(|shown| {
            Sha256::digest(shown.as_bytes()) == Sha256::digest(expected.0.as_bytes())
        });
        // To whoever is no service, there is nothing here.
        if good {
            Ok(expected)
        } else {
            Err(Problem::not_found())
        }
    }
}
