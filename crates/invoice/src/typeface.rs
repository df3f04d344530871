//! The two typefaces of the pages, and how wide their characters are.
//!
//! Noto Sans (SIL Open Font License, `assets/OFL.txt`), put together by `assets/make.sh`, which also
//! writes down what must be known of each glyph: printpdf could parse the fonts, but would link
//! everything that reads WOFF 2 and its dictionary of 120 KB. A file embeds the glyphs that its pages
//! draw (`subset.rs`). Lengths here and everywhere in this
//! crate are whole thousandths of a point: layout is integer arithmetic, the same on every machine.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use printpdf::{FontId, FontMetrics, ParsedFont};

/// A weight of the typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// The whole font.
    pub const fn program(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../assets/NotoSans-Regular.ttf"),
            Self::Bold => include_bytes!("../assets/NotoSans-Bold.ttf"),
        }
    }

    const fn glyphs(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../assets/NotoSans-Regular.glyphs"),
            Self::Bold => include_bytes!("../assets/NotoSans-Bold.glyphs"),
        }
    }
}

/// Noto Sans has a thousand units to the em.
const UNITS_PER_EM: u16 = 1000;

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
    /// What is compiled in, read once; `None` if that is no table of glyphs.
    pub fn load() -> Option<&'static Self> {
        static FACES: OnceLock<Option<Faces>> = OnceLock::new();
        FACES.get_or_init(Self::read).as_ref()
    }

    fn read() -> Option<Self> {
        Some(Self {
            regular: read(Weight::Regular)?,
            bold: read(Weight::Bold)?,
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

/// A table of glyphs as `assets/make.sh` writes it.
fn read(weight: Weight) -> Option<ParsedFont> {
    let (metrics, glyphs) = weight.glyphs().split_first_chunk::<12>()?;
    let [x_min, y_min, x_max, y_max, ascent, descent] = shorts(metrics)?;
    let (mut characters, mut widths) = (BTreeMap::new(), BTreeMap::new());
    for (glyph, entry) in (0_u16..).zip(glyphs.chunks_exact(6)) {
        let (character, width) = entry.split_first_chunk::<4>()?;
        let character = u32::from_be_bytes(*character);
        widths.insert(glyph, u16::from_be_bytes(*width.first_chunk()?));
        if character != 0 {
            characters.insert(character, glyph);
        }
    }
    let metrics = FontMetrics { ascent, descent };
    let mut face = ParsedFont::with_glyph_data(
        Vec::new(),
        0,
        None,
        characters,
        widths,
        UNITS_PER_EM,
        metrics,
    );
    let box_of_all = &mut face.pdf_font_metrics;
    (box_of_all.x_min, box_of_all.y_min) = (x_min, y_min);
    (box_of_all.x_max, box_of_all.y_max) = (x_max, y_max);
    Some(face)
}

fn shorts<const N: usize>(bytes: &[u8]) -> Option<[i16; N]> {
    let pairs = bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk());
    let shorts: Vec<i16> = pairs.map(|pair| i16::from_be_bytes(*pair)).collect();
    shorts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_compiled_in_is_what_the_fonts_say() {
        let faces = Faces::load().unwrap();
        for weight in Weight::ALL {
            let font = weight.program();
            let mut parsed = ParsedFont::from_bytes(font, 0, &mut Vec::new()).unwrap();
            // The table of characters ends in one that has no glyph (OpenType, cmap format 4).
            parsed.codepoint_to_glyph.retain(|_, glyph| *glyph != 0);
            let face = faces.face(weight);
            assert_eq!(face.codepoint_to_glyph, parsed.codepoint_to_glyph);
            assert_eq!(face.glyph_widths, parsed.glyph_widths);
            assert_eq!(face.units_per_em, parsed.units_per_em);
            assert_eq!(face.font_metrics, parsed.font_metrics);
            let boxed = |face: &ParsedFont| {
                let it = &face.pdf_font_metrics;
                [it.x_min, it.y_min, it.x_max, it.y_max]
            };
            assert_eq!(boxed(face), boxed(&parsed));
        }
    }

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
    fn both_weights_draw_all_of_latin_greek_and_cyrillic() {
        let faces = Faces::load().unwrap();
        // Letters that Unicode has added since the fonts were made, and places that it has left free.
        let since = ['\u{a7c0}', '\u{a7c1}'];
        let free = "\u{378}\u{379}\u{380}\u{381}\u{382}\u{383}\u{38b}\u{38d}\u{3a2}\u{1f16}\u{1f17}\u{1f1e}\u{1f1f}\u{1f46}\u{1f47}\u{1f4e}\u{1f4f}\u{1f58}\u{1f5a}\u{1f5c}\u{1f5e}\u{1f7e}\u{1f7f}\u{1fb5}\u{1fc5}\u{1fd4}\u{1fd5}\u{1fdc}\u{1ff0}\u{1ff1}\u{1ff5}\u{1fff}";
        for block in [
            '!'..='~',
            '¡'..='\u{24f}',
            '\u{250}'..='\u{2af}',
            '\u{2b0}'..='\u{36f}',
            '\u{370}'..='\u{3ff}',
            '\u{400}'..='\u{52f}',
            '\u{1c80}'..='\u{1c88}',
            '\u{1e00}'..='\u{1eff}',
            '\u{1f00}'..='\u{1fff}',
            '\u{2c60}'..='\u{2c7f}',
            '\u{2de0}'..='\u{2dff}',
            '\u{a640}'..='\u{a69f}',
            '\u{a722}'..='\u{a7bf}',
            '\u{a7c2}'..='\u{a7ca}',
            '\u{ab30}'..='\u{ab6b}',
            '\u{fb00}'..='\u{fb06}',
            '\u{20a0}'..='\u{20bf}',
            '←'..='⇿',
            '∀'..='⋿',
            '⅐'..='\u{218b}',
        ] {
            for character in
                block.filter(|it| !free.contains(*it) && !since.contains(it) && *it != '\u{ad}')
            {
                assert!(faces.can_draw(character), "{character:?}");
            }
        }
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
