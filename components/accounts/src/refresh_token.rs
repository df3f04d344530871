//! Refresh tokens: the id of a session and 32 bytes that nobody can guess, base64url. Only a digest is stored. The
//! first bytes of a session are random; those that follow are derived from the ones before and a secret of the
//! house.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use commerce::SessionId;
use hmac::digest::InvalidLength;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// How long a session lives without being refreshed: 30 days.
pub const LIFETIME_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A token that was shown, or is about to be given.
pub struct RefreshToken {
    pub session: SessionId,
    secret: [u8; 32],
}

impl RefreshToken {
    /// A new token of this session.
    pub fn generate(session: SessionId) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self { session, secret })
    }

    /// The token that this text is, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (session, secret) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            session: SessionId::from_bytes(*session),
            secret: secret.try_into().ok()?,
        })
    }

    /// The token that follows this one: whoever has the key derives it again, and nobody else does.
    pub fn successor(&self, key: &[u8]) -> Result<Self, InvalidLength> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
        mac.update(&self.session.into_bytes());
        mac.update(&self.secret);
        Ok(Self {
            session: self.session,
            secret: mac.finalize().into_bytes().into(),
        })
    }

    /// What the client is given.
    pub fn to_text(&self) -> String {
        let bytes = [&self.session.into_bytes()[..], &self.secret[..]].concat();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What is stored.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text() {
        let token = RefreshToken::generate(SessionId::from_bytes([7; 16])).unwrap();
        let read = RefreshToken::parse(&token.to_text()).unwrap();
        assert_eq!(read.session, token.session);
        assert_eq!(read.digest(), token.digest());
    }

    #[test]
    fn a_token_has_one_successor_for_each_key() {
        let token = RefreshToken::generate(SessionId::from_bytes([7; 16])).unwrap();
        let next = |key: &[u8]| token.successor(key).unwrap().to_text();
        assert_eq!(next(b"key"), next(b"key"));
        assert_ne!(next(b"key"), next(b"other"));
        assert_ne!(next(b"key"), token.to_text());
        let other = RefreshToken::generate(SessionId::from_bytes([7; 16])).unwrap();
        assert_ne!(other.successor(b"key").unwrap().to_text(), next(b"key"));
    }

    #[test]
    fn other_text_is_no_token() {
        for text in ["", "abc", &"A".repeat(63), &"A".repeat(65), "é"] {
            assert!(RefreshToken::parse(text).is_none(), "{text}");
        }
    }
}
