//! Lists and texts of a bounded size: what a request may send of them stands in the type of the field.
//!
//! Whoever deserializes one stops at the limit, before the next entry is read and before anything is done with
//! those that were. `cargo xtask tidy` refuses a field that is read without a bound, or that the OpenAPI document
//! shows with a larger one.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use crate::language::Text;

/// What the message of every excess begins with.
const MARK: &str = "bounded: at most ";

/// At most `MAX` entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundedList<T, const MAX: usize>(Vec<T>);

/// At most `MAX` characters, whatever they are: a rule of the domain says which text is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoundedText<const MAX: usize>(String);

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// A list has more entries than this.
    Entries(usize),
    /// A text has more characters than this.
    Characters(usize),
}

impl Excess {
    /// The excess that a deserializer's message is about, if it is about one: serde knows errors as text only.
    #[must_use]
    pub fn find(message: &str) -> Option<Self> {
        let (_, rest) = message.split_once(MARK)?;
        let mut words = rest.split(' ');
        let limit = words.next()?.parse().ok()?;
        match words.next()? {
            "entries" => Some(Self::Entries(limit)),
            "characters" => Some(Self::Characters(limit)),
            _ => None,
        }
    }

    /// For whoever sent it.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Entries(limit) => Text::new(
                format!("Au plus {limit} éléments"),
                format!("At most {limit} entries"),
            ),
            Self::Characters(limit) => Text::new(
                format!("Au plus {limit} caractères"),
                format!("At most {limit} characters"),
            ),
        }
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entries(limit) => write!(f, "{MARK}{limit} entries"),
            Self::Characters(limit) => write!(f, "{MARK}{limit} characters"),
        }
    }
}

impl<T, const MAX: usize> BoundedList<T, MAX> {
    /// The entries.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Default for BoundedList<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> Deref for BoundedList<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MAX: usize> IntoIterator for BoundedList<T, MAX> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T, const MAX: usize> TryFrom<Vec<T>> for BoundedList<T, MAX> {
    type Error = Excess;

    fn try_from(list: Vec<T>) -> Result<Self, Excess> {
        if list.len() <= MAX {
            Ok(Self(list))
        } else {
            Err(Excess::Entries(MAX))
        }
    }
}

impl<const MAX: usize> BoundedText<MAX> {
    /// The text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> Deref for BoundedText<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> AsRef<str> for BoundedText<MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for BoundedText<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> From<BoundedText<MAX>> for String {
    fn from(text: BoundedText<MAX>) -> Self {
        text.0
    }
}

impl<const MAX: usize> TryFrom<String> for BoundedText<MAX> {
    type Error = Excess;

    fn try_from(text: String) -> Result<Self, Excess> {
        if fits::<MAX>(&text) {
            Ok(Self(text))
        } else {
            Err(Excess::Characters(MAX))
        }
    }
}

/// No text has more characters than bytes, and none fewer than a quarter of them.
fn fits<const MAX: usize>(text: &str) -> bool {
    text.len() <= MAX || (text.len() / 4 <= MAX && text.chars().count() <= MAX)
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for BoundedList<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Entries::<T, MAX>(PhantomData))
    }
}

struct Entries<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Entries<T, MAX> {
    type Value = BoundedList<T, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX} entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while list.len() < MAX {
            match entries.next_element()? {
                Some(entry) => list.push(entry),
                None => return Ok(BoundedList(list)),
            }
        }
        match entries.next_element_seed(Unread(Excess::Entries(MAX)))? {
            Some(never) => match never {},
            None => Ok(BoundedList(list)),
        }
    }
}

/// An entry that is refused before its first byte is read.
struct Unread(Excess);

/// There is none.
enum Never {}

impl<'de> DeserializeSeed<'de> for Unread {
    type Value = Never;

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<Never, D::Error> {
        Err(D::Error::custom(self.0))
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for BoundedText<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Characters)
    }
}

/// For a field that is a `String` to everybody else: `#[serde(deserialize_with = "bounded::text::<_, 200>")]`.
///
/// # Errors
/// When it is no text, or a longer one.
pub fn text<'de, D: Deserializer<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<String, D::Error> {
    BoundedText::<MAX>::deserialize(deserializer).map(String::from)
}

/// The same for a field that may be null or, with `#[serde(default)]`, absent.
///
/// # Errors
/// When it is neither null nor a text, or a longer one.
pub fn optional_text<'de, D: Deserializer<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text = Option::<BoundedText<MAX>>::deserialize(deserializer)?;
    Ok(text.map(String::from))
}

struct Characters<const MAX: usize>;

impl<const MAX: usize> Visitor<'_> for Characters<MAX> {
    type Value = BoundedText<MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    /// A text that is too long is not copied.
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if fits::<MAX>(text) {
            Ok(BoundedText(text.to_owned()))
        } else {
            Err(E::custom(Excess::Characters(MAX)))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type List = BoundedList<u8, 3>;
    type Short = BoundedText<3>;

    fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_list_has_no_more_entries_than_its_type_says() {
        assert_eq!(read::<List>("[]").unwrap().len(), 0);
        assert_eq!(*read::<List>("[1, 2, 3]").unwrap(), [1, 2, 3]);
        let refused = read::<List>("[1, 2, 3, 4]").unwrap_err();
        assert_eq!(Excess::find(&refused), Some(Excess::Entries(3)));
    }

    #[test]
    fn what_is_past_the_limit_is_not_even_read() {
        // The fourth entry is no number, and what follows is no JSON.
        let refused = read::<List>("[1, 2, 3, {]]] nonsense").unwrap_err();
        assert_eq!(Excess::find(&refused), Some(Excess::Entries(3)));
    }

    #[test]
    fn a_text_is_measured_in_characters() {
        assert_eq!(&*read::<Short>("\"é€🦊\"").unwrap(), "é€🦊");
        for long in ["\"abcd\"", "\"\\u0061bcd\"", "\"🦊🦊🦊🦊\""] {
            let refused = read::<Short>(long).unwrap_err();
            assert_eq!(
                Excess::find(&refused),
                Some(Excess::Characters(3)),
                "{long}"
            );
        }
        assert!(read::<Short>("7").is_err());
    }

    #[test]
    fn other_messages_are_about_no_excess() {
        for message in ["missing field `lines`", "", "bounded: at most many entries"] {
            assert_eq!(Excess::find(message), None, "{message}");
        }
    }

    proptest! {
        #[test]
        fn a_text_fits_if_it_has_no_more_characters(text in "[a-zé€🦊]{0,8}") {
            prop_assert_eq!(Short::try_from(text.clone()).is_ok(), text.chars().count() <= 3);
        }
    }
}
