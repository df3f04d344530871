//! What shop and supplier call an item.

use commerce::Text;

/// The longest one.
const MAX: usize = 64;

/// 1 to 64 visible ASCII characters. Two that differ only in capitals are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sku(String);

impl Sku {
    pub fn parse(text: &str) -> Result<Self, Text> {
        let sku = text.trim();
        if (1..=MAX).contains(&sku.len()) && sku.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(sku.to_owned()))
        } else {
            Err(Text::new(
                format!("De 1 à {MAX} caractères ASCII, sans espace"),
                format!("1 to {MAX} ASCII characters, without spaces"),
            ))
        }
    }

    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sku_is_a_word_of_plain_characters() {
        assert_eq!(Sku::parse(" HUILE-75/cl ").unwrap().0, "HUILE-75/cl");
        for text in ["", " ", "a b", "é", "a\n b", &"x".repeat(65)] {
            assert!(Sku::parse(text).is_err(), "{text:?}");
        }
    }
}
