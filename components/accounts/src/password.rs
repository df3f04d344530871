//! Passwords: what may be one, and its argon2id hash (19 MiB, 2 passes: OWASP's first choice).
//!
//! A password is compared in the form that RFC 8265 §4.2 gives it (OpaqueString): composed (NFC), because two
//! keyboards write the same letter in two ways, and with any space as a plain one.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use commerce::Text;
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

/// The hash of a password that nobody knows: verifying against it takes the time that it would take if
/// the account existed.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y29tcHRvaXItbm9ib2R5IQ$ZmtSLV8AVXDexucn607F5UbZalZmLU/nBssIQxNztWs";

/// A password that may be set: 10 to 128 characters.
pub struct NewPassword(String);

impl NewPassword {
    pub fn parse(text: &str) -> Result<Self, Text> {
        let password = prepare(text);
        if !(10..=128).contains(&password.chars().count()) {
            return Err(Text::new(
                "De 10 à 128 caractères",
                "From 10 to 128 characters",
            ));
        }
        if password.chars().any(char::is_control) {
            return Err(Text::new(
                "Les caractères de contrôle ne sont pas acceptés",
                "Control characters are not accepted",
            ));
        }
        Ok(Self(password))
    }

    /// The hash that is kept, in the PHC string format.
    pub fn hash(&self) -> Result<String, argon2::password_hash::Error> {
        Ok(Argon2::default()
            .hash_password(self.0.as_bytes())?
            .to_string())
    }
}

/// The form in which passwords are compared.
fn prepare(text: &str) -> String {
    let plain = |c: char| match get_general_category(c) {
        GeneralCategory::SpaceSeparator => ' ',
        _ => c,
    };
    text.chars().map(plain).nfc().collect()
}

/// Whether this is the password of the hash. Without a hash – nobody has that e-mail – it is wrong, and
/// that takes the same time.
///
/// A hash from before passwords were composed may be of the text as it was typed, which is tried too.
pub fn is_right(password: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else {
        return false;
    };
    let is_hashed = |text: &str| {
        let verified = Argon2::default().verify_password(text.as_bytes(), &parsed);
        verified.is_ok()
    };
    let prepared = prepare(password);
    let right = is_hashed(&prepared) || (prepared != password && is_hashed(password));
    right && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(password: &str) -> String {
        NewPassword::parse(password).unwrap().hash().unwrap()
    }

    #[test]
    fn a_password_is_right_for_its_own_hash_only() {
        let hash = hash("correct horse");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(is_right("correct horse", Some(&hash)));
        assert!(!is_right("correct horsf", Some(&hash)));
        assert!(!is_right("correct horse", None));
    }

    #[test]
    fn a_password_is_the_same_on_every_keyboard() {
        let (composed, decomposed) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
        for (set, given) in [(composed, decomposed), (decomposed, composed)] {
            assert!(is_right(given, Some(&hash(set))), "{set:?}");
        }
        let wide = hash("un\u{a0}deux\u{3000}trois");
        assert!(is_right("un deux trois", Some(&wide)));
        assert!(!is_right("undeuxtrois", Some(&wide)));
        // Compatible characters are not the same (RFC 8265 §4.2.2).
        assert!(!is_right("fin de moi", Some(&hash("\u{fb01}n de mois"))));
        assert!(!is_right("fin de mois", Some(&hash("\u{fb01}n de mois"))));
    }

    #[test]
    fn a_hash_of_the_text_as_it_was_typed_stays_good() {
        let typed = "cafe\u{301} au lait";
        let before = Argon2::default().hash_password(typed.as_bytes()).unwrap();
        let before = before.to_string();
        assert!(is_right(typed, Some(&before)));
        assert!(!is_right("cafe au lait", Some(&before)));
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let somebody = hash("correct horse");
        let somebody = PasswordHash::new(&somebody).unwrap();
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(
            nobody.hash.unwrap().as_bytes().len(),
            somebody.hash.unwrap().as_bytes().len()
        );
    }

    #[test]
    fn length_is_counted_in_composed_characters() {
        assert!(NewPassword::parse("éééééééééé").is_ok());
        assert!(NewPassword::parse("neuf char").is_err());
        assert!(NewPassword::parse(&"e\u{301}".repeat(9)).is_err());
        assert!(NewPassword::parse(&"e\u{301}".repeat(128)).is_ok());
        assert!(NewPassword::parse(&"é".repeat(129)).is_err());
        assert!(NewPassword::parse("dix lettres\0").is_err());
    }
}
