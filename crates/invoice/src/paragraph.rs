//! Breaks text into lines that fit a column: at spaces and after hyphens and slashes; inside a
//! word only when the word alone is wider than the column.

use crate::printable::{self, Printable};
use crate::typeface::{Faces, Font};

/// The lines of a text in a column: at least one, and none wider than the column unless a single
/// character is. Lengths are thousandths of a point.
///
/// A number stays with what it counts (`taille 1`, `Ø 28 mm`) where both fit on a line.
pub fn wrap(text: &Printable, faces: &Faces, font: Font, column: i64) -> Vec<Printable> {
    let mut setting = Setting {
        faces,
        font,
        column,
        lines: Vec::new(),
        line: Vec::new(),
        width: 0,
    };
    for phrase in phrases(words(text)) {
        let width = setting.visible(&phrase);
        if width <= column {
            setting.place(&phrase, width);
            continue;
        }
        for word in words(&Printable::part(&phrase)) {
            let width = setting.visible(&word);
            setting.place(&word, width);
        }
    }
    setting.finish()
}

/// Lines while they are filled.
struct Setting<'a> {
    faces: &'a Faces,
    font: Font,
    column: i64,
    lines: Vec<Printable>,
    line: Vec<char>,
    width: i64,
}

impl Setting<'_> {
    fn advance(&self, character: char) -> i64 {
        printable::advance(self.faces, self.font, character)
    }

    /// How wide it is without the spaces at its end.
    fn visible(&self, piece: &[char]) -> i64 {
        let last = piece.iter().rposition(|character| *character != ' ');
        let glyphs = piece.iter().take(last.map_or(0, |last| last + 1));
        glyphs.map(|character| self.advance(*character)).sum()
    }

    /// Writes a piece on this line if it fits, and else on the next; inside it breaks only if it is wider than the
    /// column.
    fn place(&mut self, piece: &[char], visible: i64) {
        if self.width + visible > self.column && !self.line.is_empty() {
            self.end_line();
        }
        for &character in piece {
            let width = self.advance(character);
            // A space that does not fit hangs over the edge and is trimmed; a mark that has no
            // width stays on its letter.
            let breaks = character != ' ' && width > 0 && self.width + width > self.column;
            if breaks && !self.line.is_empty() {
                self.end_line();
            }
            if !(self.line.is_empty() && character == ' ') {
                self.line.push(character);
                self.width += width;
            }
        }
    }

    fn end_line(&mut self) {
        self.lines.push(trimmed(&self.line));
        self.line.clear();
        self.width = 0;
    }

    fn finish(mut self) -> Vec<Printable> {
        if self.lines.is_empty() || !self.line.is_empty() {
            self.end_line();
        }
        self.lines
    }
}

/// Like [`wrap`], but no more than so many lines: the last then ends in `…`.
pub fn clamp(
    text: &Printable,
    faces: &Faces,
    font: Font,
    column: i64,
    most: usize,
) -> Vec<Printable> {
    let mut lines = wrap(text, faces, font, column);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.pop() {
            let room = column - printable::advance(faces, font, '…');
            let mut kept: Vec<char> = last.chars().collect();
            while Printable::part(&kept).width(faces, font) > room && kept.pop().is_some() {}
            kept.push('…');
            lines.push(Printable::part(&kept));
        }
    }
    lines
}

/// Pieces after each of which a line may break, with the spaces that follow them.
fn words(text: &Printable) -> Vec<Vec<char>> {
    let mut words = Vec::new();
    let mut word: Vec<char> = Vec::new();
    for character in text.chars() {
        let opens = match word.last() {
            Some(' ') => character != ' ',
            Some('-' | '/' | '–' | '—') => character.is_alphabetic(),
            _ => false,
        };
        if opens {
            words.push(std::mem::take(&mut word));
        }
        word.push(character);
    }
    words.push(word);
    words
}

/// Words that stay on one line where they can: what [`binds`] joined.
fn phrases(words: Vec<Vec<char>>) -> Vec<Vec<char>> {
    let mut phrases: Vec<Vec<char>> = Vec::with_capacity(words.len());
    for word in words {
        match phrases.last_mut() {
            Some(phrase) if binds(phrase, &word) => phrase.extend(word),
            _ => phrases.push(word),
        }
    }
    phrases
}

/// Whether no line should break between what was written and the next word: before a number, between a number and
/// its unit, after signs that stand before numbers, and before the marks that French sets off by a space.
fn binds(before: &[char], word: &[char]) -> bool {
    let last = before.iter().rev().copied();
    let mut last = last.skip_while(|character| *character == ' ');
    let next = word.iter().copied();
    let mut next = next.skip_while(|character| "+−-±≈≥≤<>~".contains(*character));
    let (end, start) = (last.next(), word.first().copied());
    // After a hyphen or a slash there is no space, and nothing to hold together.
    if before.last() != Some(&' ') {
        return false;
    }
    let is_number = next
        .next()
        .is_some_and(|character| character.is_ascii_digit());
    let counts = end.is_some_and(char::is_numeric);
    let length = word.iter().filter(|character| **character != ' ').count();
    let is_unit = counts && length <= 3 && start.is_some_and(|start| !start.is_ascii_digit());
    let is_sign = end.is_some_and(|end| "Ø⌀№°×÷=±≈≥≤«".contains(end));
    let is_mark = start.is_some_and(|start| ":;!?»%‰€".contains(start));
    is_number || is_unit || is_sign || is_mark
}

fn trimmed(line: &[char]) -> Printable {
    let end = line
        .iter()
        .rposition(|character| *character != ' ')
        .map_or(0, |last| last + 1);
    Printable::part(line.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FONT: Font = Font::regular(9_000);

    fn lines(text: &str, column: i64) -> Vec<String> {
        let faces = Faces::load().unwrap();
        let text = Printable::new(text, faces);
        let lines = wrap(&text, faces, FONT, column);
        lines.iter().map(Printable::glyphs).collect()
    }

    #[test]
    fn lines_break_at_spaces_and_hyphens_and_words_only_when_they_must() {
        assert_eq!(lines("", 50_000), [""]);
        assert_eq!(lines("   ", 50_000), [""]);
        assert_eq!(lines("Café moulu  bio", 50_000), ["Café moulu", "bio"]);
        assert_eq!(
            lines("porte-bagages arrière", 50_000),
            ["porte-", "bagages", "arrière"]
        );
        assert_eq!(lines("10\u{a0}000\u{a0}€ net", 45_000), ["10 000 €", "net"]);
        assert_eq!(
            lines("iiiiiiiiiiiiiiiiiiiiiiii", 30_000).concat(),
            "i".repeat(24)
        );
    }

    #[test]
    fn a_number_stays_with_what_it_counts() {
        for (text, column, expected) in [
            (
                "Chemise blanche taille 1",
                84_000,
                &["Chemise blanche", "taille 1"][..],
            ),
            ("Tuyau souple Ø 28 mm", 70_000, &["Tuyau souple", "Ø 28 mm"]),
            ("Thé vert 100 g bio", 52_000, &["Thé", "vert 100 g", "bio"]),
            (
                "Vin « Les Pins » n° 4",
                62_000,
                &["Vin « Les", "Pins » n° 4"],
            ),
        ] {
            assert_eq!(lines(text, column), expected, "{text}");
        }
        // What would not fit on any line breaks where it may.
        let long = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20";
        assert!(lines(long, 60_000).iter().all(|line| line.len() > 5));
    }

    #[test]
    fn what_is_clamped_ends_in_an_ellipsis() {
        let faces = Faces::load().unwrap();
        let text = Printable::new("un deux trois quatre cinq six sept", faces);
        let wrapped = wrap(&text, faces, FONT, 40_000);
        let clamped = clamp(&text, faces, FONT, 40_000, 2);
        assert!(wrapped.len() > 2 && clamped.len() == 2);
        assert!(clamped[1].glyphs().ends_with('…'));
        assert_eq!(clamp(&text, faces, FONT, 40_000, wrapped.len()), wrapped);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_column_and_no_letter_is_lost(
            text in "\\PC{0,120}|[a-zA-Zé€ -]{0,200}|W{0,200}",
            column in 15_000..300_000_i64,
            bold in any::<bool>(),
        ) {
            let faces = Faces::load().unwrap();
            let font = if bold { Font::bold(9_000) } else { FONT };
            let text = Printable::new(&text, faces);
            let lines = wrap(&text, faces, font, column);
            for line in &lines {
                prop_assert!(line.width(faces, font) <= column, "{line:?}");
            }
            let letters = |text: String| text.replace(' ', "");
            let kept: String = lines.iter().map(Printable::glyphs).collect();
            prop_assert_eq!(letters(kept), letters(text.glyphs()));
            for line in clamp(&text, faces, font, column, 2) {
                prop_assert!(line.width(faces, font) <= column, "{line:?}");
            }
        }
    }
}
