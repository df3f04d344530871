//! Cart tokens: 32 random bytes in base64url, by which a guest's cart is known. Only a digest is stored.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use commerce::Text;
use sha2::{Digest, Sha256};

/// The token of a guest's cart, shown or about to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartToken([u8; 32]);

impl CartToken {
    /// A new token, that nobody can guess.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self(secret))
    }

    /// The token that this text is, if it is one.
    pub fn parse(text: &str) -> Result<Self, Text> {
        BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| {
                Text::new(
                    "Ce n’est pas un jeton de panier.",
                    "This is not a cart token.",
                )
            })
    }

    /// What the guest is given.
    pub fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the cart is found by, in hexadecimal: who reads Redis cannot use the carts in it.
    pub fn digest(&self) -> String {
        format!("{:x}", Sha256::digest(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text() {
        let token = CartToken::generate().unwrap();
        assert_eq!(token.to_text().len(), 43);
        assert_eq!(CartToken::parse(&token.to_text()), Ok(token));
    }

    #[test]
    fn two_tokens_differ_and_so_do_their_digests() {
        let [one, other] = [(); 2].map(|()| CartToken::generate().unwrap());
        assert_ne!(one, other);
        assert_ne!(one.digest(), other.digest());
        assert_eq!(one.digest().len(), 64);
    }

    #[test]
    fn other_text_is_no_token() {
        for text in [
            "",
            "abc",
            &"A".repeat(42),
            &"A".repeat(44),
            "é",
            &"=".repeat(43),
        ] {
            assert!(CartToken::parse(text).is_err(), "{text}");
        }
    }
}
