//! Breaks text into lines that fit a column: at spaces and after hyphens and slashes; inside a
//! word only when the word alone is wider than the column.

use crate::printable::{self, Printable};
use crate::typeface::{Faces, Font};

/// The lines of a text in a column: at least one, and none wider than the column unless a single
/// character is. Lengths are thousandths of a point.
pub fn wrap(text: &Printable, faces: &Faces, font: Font, column: i64) -> Vec<Printable> {
    let advance = |character| printable::advance(faces, font, character);
    let mut lines = Vec::new();
    let mut line: Vec<char> = Vec::new();
    let mut line_width = 0;
    for word in words(text) {
        let glyphs = word
            .iter()
            .rposition(|c| *c != ' ')
            .map_or(0, |last| last + 1);
        let visible: i64 = word.iter().take(glyphs).copied().map(advance).sum();
        if line_width + visible > column && !line.is_empty() {
            lines.push(trimmed(&line));
            line.clear();
            line_width = 0;
        }
        for character in word {
            let width = advance(character);
            // A space that does not fit hangs over the edge and is trimmed; a mark that has no
            // width stays on its letter.
            let breaks = character != ' ' && width > 0 && line_width + width > column;
            if breaks && !line.is_empty() {
                lines.push(trimmed(&line));
                line.clear();
                line_width = 0;
            }
            if !(line.is_empty() && character == ' ') {
                line.push(character);
                line_width += width;
            }
        }
    }
    if lines.is_empty() || !line.is_empty() {
        lines.push(trimmed(&line));
    }
    lines
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
        let text = Printable::new(text, &faces);
        let lines = wrap(&text, &faces, FONT, column);
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
    fn what_is_clamped_ends_in_an_ellipsis() {
        let faces = Faces::load().unwrap();
        let text = Printable::new("un deux trois quatre cinq six sept", &faces);
        let wrapped = wrap(&text, &faces, FONT, 40_000);
        let clamped = clamp(&text, &faces, FONT, 40_000, 2);
        assert!(wrapped.len() > 2 && clamped.len() == 2);
        assert!(clamped[1].glyphs().ends_with('…'));
        assert_eq!(clamp(&text, &faces, FONT, 40_000, wrapped.len()), wrapped);
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
            let text = Printable::new(&text, &faces);
            let lines = wrap(&text, &faces, font, column);
            for line in &lines {
                prop_assert!(line.width(&faces, font) <= column, "{line:?}");
            }
            let letters = |text: String| text.replace(' ', "");
            let kept: String = lines.iter().map(Printable::glyphs).collect();
            prop_assert_eq!(letters(kept), letters(text.glyphs()));
            for line in clamp(&text, &faces, font, column, 2) {
                prop_assert!(line.width(&faces, font) <= column, "{line:?}");
            }
        }
    }
}
