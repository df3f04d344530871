//! The two typefaces of the pages, and how wide their characters are.
//!
//! Noto Sans (SIL Open Font License, `assets/OFL.txt`), reduced by `assets/make.sh`, which also
//! writes down what must be known of each glyph: printpdf could parse the fonts, but would link
//! everything that reads WOFF 2 and its dictionary of 120 KB. Lengths here and everywhere in this
//! crate are whole thousandths of a point: layout is integer arithmetic, the same on every machine.

use std::collections::BTreeMap;

use printpdf::{FontId, FontMetrics, ParsedFont};

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

    /// The font as PDF embeds it, deflated, and how long it is otherwise.
    pub const fn program(self) -> (&'static [u8], i64) {
        match self {
            Self::Regular => (
                include_bytes!("../assets/NotoSans-Regular.ttf.zlib"),
                35_288,
            ),
            Self::Bold => (include_bytes!("../assets/NotoSans-Bold.ttf.zlib"), 35_052),
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
    /// Reads what is compiled in; `None` if that is no table of glyphs.
    pub fn load() -> Option<Self> {
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
        let fonts: [&[u8]; 2] = [
            include_bytes!("../assets/NotoSans-Regular.ttf"),
            include_bytes!("../assets/NotoSans-Bold.ttf"),
        ];
        let faces = Faces::load().unwrap();
        for (weight, font) in Weight::ALL.into_iter().zip(fonts) {
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
            let (deflated, length) = weight.program();
            let filter = lopdf::Dictionary::from_iter([("Filter", "FlateDecode".into())]);
            let stream = lopdf::Stream::new(filter, deflated.to_vec());
            assert_eq!(stream.get_plain_content().unwrap(), font);
            assert_eq!(usize::try_from(length).unwrap(), font.len());
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
