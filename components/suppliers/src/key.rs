//! Keys of machines: shown once, stored as a digest, good until they are revoked or run out.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use commerce::{ApiKeyId, Label, Text, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// What keys begin with, so that scanners for leaked secrets know them, and access tokens are no keys.
const PREFIX: &str = "csk_";
const BYTES: usize = 32;
/// What people see of a key again.
const HINT: usize = 4;
/// `last_used_at` is written at most so often.
const USE_NOTED_EVERY_MS: i64 = 60_000;

pub type KeyName = Label<100>;

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApiKeyScope)]
pub enum Scope {
    /// To read everything that the supplier sees.
    Read,
    /// To tell of deliveries.
    Restock,
    /// To confirm and ship purchase orders.
    PurchaseOrders,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Restock, Self::PurchaseOrders];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Restock => "restock",
            Self::PurchaseOrders => "purchase_orders",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    /// What is wrong with a name that is none.
    pub fn unknown() -> Text {
        let names = Self::ALL.map(Self::as_str).join(", ");
        Text::new(format!("L’un de : {names}"), format!("One of: {names}"))
    }
}

/// A key as it is given, once. It shows itself to nobody by accident.
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        let text = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        Ok(Self(format!("{PREFIX}{text}")))
    }

    /// The key that was shown, if it looks like one.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(rest).ok()?;
        (bytes.len() == BYTES).then(|| Self(text.to_owned()))
    }

    /// What is stored.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// Its end, by which people know it.
    pub fn hint(&self) -> &str {
        self.0.get(self.0.len() - HINT..).unwrap_or_default()
    }

    /// For the supplier, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A key as it is shown again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub supplier_id: UserId,
    /// What it is for, in its owner's words.
    #[schema(example = "Entrepôt de Nantes")]
    pub name: String,
    /// The last four characters of the key.
    #[schema(example = "x7Qa")]
    pub hint: String,
    pub scopes: Vec<Scope>,
    /// The admin who made it.
    pub created_by: UserId,
    pub created_at: Timestamp,
    /// To the minute; null until it is used.
    pub last_used_at: Option<Timestamp>,
    /// Null for never.
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it opens anything at this moment.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether its use at this moment is worth a write.
    pub fn use_is_news(&self, now: Timestamp) -> bool {
        self.last_used_at
            .is_none_or(|last| last.plus_ms(USE_NOTED_EVERY_MS) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn key() -> ApiKey {
        let supplier_id = UserId::from_bytes([1; 16]);
        ApiKey {
            id: ApiKeyId::from_bytes([2; 16]),
            supplier_id,
            name: "Entrepôt".into(),
            hint: "abcd".into(),
            scopes: vec![Scope::Read],
            created_by: supplier_id,
            created_at: at(0),
            last_used_at: None,
            expires_at: Some(at(1000)),
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_is_known_again_by_its_digest() {
        let secret = Secret::random().unwrap();
        let shown = Secret::parse(secret.reveal()).unwrap();
        assert_eq!(shown.digest(), secret.digest());
        assert!(secret.reveal().ends_with(secret.hint()));
        assert_ne!(secret.digest(), Secret::random().unwrap().digest());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn what_is_no_key_is_not_looked_up() {
        let access_token = "eyJhbGciOiJFZERTQSJ9.e30.AAAA";
        for text in ["", "csk_", "csk_abc", access_token] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_key_is_good_until_it_ends_or_is_revoked() {
        assert!(key().is_good(at(999)));
        assert!(!key().is_good(at(1000)));
        let revoked = ApiKey {
            revoked_at: Some(at(1)),
            ..key()
        };
        assert!(!revoked.is_good(at(2)));
        let endless = ApiKey {
            expires_at: None,
            ..key()
        };
        assert!(endless.is_good(at(i64::MAX)));
    }

    #[test]
    fn a_use_is_noted_once_a_minute() {
        assert!(key().use_is_news(at(0)));
        let used = ApiKey {
            last_used_at: Some(at(0)),
            ..key()
        };
        assert!(!used.use_is_news(at(59_999)));
        assert!(used.use_is_news(at(60_000)));
    }
}
