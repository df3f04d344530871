//! Text of which every character has a glyph. Anything that is drawn has passed through here,
//! because a missing glyph would be an empty box of the reader's choosing, which PDF/A forbids.

use crate::typeface::{Faces, Font};

/// What stands for a character that the typefaces lack.
const REPLACEMENT: char = '\u{fffd}';

/// A space at which no line breaks: drawn as a plain space.
const NO_BREAK_SPACE: char = '\u{a0}';

/// A text that can be drawn, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable(String);

impl Printable {
    /// Spaces and line breaks become plain spaces, what is invisible is dropped, and what has no
    /// glyph is replaced.
    pub fn new(text: &str, faces: &Faces) -> Self {
        let substitute = |character: char| match character {
            NO_BREAK_SPACE | '\u{2007}' => Some(NO_BREAK_SPACE),
            '\u{202f}' => Some(character),
            '\u{2010}' | '\u{2011}' => Some('-'),
            _ if character.is_whitespace() => Some(' '),
            _ if is_invisible(character) => None,
            _ if faces.can_draw(character) => Some(character),
            _ => Some(REPLACEMENT),
        };
        Self(text.chars().filter_map(substitute).collect())
    }

    /// A part of a printable text, which is printable.
    pub fn part(characters: &[char]) -> Self {
        Self(characters.iter().collect())
    }

    pub fn chars(&self) -> impl Iterator<Item = char> {
        self.0.chars()
    }

    /// The characters to draw.
    pub fn glyphs(&self) -> String {
        self.0.replace(NO_BREAK_SPACE, " ")
    }

    /// How long it is, in thousandths of a point.
    pub fn width(&self, faces: &Faces, font: Font) -> i64 {
        self.chars()
            .map(|character| advance(faces, font, character))
            .sum()
    }
}

/// How far the pen moves for a character of a printable text.
pub fn advance(faces: &Faces, font: Font, character: char) -> i64 {
    let drawn = if character == NO_BREAK_SPACE {
        ' '
    } else {
        character
    };
    faces.advance(font, drawn)
}

/// Controls, and what Unicode calls default-ignorable: joiners, direction marks, selectors, tags.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_glyph_is_replaced_and_what_is_invisible_is_dropped() {
        let faces = Faces::load().unwrap();
        for (text, printed) in [
            ("Œuvre n° 5 à 12,50 €", "Œuvre n° 5 à 12,50 €"),
            ("一🦀", "\u{fffd}\u{fffd}"),
            ("a\u{202e}b\u{200d}c\0d\u{7f}", "abcd"),
            ("a\tb\r\nc\u{2028}d", "a b  c d"),
            ("10\u{a0}kg\u{202f}!", "10 kg\u{202f}!"),
            ("semi\u{2011}fini\u{ad}", "semi-fini"),
        ] {
            assert_eq!(Printable::new(text, &faces).glyphs(), printed, "{text:?}");
        }
    }
}
