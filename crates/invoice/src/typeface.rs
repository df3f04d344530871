//! The two typefaces of the pages, and how wide their characters are.
//!
//! Noto Sans (SIL Open Font License, `assets/OFL.txt`), reduced by `assets/make.sh`. Lengths here
//! and everywhere in this crate are whole thousandths of a point: layout is integer arithmetic,
//! the same on every machine.

use printpdf::{FontId, ParsedFont};

/// A weight of the typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

impl Weight {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Regular, Self::Bold];

    /// Also the name of the font in the file: printpdf would draw one at random.
    pub fn font_id(self) -> FontId {
        FontId(String::from(match self {
            Self::Regular => "NotoSans-Regular",
            Self::Bold => "NotoSans-Bold",
        }))
    }
}

/// A weight at a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Font {
    pub weight: Weight,
    /// In thousandths of a point.
    pub size: i64,
}

impl Font {
    pub const fn regular(size: i64) -> Self {
        Self {
            weight: Weight::Regular,
            size,
        }
    }

    pub const fn bold(size: i64) -> Self {
        Self {
            weight: Weight::Bold,
            size,
        }
    }

    /// From one line of text to the next.
    pub const fn leading(self) -> i64 {
        self.size * 27 / 20
    }

    /// From the top of a line of text to its baseline: ascenders above, descenders below.
    pub const fn baseline(self) -> i64 {
        self.leading() * 3 / 4
    }
}

/// Both weights, parsed.
pub struct Faces {
    pub regular: ParsedFont,
    pub bold: ParsedFont,
}

impl Faces {
    /// Parses what is compiled in; `None` if that is no typeface.
    pub fn load() -> Option<Self> {
        let load = |bytes| {
            let mut face = ParsedFont::from_bytes(bytes, 0, &mut Vec::new())?;
            // The table of characters ends in one that has no glyph (OpenType, cmap format 4).
            face.codepoint_to_glyph.retain(|_, glyph| *glyph != 0);
            (face.units_per_em > 0).then_some(face)
        };
        Some(Self {
            regular: load(include_bytes!("../assets/NotoSans-Regular.ttf"))?,
            bold: load(include_bytes!("../assets/NotoSans-Bold.ttf"))?,
        })
    }

    pub const fn face(&self, weight: Weight) -> &ParsedFont {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Whether both weights can draw the character, so that weight is no reason to lose one.
    pub fn can_draw(&self, character: char) -> bool {
        let codepoint = u32::from(character);
        self.regular.lookup_glyph_index(codepoint).is_some()
            && self.bold.lookup_glyph_index(codepoint).is_some()
    }

    /// How far the pen moves for a character.
    pub fn advance(&self, font: Font, character: char) -> i64 {
        let face = self.face(font.weight);
        let glyph = face
            .lookup_glyph_index(u32::from(character))
            .unwrap_or_default();
        let units = face.get_glyph_width(glyph).unwrap_or_default();
        i64::from(units) * font.size / i64::from(face.units_per_em)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn both_weights_draw_what_europe_writes() {
        let faces = Faces::load().unwrap();
        let text = "AZaz09 éèêëçàùôîïœŒæÆÿŸ€ßẞłŁőűšžčřğışțșåøñ¿¡ «»‹›“”„‘’–—…•·°№™ ΑΩάώ АЯая \u{202f}\u{fffd}";
        for character in text.chars() {
            assert!(faces.can_draw(character), "{character:?}");
        }
        assert_eq!(
            faces.regular.codepoint_to_glyph.len(),
            faces.bold.codepoint_to_glyph.len()
        );
    }

    #[test]
    fn what_has_no_glyph_cannot_be_drawn() {
        let faces = Faces::load().unwrap();
        for character in ['\u{ffff}', '\u{fffe}', '\0', '🦀', '一'] {
            assert!(!faces.can_draw(character), "{character:?}");
        }
    }

    #[test]
    fn no_two_characters_share_a_glyph_so_that_copied_text_is_what_was_written() {
        let faces = Faces::load().unwrap();
        for face in [&faces.regular, &faces.bold] {
            let glyphs: BTreeSet<_> = face.codepoint_to_glyph.values().collect();
            assert_eq!(glyphs.len(), face.codepoint_to_glyph.len());
        }
    }

    #[test]
    fn figures_are_equally_wide_so_that_amounts_align() {
        let faces = Faces::load().unwrap();
        for font in [Font::regular(9_000), Font::bold(9_000)] {
            let widths: BTreeSet<_> = ('0'..='9')
                .map(|figure| faces.advance(font, figure))
                .collect();
            assert_eq!(widths.len(), 1);
        }
    }
}
