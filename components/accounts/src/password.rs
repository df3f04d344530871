//! Passwords: what may be one, and its argon2id hash (19 MiB, 2 passes: OWASP's first choice).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use commerce::Text;

/// The hash of a password that nobody knows: verifying against it takes the time that it would take if
/// the account existed.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y29tcHRvaXItbm9ib2R5IQ$ZmtSLV8AVXDexucn607F5UbZalZmLU/nBssIQxNztWs";

/// A password that may be set: 10 to 128 characters.
pub struct NewPassword(String);

impl NewPassword {
    pub fn parse(text: &str) -> Result<Self, Text> {
        if (10..=128).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Text::new(
                "De 10 à 128 caractères",
                "From 10 to 128 characters",
            ))
        }
    }

    /// The hash that is kept, in the PHC string format.
    pub fn hash(&self) -> Result<String, argon2::password_hash::Error> {
        Ok(Argon2::default()
            .hash_password(self.0.as_bytes())?
            .to_string())
    }
}

/// Whether this is the password of the hash. Without a hash – nobody has that e-mail – it is wrong, and
/// that takes the same time.
pub fn is_right(password: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else {
        return false;
    };
    let right = Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok();
    right && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_for_its_own_hash_only() {
        let hash = NewPassword::parse("correct horse").unwrap().hash().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(is_right("correct horse", Some(&hash)));
        assert!(!is_right("correct horsf", Some(&hash)));
        assert!(!is_right("correct horse", None));
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let somebody = NewPassword::parse("correct horse").unwrap().hash().unwrap();
        let somebody = PasswordHash::new(&somebody).unwrap();
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(
            nobody.hash.unwrap().as_bytes().len(),
            somebody.hash.unwrap().as_bytes().len()
        );
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(NewPassword::parse("éééééééééé").is_ok());
        assert!(NewPassword::parse("neuf char").is_err());
        assert!(NewPassword::parse(&"é".repeat(129)).is_err());
    }
}
