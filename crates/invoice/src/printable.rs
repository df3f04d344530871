//! Text of which every character has a glyph. Anything that is drawn has passed through here,
//! because a missing glyph would be an empty box of the reader's choosing, which PDF/A forbids.

use unicode_normalization::UnicodeNormalization;

use crate::typeface::{Faces, Font};

/// What stands for a character that the typefaces lack.
const REPLACEMENT: char = '\u{fffd}';

/// A space at which no line breaks: drawn as a plain space.
const NO_BREAK_SPACE: char = '\u{a0}';

/// A text that can be drawn, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable(String);

impl Printable {
    /// Letters and their marks become one character where there is one (NFC), spaces and line breaks plain spaces;
    /// what is invisible is dropped, and what has no glyph is written otherwise (NFKC: `ｋ` is `k`, `㎏` is `kg`)
    /// or replaced.
    pub fn new(text: &str, faces: &Faces) -> Self {
        let mut printable = String::with_capacity(text.len());
        for character in text.nfc() {
            match character {
                NO_BREAK_SPACE | '\u{2007}' => printable.push(NO_BREAK_SPACE),
                '\u{202f}' => printable.push(character),
                '\u{2010}' | '\u{2011}' => printable.push('-'),
                _ if character.is_whitespace() => printable.push(' '),
                _ if is_invisible(character) => {}
                _ if faces.can_draw(character) => printable.push(character),
                _ => printable.extend(written_otherwise(character, faces)),
            }
        }
        Self(printable)
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

/// What says the same as a character that the typefaces lack; or that there was one.
fn written_otherwise(character: char, faces: &Faces) -> Vec<char> {
    let alike = match character {
        '\u{2705}' => '\u{2714}',
        '\u{274c}' | '\u{274e}' => '\u{2718}',
        '\u{2795}' => '+',
        '\u{2796}' => '\u{2212}',
        '\u{27b0}' | '\u{301c}' => '~',
        _ => character,
    };
    let plain: Vec<char> = [alike].into_iter().nfkc().collect();
    // A compatibility decomposition may begin with a space: ﹍ and its kind have no other form.
    let is_drawn = |part: &char| *part == ' ' || faces.can_draw(*part);
    match plain.iter().all(is_drawn) {
        true => plain,
        false => vec![REPLACEMENT],
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
            ("Nguyễn Thị, −20 °C", "Nguyễn Thị, −20 °C"),
            ("Nguye\u{302}\u{303}n Thi\u{323}", "Nguyễn Thị"),
            ("ｆｕｌｌ － １２㎏ ①", "full - 12kg 1"),
            ("𝐆𝐫𝐚𝐬 ✅ ❌ ﷼ ㍿", "Gras ✔ ✘ \u{fffd} \u{fffd}"),
        ] {
            assert_eq!(Printable::new(text, faces).glyphs(), printed, "{text:?}");
        }
    }
}
