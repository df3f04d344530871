//! The two languages in which the shop speaks to people, and texts that exist in both.
//!
//! Negotiation follows RFC 9110 §12.5.4 with the basic filtering of RFC 4647 §3.3.1.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language of the shop; on the wire its tag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum Language {
    /// The shop's own, and the one of whoever asks for nothing or for what it does not speak.
    #[default]
    #[serde(rename = "fr")]
    French,
    /// The other one.
    #[serde(rename = "en")]
    English,
}

/// What a client thinks of one language: its weight in thousandths, and where it said so.
#[derive(Clone, Copy)]
struct Wish {
    weight: u16,
    position: usize,
}

impl Language {
    /// The language that the value of an `Accept-Language` header prefers. Equal weights go by the
    /// order in which the client wrote them; ranges that cannot be read are passed over; a
    /// language refused with `q=0` is chosen only if both are.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        let [mut french, mut english, mut any] = [None::<Wish>; 3];
        for (position, range) in header.split(',').enumerate() {
            let Some((tag, weight)) = parse_range(range) else {
                continue;
            };
            let primary = tag.split('-').next().unwrap_or_default();
            let wish = if primary.eq_ignore_ascii_case("fr") {
                &mut french
            } else if primary.eq_ignore_ascii_case("en") {
                &mut english
            } else if tag == "*" {
                &mut any
            } else {
                continue;
            };
            // `fr-CA;q=0.5, fr;q=0.9`: what the client likes best of a language is what it gets.
            if wish.is_none_or(|earlier| weight > earlier.weight) {
                *wish = Some(Wish { weight, position });
            }
        }
        match (french.or(any), english.or(any)) {
            (Some(french), Some(english)) if prefers(english, french) => Self::English,
            (None, Some(english)) if english.weight > 0 => Self::English,
            (Some(french), None) if french.weight == 0 => Self::English,
            _ => Self::French,
        }
    }

    /// The tag for `Content-Language` and `lang` (RFC 5646).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }
}

/// Whether the first wish beats the second; two that both come from `*` are at the same place.
const fn prefers(first: Wish, second: Wish) -> bool {
    first.weight > second.weight
        || (first.weight == second.weight && first.weight > 0 && first.position < second.position)
}

/// `fr-CA;q=0.8` as its tag and its weight in thousandths.
fn parse_range(range: &str) -> Option<(&str, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let weight = match parts.next() {
        None => 1000,
        Some(parameter) => {
            let (name, value) = parameter.split_once('=')?;
            if !name.trim_end().eq_ignore_ascii_case("q") {
                return None;
            }
            parse_weight(value.trim_start())?
        }
    };
    Some((tag, weight))
}

/// A `qvalue` (RFC 9110 §12.4.2) in thousandths: `0` or `1`, and at most three decimals.
fn parse_weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{decimals:0<3}").parse::<u16>().ok()?;
    match (whole, thousandths) {
        ("0", _) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

/// A text for people, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// In French.
    pub fr: Cow<'static, str>,
    /// In English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// The same thing said in French and in English.
    #[must_use]
    pub fn new(fr: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self {
            fr: fr.into(),
            en: en.into(),
        }
    }

    /// The wording for someone who reads this language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::French => &self.fr,
            Language::English => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_the_shop_speaks_is_chosen() {
        for (header, tag) in [
            ("", "fr"),
            ("*", "fr"),
            ("de, it;q=0.5", "fr"),
            ("en", "en"),
            ("EN-gb", "en"),
            ("de, en;q=0.3", "en"),
            ("fr, en", "fr"),
            ("en, fr", "en"),
            ("en;q=0.7, fr;q=0.8", "fr"),
            ("fr;q=0.70, en;q=0.701", "en"),
            ("fr-CA;q=0.5, en;q=0.6, fr;q=0.9", "fr"),
            ("en;q=0.5, *", "fr"),
            ("fr;q=0.5, *", "en"),
            ("fr;q=0", "en"),
            ("fr;q=0, *;q=0.1", "en"),
            ("fr;q=0, en;q=0", "fr"),
            ("en;q=0", "fr"),
            ("*;q=0", "fr"),
            (" en ; Q = 1.000 ", "en"),
            ("en;q=2, fr;q=0.1", "fr"),
            ("en;q=0.1234, fr;q=0.1", "fr"),
            ("en;q=, fr;q=0.1", "fr"),
            ("en;level=1", "fr"),
            (",,;;=,\u{e9}-,en", "en"),
        ] {
            assert_eq!(
                Language::from_accept_language(header).tag(),
                tag,
                "{header:?}"
            );
        }
    }

    #[test]
    fn a_text_is_said_in_the_readers_language() {
        let text = Text::new("Bonjour", String::from("Hello"));
        assert_eq!(text.in_language(Language::French), "Bonjour");
        assert_eq!(text.in_language(Language::English), "Hello");
    }
}
