//! Access tokens that accounts never gave: with the shop's own key, so that one thing alone is wrong with
//! each, or with no key at all.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use xtask::private;

/// What stands before the number in the PKCS #8 form of a P-256 key (RFC 5208, RFC 5915).
const PKCS8: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
    0x01, 0x04, 0x20,
];

#[derive(Debug)]
pub struct Forger {
    number: Vec<u8>,
}

impl Forger {
    pub(crate) fn new(signing_key: &str) -> Self {
        Self {
            number: BASE64_STANDARD.decode(signing_key).unwrap(),
        }
    }

    /// Signed by the shop's own key, whatever it says.
    pub fn sign(&self, header: &Header, claims: &Value) -> String {
        let key = EncodingKey::from_ec_der(&[&PKCS8[..], &self.number[..]].concat());
        jsonwebtoken::encode(header, claims, &key).unwrap()
    }

    /// A good token of somebody in the role `client`.
    pub(crate) fn client_token(&self, key_set: &str) -> String {
        self.token(key_set, &uuid(), "client")
    }

    /// A good token of this person in this role, for a quarter of an hour.
    fn token(&self, key_set: &str, subject: &str, role: &str) -> String {
        let keys: Value = serde_json::from_str(key_set).unwrap();
        let kid = keys.pointer("/keys/0/kid").and_then(Value::as_str);
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: kid.map(str::to_owned),
            ..Header::new(Algorithm::ES256)
        };
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = since.as_secs();
        let claims = json!({
            "iss": "https://comptoir.example",
            "aud": "comptoir",
            "sub": subject,
            "jti": uuid(),
            "iat": now,
            "exp": now + 900,
            "client_id": "comptoir",
            "generation": 1,
            "role": role,
            "email": format!("{subject}@example.org"),
        });
        self.sign(&header, &claims)
    }

    /// Signed by the HMAC of a key that everybody knows.
    pub fn sign_with_public_key(&self, header: &Header, claims: &Value, public: &[u8]) -> String {
        let header = Header {
            alg: Algorithm::HS256,
            ..header.clone()
        };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(public)).unwrap()
    }

    /// Not signed at all.
    pub fn unsigned(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(header), part(claims))
    }
}

/// Gives good tokens to people who have not signed in. Whoever only buys needs no account for it; whoever does more
/// must have one, because accounts is asked.
#[derive(Debug)]
pub(crate) struct Mint {
    forger: Forger,
    key_set: String,
}

impl Mint {
    pub fn new(forger: Forger, key_set: &str) -> Self {
        Self {
            forger,
            key_set: key_set.to_owned(),
        }
    }

    /// Good for a quarter of an hour.
    pub fn token(&self, subject: &str, role: &str) -> String {
        self.forger.token(&self.key_set, subject, role)
    }
}

/// A random UUID (RFC 9562 §5.4).
pub(crate) fn uuid() -> String {
    let bytes: [u8; 16] = private::random_bytes().unwrap();
    let bits = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part).unwrap());
    parts.join("-")
}

/// What a token says, unverified.
pub fn claims_of(token: &str) -> Value {
    part_of(token, 1)
}

pub fn header_of(token: &str) -> Value {
    part_of(token, 0)
}

fn part_of(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
