//! Secrets and signatures in the form of Standard Webhooks (<https://www.standardwebhooks.com>): `v1` is
//! HMAC-SHA256 of `id.timestamp.body`, in base64.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// 32 random bytes; merchants see `whsec_` and their base64. It shows itself to nobody by accident.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A new one.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// As it is stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the store, and for nobody else.
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// For the merchant, once.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The header `webhook-signature`: one signature for each secret, so that a receiver that knows any of them
/// is content. `timestamp` is in Unix seconds.
pub fn sign<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    id: &str,
    timestamp: i64,
    body: &str,
) -> String {
    let content = format!("{id}.{timestamp}.{body}");
    let signatures = secrets
        .into_iter()
        .filter_map(|secret| sign_once(&secret.0, content.as_bytes()));
    signatures.collect::<Vec<_>>().join(" ")
}

/// HMAC takes a key of any length, so there always is one.
fn sign_once(key: &[u8], content: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(content);
    let code = mac.finalize().into_bytes();
    Some(format!("v1,{}", BASE64_STANDARD.encode(code)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use standardwebhooks::Webhook;

    use super::*;

    /// The vector of the specification's own libraries.
    #[test]
    fn the_signature_is_that_of_the_standard() {
        let key = BASE64_STANDARD
            .decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
            .unwrap();
        let content = concat!(
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk.1649367553.",
            r#"{"email":"test@example.com","username":"test_user"}"#
        );
        assert_eq!(
            sign_once(&key, content.as_bytes()).unwrap(),
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
        );
    }

    #[test]
    fn while_they_rotate_both_secrets_sign() {
        let (new, old) = (Secret([1; 32]), Secret([2; 32]));
        let both = sign([&new, &old], "id", 7, "{}");
        let each = [&new, &old].map(|secret| sign([secret], "id", 7, "{}"));
        assert_eq!(both, each.join(" "));
    }

    #[test]
    fn a_secret_is_not_in_what_is_printed_for_developers() {
        let secret = Secret::random().unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_ne!(secret, Secret::random().unwrap());
    }

    proptest! {
        #[test]
        fn the_library_for_receivers_signs_alike(
            bytes: [u8; 32], id in "[a-z0-9-]{1,40}", timestamp in 0_i64..1 << 40, body: String
        ) {
            let secret = Secret(bytes);
            let library = Webhook::new(&secret.reveal()).unwrap();
            let expected = library.sign(&id, timestamp, body.as_bytes()).unwrap();
            prop_assert_eq!(sign([&secret], &id, timestamp, &body), expected);
        }
    }
}
