//! Access tokens as they are verified: by public keys, without asking anybody.
//!
//! They are signed with ES256, which the common libraries of 2026 read (ADR 18).

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderMap;
use jwt_simple::prelude::{
    Duration, ECDSAP256PublicKeyLike, ES256PublicKey, Token, UnixTimeStamp, VerificationOptions,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{AccountEmail, Caller, Role, bearer};
use crate::clock::now_ms;
use crate::problem::Problem;
use crate::settings::{SettingError, Settings};

/// How many verified tokens an instance remembers.
const REMEMBERED: usize = 1024;
/// How far the clocks of two machines may be apart, in seconds.
const CLOCK_TOLERANCE: u64 = 5;
/// Our own tokens are a seventh of it.
const MAX_TOKEN_LENGTH: usize = 8 * 1024;
/// The claim `client_id` (RFC 8693 §4.3) of every token: people sign in to the shop's own API, which is the one
/// client that there is.
pub const CLIENT_ID: &str = "comptoir";

/// The claims of an access token beyond the registered ones.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    pub client_id: String,
    pub role: Role,
    /// The account's, when the token was given (OpenID Connect Core §5.1).
    pub email: String,
    /// How often what the account may do had changed when the token was given ([`crate::authority`]).
    pub generation: u64,
}

/// What a good token says.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub caller: Caller,
    pub email: AccountEmail,
    pub generation: u64,
    /// Unix seconds.
    expires: i64,
}

/// The public keys that are believed, whom tokens must come from and whom they must be for.
#[derive(Clone, Debug)]
pub struct Tokens(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: Vec<(String, ES256PublicKey)>,
    options: VerificationOptions,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

/// A P-256 public key as RFC 7518 §6.2.1 writes it.
#[derive(Deserialize)]
struct Key {
    kty: String,
    crv: String,
    kid: String,
    x: String,
    #[serde(default)]
    y: String,
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
            time_tolerance: Some(Duration::from_secs(CLOCK_TOLERANCE)),
            max_token_length: Some(MAX_TOKEN_LENGTH),
            ..VerificationOptions::default()
        };
        Ok(Self(Arc::new(Inner { keys, options })))
    }

    /// What a token says, if every part of it is as it must be.
    fn verify(&self, token: &str) -> Option<Verified> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let now = now_ms() / 1000;
        if let Some(known) = VERIFIED.with_borrow(|verified| verified.get(&digest).cloned()) {
            let is_good = known.expires > now.saturating_sub_unsigned(CLOCK_TOLERANCE);
            return is_good.then_some(known);
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
        let AccessClaims {
            role,
            email,
            generation,
            ..
        } = claims.custom;
        Some(Verified {
            caller: Caller { user, role },
            email: AccountEmail(email.into()),
            generation,
            expires: seconds(claims.expires_at?),
        })
    }

    /// What the good token of a request says; nothing where there is none that is good.
    pub(crate) fn good(&self, headers: &HeaderMap) -> Option<Verified> {
        self.verify_bearer(headers).ok().flatten()
    }

    /// What the request's token says; nothing where there is none. One that is not good is refused.
    pub(crate) fn verify_bearer(&self, headers: &HeaderMap) -> Result<Option<Verified>, Problem> {
        match bearer(headers)? {
            None => Ok(None),
            Some(token) => match self.verify(token) {
                None => Err(Problem::invalid_token()),
                verified => Ok(verified),
            },
        }
    }
}

fn seconds(instant: UnixTimeStamp) -> i64 {
    i64::try_from(instant.as_secs()).unwrap_or(i64::MAX)
}

impl Key {
    fn read(self) -> Result<(String, ES256PublicKey), String> {
        if self.kty != "EC" || self.crv != "P-256" {
            return Err(format!("key {} is not a P-256 one", self.kid));
        }
        let unreadable = |reason: &dyn std::fmt::Display| format!("key {}: {reason}", self.kid);
        let coordinate = |text: &str| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
            let bytes = bytes.map_err(|error| unreadable(&error))?;
            <[u8; 32]>::try_from(bytes).map_err(|_| unreadable(&"a coordinate has not 32 bytes"))
        };
        // SEC 1 §2.3.3: the point, uncompressed.
        let point = [&[4][..], &coordinate(&self.x)?, &coordinate(&self.y)?].concat();
        let key = ES256PublicKey::from_bytes(&point).map_err(|error| unreadable(&error))?;
        let key = key.with_key_id(&self.kid);
        Ok((self.kid, key))
    }
}
