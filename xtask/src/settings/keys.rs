//! The key that signs access tokens, and its public half as services read it: a JWKS (RFC 7517) with one EC key on
//! P-256 (RFC 7518 §6.2), whose `kid` is its thumbprint (RFC 7638).

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::SecretKey;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::private;

#[derive(Debug)]
pub struct SigningKey(SecretKey);

/// The coordinates of a public key, in base64url.
struct Point {
    x: String,
    y: String,
}

impl SigningKey {
    pub fn random() -> Result<Self> {
        loop {
            // Of 2^32 texts of 32 bytes, all but one are keys.
            if let Ok(key) = SecretKey::from_slice(&private::random_bytes::<32>()?) {
                return Ok(Self(key));
            }
        }
    }

    pub fn from_base64(text: &str) -> Result<Self> {
        let bytes = STANDARD.decode(text).ok();
        let key = bytes.and_then(|bytes| SecretKey::from_slice(&bytes).ok());
        let key = key.context("the signing key is not the base64 of 32 bytes of a P-256 key")?;
        Ok(Self(key))
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0.to_bytes())
    }

    pub fn to_jwks(&self) -> String {
        let point = self.public();
        let kid = point.thumbprint();
        let Point { x, y } = point;
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y,
        }] })
        .to_string()
    }

    fn public(&self) -> Point {
        // Uncompressed (SEC 1 §2.3.3): 4, x, y.
        let point = self.0.public_key().to_sec1_bytes();
        let coordinates = point.get(1..).unwrap_or_default();
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        Point {
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        }
    }
}

impl Point {
    /// RFC 7638: the required members, in alphabetical order, without spaces.
    fn thumbprint(&self) -> String {
        let Self { x, y } = self;
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(Sha256::digest(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.3.
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";

    #[test]
    fn the_public_key_is_that_of_the_rfc() {
        let secret = URL_SAFE_NO_PAD.decode(D).unwrap();
        let key = SigningKey::from_base64(&STANDARD.encode(secret)).unwrap();
        let point = key.public();
        assert_eq!((&*point.x, &*point.y), (X, Y));
    }

    #[test]
    fn the_thumbprint_is_what_other_libraries_make_of_it() {
        let point = Point {
            x: X.to_owned(),
            y: Y.to_owned(),
        };
        assert_eq!(
            point.thumbprint(),
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"
        );
    }

    #[test]
    fn a_key_survives_its_text() {
        let key = SigningKey::random().unwrap();
        let same = SigningKey::from_base64(&key.to_base64()).unwrap();
        assert_eq!(key.to_jwks(), same.to_jwks());
        let zero = STANDARD.encode([0; 32]);
        for text in ["short", &zero] {
            assert!(SigningKey::from_base64(text).is_err(), "{text}");
        }
    }
}
