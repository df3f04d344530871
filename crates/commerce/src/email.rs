//! An e-mail address, as it is kept: lower case, so that it is unique without regard to case.

use crate::language::Text;

/// The longest address that SMTP carries (RFC 5321 §4.5.3.1, erratum 1690).
const MAX_LENGTH: usize = 254;

/// `someone@example.org`: ASCII, one `@`, a local part, a host name with a dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address without the space around it, in lower case.
    ///
    /// # Errors
    /// A sentence for people where no mail would reach it.
    pub fn parse(text: &str) -> Result<Self, Text> {
        let email = text.trim().to_ascii_lowercase();
        let well_formed = email.rsplit_once('@').is_some_and(|(local, host)| {
            (1..=64).contains(&local.len())
                && !local.contains('@')
                && email.bytes().all(|b| b.is_ascii_graphic())
                && is_host_name(host)
        });
        if well_formed && email.len() <= MAX_LENGTH {
            Ok(Self(email))
        } else {
            Err(Text::new(
                "Ce n’est pas une adresse électronique",
                "This is not an e-mail address",
            ))
        }
    }

    /// As it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_host_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.contains('.') && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_space_around_do_not_count() {
        assert_eq!(
            Email::parse(" Zoe.Martin+shop@Example.ORG ")
                .unwrap()
                .as_str(),
            "zoe.martin+shop@example.org"
        );
    }

    #[test]
    fn what_no_mail_reaches_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        for text in [
            "",
            "zoe",
            "zoe@",
            "@example.org",
            "zoe@example",
            "a@b@example.org",
            "zoé@example.org",
            "zoe martin@example.org",
            "zoe@exa mple.org",
            "zoe@-example.org",
            "zoe@example..org",
            &long,
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
