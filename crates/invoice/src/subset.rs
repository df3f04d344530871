//! The glyphs of a weight that the pages of one file draw: a file embeds these and no others, so that an invoice
//! stays small however many letters the typefaces know.

use std::collections::{BTreeMap, BTreeSet};

use printpdf::ParsedFont;
use sha2::{Digest, Sha256};
use subsetter::GlyphRemapper;

use crate::render::RenderError;
use crate::typeface::{Faces, Weight};

/// A part of a font.
pub struct Subset {
    pub weight: Weight,
    /// The font as PDF embeds it.
    pub program: Vec<u8>,
    /// The glyph of each character, by its number in this part.
    glyphs: BTreeMap<char, u16>,
    /// How wide each glyph is, in the units of the font.
    widths: Vec<u16>,
}

/// The parts of both weights.
pub struct Subsets([Subset; 2]);

impl Subset {
    fn of(
        weight: Weight,
        face: &ParsedFont,
        characters: &BTreeSet<char>,
    ) -> Result<Self, RenderError> {
        let mut mapper = GlyphRemapper::new();
        let mut glyphs = BTreeMap::new();
        for character in characters {
            let glyph = face
                .lookup_glyph_index(u32::from(*character))
                .ok_or(RenderError::Typeface)?;
            glyphs.insert(*character, mapper.remap(glyph));
        }
        let width = |glyph| face.get_glyph_width(glyph).unwrap_or_default();
        Ok(Self {
            weight,
            program: subsetter::subset(weight.program(), 0, &mapper)
                .map_err(|_| RenderError::Typeface)?,
            widths: mapper.remapped_gids().map(width).collect(),
            glyphs,
        })
    }

    /// The font and which part of it (ISO 32000-1 §9.6.4): six letters, which follow from what is in it.
    pub fn name(&self) -> String {
        let digest = Sha256::digest(&self.program);
        let letters = digest
            .iter()
            .take(6)
            .map(|byte| char::from(b'A' + byte % 26));
        letters
            .chain(['+'])
            .chain(self.weight.font_id().0.chars())
            .collect()
    }

    /// How wide each glyph is, from the first.
    pub fn widths(&self) -> &[u16] {
        &self.widths
    }

    /// What each glyph stands for. No two characters share one.
    pub fn meanings(&self) -> BTreeMap<u32, Vec<u32>> {
        let glyphs = self.glyphs.iter();
        glyphs
            .map(|(character, glyph)| (u32::from(*glyph), vec![u32::from(*character)]))
            .collect()
    }
}

impl Subsets {
    /// What draws these characters.
    pub fn new(
        faces: &Faces,
        drawn: &BTreeMap<Weight, BTreeSet<char>>,
    ) -> Result<Self, RenderError> {
        let none = BTreeSet::new();
        let of = |weight| {
            let characters = drawn.get(&weight).unwrap_or(&none);
            Subset::of(weight, faces.face(weight), characters)
        };
        Ok(Self([of(Weight::Regular)?, of(Weight::Bold)?]))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Subset> {
        self.0.iter()
    }

    /// The glyph that draws a character.
    pub fn glyph(&self, weight: Weight, character: char) -> Option<u16> {
        let subset = self.0.iter().find(|subset| subset.weight == weight)?;
        subset.glyphs.get(&character).copied()
    }
}
