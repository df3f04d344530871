//! An e-mail address, as it is kept: lower case, and its domain in ASCII (RFC 5891), so that one address has one
//! form whatever keyboard it was typed on.

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use crate::language::Text;

/// The longest address that SMTP carries (RFC 5321 §4.5.3.1, erratum 1690).
const MAX_LENGTH: usize = 254;
/// The longest local part that it carries.
const MAX_LOCAL: usize = 64;

/// `someone@example.org`: a dot-atom of ASCII (RFC 5322 §3.4.1), and the name of a host below a top-level domain.
/// Quoted local parts and addresses of machines are mail too, but nobody's in a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address without the space around it, in lower case, its domain in A-labels.
    ///
    /// # Errors
    /// A sentence for people where no mail would reach it.
    pub fn parse(text: &str) -> Result<Self, Text> {
        Self::read(text).ok_or_else(|| {
            Text::new(
                "Ce n’est pas une adresse électronique",
                "This is not an e-mail address",
            )
        })
    }

    fn read(text: &str) -> Option<Self> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        if !is_local_part(local) {
            return None;
        }
        // No domain name has more characters than A-labels have bytes.
        if domain.chars().nth(MAX_LENGTH).is_some() {
            return None;
        }
        let domain = Uts46::new()
            .to_ascii(
                domain.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
                DnsLength::Verify,
            )
            .ok()?;
        let (_, top) = domain.rsplit_once('.')?;
        if !is_top_level(top) {
            return None;
        }
        let email = format!("{}@{domain}", local.to_ascii_lowercase());
        (email.len() <= MAX_LENGTH).then_some(Self(email))
    }

    /// As it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Words of `atext` with single dots between them.
fn is_local_part(local: &str) -> bool {
    let is_atext =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_atext);
    local.len() <= MAX_LOCAL && local.split('.').all(is_word)
}

/// Numbers are addresses of machines, in whatever notation.
fn is_top_level(label: &str) -> bool {
    label.len() >= 2 && label.starts_with(|first: char| first.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(text: &str) -> Option<String> {
        Email::parse(text).ok().map(|email| email.0)
    }

    #[test]
    fn case_and_space_around_do_not_count() {
        let email = kept(" Zoe.Martin+shop@Example.ORG ");
        assert_eq!(email.as_deref(), Some("zoe.martin+shop@example.org"));
    }

    #[test]
    fn a_domain_is_one_in_whatever_script_it_is_written() {
        for text in [
            "x@münchen.example",
            "x@MÜNCHEN.example",
            "x@mu\u{308}nchen.example",
            "x@xn--mnchen-3ya.example",
            "x@XN--MNCHEN-3YA.EXAMPLE",
            "x@münchen\u{3002}example",
        ] {
            let email = kept(text);
            assert_eq!(email.as_deref(), Some("x@xn--mnchen-3ya.example"), "{text}");
        }
        assert_eq!(
            kept("info@例え.テスト").as_deref(),
            Some("info@xn--r8jz45g.xn--zckzah")
        );
    }

    #[test]
    fn what_no_mail_reaches_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        let far = format!("a@{}.org", "b".repeat(64));
        let endless = format!("a@{}org", "bcd.".repeat(63));
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
            "zoe@example-.org",
            "zoe@example..org",
            "zoe@.example.org",
            "zoe@example.org.",
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
            "<a>@example.org",
            "Zoe <zoe@example.org>",
            "zoe@example.org (Zoe)",
            "\"a b\"@example.org",
            "\"a\"@example.org",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@127.0.0.1",
            "a@0x7f.0x1",
            "a@１２７.０.０.１",
            "a@2130706433",
            "a@exa_mple.org",
            "a@xn--.org",
            "a@xn--a.org",
            "a,b@example.org",
            "a;b@example.org",
            "a:b@example.org",
            "a\\b@example.org",
            "a\0@example.org",
            "a@example\0.org",
            "a@exam\u{200b}ple.c",
            "a@example.org\r\nbcc: b@example.org",
            "a@例え",
            &long,
            &far,
            &endless,
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_kept_is_kept_as_it_is(local in "[a-zA-Z0-9.+_-]{1,20}", domain in "\\PC{1,20}\\.\\PC{2,9}") {
            if let Some(email) = kept(&format!("{local}@{domain}")) {
                prop_assert!(email.is_ascii());
                prop_assert_eq!(kept(&email), Some(email));
            }
        }
    }
}
