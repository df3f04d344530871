//! The signature of Stripe's webhooks (<https://docs.stripe.com/webhooks#verify-manually>): the header
//! `Stripe-Signature: t=…,v1=…,v1=…`, where `v1` is the HMAC-SHA256 of `<t>.<body>` in hexadecimal. While a
//! secret is rotated, Stripe signs with both, and we take both.

use std::sync::Arc;

use hmac::{Hmac, Mac};
use service::settings::SettingError;
use service::{Problem, Settings};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// How far the header's instant may be from ours, in seconds.
const TOLERANCE: i64 = 300;

/// Why a webhook is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("there is no signature that can be read")]
    Unreadable,
    #[error("the signature is not of these five minutes")]
    Stale,
    #[error("no secret of ours made the signature")]
    Wrong,
}

/// What signs the webhooks: one secret, or two while they are rotated.
#[derive(Clone)]
pub struct Secrets(Arc<[String]>);

impl Secrets {
    /// Reads `stripe_webhook_secrets`, separated by spaces.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let text = settings.text("stripe_webhook_secrets").await?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_owned).collect())
    }

    /// Refuses a body that none of the secrets has signed within the tolerance; `now` is in Unix seconds.
    pub fn verify(&self, header: &str, body: &[u8], now: i64) -> Result<(), SignatureError> {
        let mut instant = None;
        let mut signatures = Vec::new();
        for part in header.split(',') {
            match part.trim().split_once('=') {
                Some(("t", seconds)) => instant = Some(seconds),
                Some(("v1", signature)) => signatures.push(signature),
                _ => {}
            }
        }
        let instant = instant.ok_or(SignatureError::Unreadable)?;
        let signed_at: i64 = instant.parse().map_err(|_| SignatureError::Unreadable)?;
        let mut good = Choice::from(0);
        for secret in self.0.iter() {
            let expected = sign(secret, instant, body).ok_or(SignatureError::Unreadable)?;
            for signature in &signatures {
                good |= expected.as_bytes().ct_eq(signature.as_bytes());
            }
        }
        if !bool::from(good) {
            return Err(SignatureError::Wrong);
        }
        if now.saturating_sub(signed_at).saturating_abs() > TOLERANCE {
            return Err(SignatureError::Stale);
        }
        Ok(())
    }
}

/// In hexadecimal.
fn sign(secret: &str, instant: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(instant.as_bytes());
    mac.update(b".");
    mac.update(body);
    let bytes = mac.finalize().into_bytes();
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// 400, as Stripe's own examples answer.
impl From<SignatureError> for Problem {
    fn from(error: SignatureError) -> Self {
        let detail = match error {
            SignatureError::Unreadable => (
                "Stripe-Signature : illisible",
                "Stripe-Signature: unreadable",
            ),
            SignatureError::Stale => ("Stripe-Signature : périmée", "Stripe-Signature: stale"),
            SignatureError::Wrong => ("Stripe-Signature : fausse", "Stripe-Signature: wrong"),
        };
        Problem::malformed()
            .detail(detail.0, detail.1)
            .caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &[u8] = br#"{"id": "evt_1"}"#;

    fn header(secret: &str, seconds: i64) -> String {
        let signature = sign(secret, &seconds.to_string(), BODY).unwrap();
        format!("t={seconds},v1={signature},v0=ignored")
    }

    fn verify(secrets: &str, header: &str, now: i64) -> Result<(), SignatureError> {
        Secrets::parse(secrets).verify(header, BODY, now)
    }

    /// Made by `stripe.WebhookSignature.generate_signature_header` of Stripe's Python library.
    #[test]
    fn a_header_of_stripes_own_library_is_good() {
        let header = "t=1700000000,\
            v1=a0c091828640f0b68061abc7c03981ad1100ff7160c5dba6b656239494a2b537";
        assert_eq!(verify("whsec_test", header, 1_700_000_000), Ok(()));
    }

    #[test]
    fn either_secret_is_good_while_they_are_rotated() {
        for secret in ["old", "new"] {
            assert_eq!(verify("old new", &header(secret, 1000), 1000), Ok(()));
        }
        let both = format!("{},{}", header("other", 1000), header("new", 1000));
        assert_eq!(verify("old new", &both, 1000), Ok(()));
        let wrong = verify("old new", &header("other", 1000), 1000);
        assert_eq!(wrong, Err(SignatureError::Wrong));
    }

    #[test]
    fn a_signature_is_good_for_five_minutes() {
        for now in [700, 1300] {
            assert_eq!(verify("a", &header("a", 1000), now), Ok(()));
        }
        for now in [699, 1301] {
            let stale = verify("a", &header("a", 1000), now);
            assert_eq!(stale, Err(SignatureError::Stale));
        }
    }

    #[test]
    fn without_a_secret_nothing_is_good() {
        let wrong = verify("", &header("", 1000), 1000);
        assert_eq!(wrong, Err(SignatureError::Wrong));
    }

    proptest! {
        #[test]
        fn whatever_is_no_signature_is_refused(header in ".*") {
            prop_assert!(verify("a", &header, 1000).is_err());
        }

        #[test]
        fn a_body_that_was_changed_is_refused(position in 0..BODY.len(), bit in 0..8) {
            let mut body = BODY.to_vec();
            body[position] ^= 1_u8 << bit;
            let refused = Secrets::parse("a").verify(&header("a", 1000), &body, 1000);
            prop_assert_eq!(refused, Err(SignatureError::Wrong));
        }
    }
}
