//! A person's first or last name.

use commerce::Text;

const MAX_CHARACTERS: usize = 100;

/// 1 to 100 characters without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    pub fn parse(text: &str) -> Result<Self, Text> {
        let name = text.trim();
        let characters = name.chars().count();
        if (1..=MAX_CHARACTERS).contains(&characters) && !name.chars().any(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Text::new(
                "De 1 à 100 caractères",
                "From 1 to 100 characters",
            ))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_neither_empty_nor_endless() {
        assert_eq!(Name::parse("  Zoé ").unwrap().as_str(), "Zoé");
        assert!(Name::parse("é".repeat(100).as_str()).is_ok());
        for text in ["", "   ", "a\nb", &"é".repeat(101)] {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
    }
}
