//! The key that signs access tokens, and its public half as services read it: a JWKS (RFC 7517)
//! with one OKP key (RFC 8037), whose `kid` is its thumbprint (RFC 7638).

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_compact::{KeyPair, Seed};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::private;

#[derive(Debug)]
pub struct SigningKey {
    seed: [u8; 32],
}

impl SigningKey {
    pub fn random() -> Result<Self> {
        Ok(Self {
            seed: private::random_bytes()?,
        })
    }

    pub fn from_base64(text: &str) -> Result<Self> {
        let bytes = STANDARD.decode(text).ok();
        let seed = bytes.and_then(|bytes| bytes.try_into().ok());
        let seed = seed.context("the signing key is not the base64 of 32 bytes")?;
        Ok(Self { seed })
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.seed)
    }

    pub fn to_jwks(&self) -> String {
        let x = self.public();
        let kid = thumbprint(&x);
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x,
        }] })
        .to_string()
    }

    fn public(&self) -> String {
        let pair = KeyPair::from_seed(Seed::new(self.seed));
        URL_SAFE_NO_PAD.encode(pair.pk.as_ref())
    }
}

/// RFC 7638: the required members, in alphabetical order, without spaces.
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendices A.1 to A.3.
    const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    #[test]
    fn the_public_key_is_that_of_the_rfc() {
        let seed = URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        let key = SigningKey::from_base64(&STANDARD.encode(seed)).unwrap();
        assert_eq!(key.public(), PUBLIC);
    }

    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        assert_eq!(
            thumbprint(PUBLIC),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn a_key_survives_its_text() {
        let key = SigningKey::random().unwrap();
        let same = SigningKey::from_base64(&key.to_base64()).unwrap();
        assert_eq!(key.to_jwks(), same.to_jwks());
        assert!(SigningKey::from_base64("short").is_err());
    }
}
