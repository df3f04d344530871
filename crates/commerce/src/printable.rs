//! Text that people write and others read: on a page, a parcel, an invoice, in a list.
//!
//! It is kept in Unicode's composed form (NFC), so that what looks the same is the same, without the space
//! around it. It shows something: a name of zero-width spaces names nobody. And it shows what it says: control
//! characters and those that reverse the direction of reading are refused, because they hide the rest.

use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

use crate::language::Text;

/// How many lines a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    One,
    Many,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unprintable {
    /// There is nothing, or only space.
    Empty,
    /// None of its characters shows.
    Invisible,
    /// It has more than one line.
    ManyLines,
    /// It has a control character, one that reverses the direction of reading, or one that is none.
    Control,
    /// It has more characters than this.
    TooLong(usize),
}

impl Unprintable {
    /// For the person who typed it.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Empty => Text::new("Ce champ est obligatoire", "This field is required"),
            Self::Invisible => Text::new(
                "Au moins un caractère visible est attendu",
                "At least one visible character is expected",
            ),
            Self::ManyLines => Text::new(
                "Ce champ tient sur une seule ligne",
                "This field is a single line",
            ),
            Self::Control => Text::new(
                "Les caractères de contrôle et ceux qui inversent le sens de lecture ne sont pas acceptés",
                "Control characters and characters that reverse the reading direction are not accepted",
            ),
            Self::TooLong(most) => Text::new(
                format!("Au plus {most} caractères"),
                format!("At most {most} characters"),
            ),
        }
    }
}

/// The text as it is kept, of at most `most` characters.
///
/// # Errors
/// [`Unprintable`] where it is empty or cannot be shown as it is.
pub fn parse(text: &str, lines: Lines, most: usize) -> Result<String, Unprintable> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Unprintable::Empty);
    }
    // Composing makes no text shorter than a quarter: what is longer need not be looked at.
    if text.chars().nth(most.saturating_mul(4)).is_some() {
        return Err(Unprintable::TooLong(most));
    }
    let kept: String = match lines {
        Lines::One => text.nfc().collect(),
        Lines::Many => text.nfc().map(plain_break).collect(),
    };
    for character in kept.chars() {
        match character {
            '\n' | '\r' | '\t' if lines == Lines::Many => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
                if lines == Lines::One =>
            {
                return Err(Unprintable::ManyLines);
            }
            _ if misleads(character) => return Err(Unprintable::Control),
            _ => {}
        }
    }
    if kept.chars().nth(most).is_some() {
        return Err(Unprintable::TooLong(most));
    }
    if kept.chars().any(shows) {
        Ok(kept)
    } else {
        Err(Unprintable::Invisible)
    }
}

/// The separators of lines and paragraphs, which some editors write, as everybody writes them.
const fn plain_break(character: char) -> char {
    match character {
        '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        other => other,
    }
}

/// Controls, what turns the direction of the text around (Unicode UAX #9 §2), and what Unicode says will never
/// be a character.
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}')
        || u32::from(character) & 0xfffe == 0xfffe
}

/// Whether there is something to see: a letter, a number, a mark of punctuation or a symbol that is not drawn
/// as an empty place.
fn shows(character: char) -> bool {
    use GeneralCategory::{
        ClosePunctuation, ConnectorPunctuation, CurrencySymbol, DashPunctuation, DecimalNumber,
        FinalPunctuation, InitialPunctuation, LetterNumber, LowercaseLetter, MathSymbol,
        ModifierLetter, ModifierSymbol, OpenPunctuation, OtherLetter, OtherNumber,
        OtherPunctuation, OtherSymbol, TitlecaseLetter, UppercaseLetter,
    };
    // The fillers of Hangul, the blank of Braille, the empty note head and the place of an object.
    let blank = matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\u{1d159}' | '\u{fffc}'
    );
    !blank
        && matches!(
            get_general_category(character),
            UppercaseLetter
                | LowercaseLetter
                | TitlecaseLetter
                | ModifierLetter
                | OtherLetter
                | DecimalNumber
                | LetterNumber
                | OtherNumber
                | ConnectorPunctuation
                | DashPunctuation
                | OpenPunctuation
                | ClosePunctuation
                | InitialPunctuation
                | FinalPunctuation
                | OtherPunctuation
                | MathSymbol
                | CurrencySymbol
                | ModifierSymbol
                | OtherSymbol
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str) -> Result<String, Unprintable> {
        parse(text, Lines::One, 9)
    }

    #[test]
    fn names_of_people_are_kept_as_they_are_written() {
        for name in [
            "Zoé",
            "Nguyễn",
            "О’Нил",
            "王小明",
            "محمد",
            "नेहा",
            "Ⅳ",
            "-",
            "👩‍🚀",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        ] {
            let composed: String = name.nfc().collect();
            assert_eq!(line(name), Ok(composed), "{name}");
        }
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_eq!(line("Zoe\u{301}"), Ok("Zoé".to_owned()));
        assert_eq!(line("\u{3000}A\u{30a} "), Ok("Å".to_owned()));
    }

    #[test]
    fn what_shows_nothing_is_refused() {
        for text in [
            "\u{200b}",
            "\u{ad}",
            "\u{200d}\u{200c}",
            "\u{feff}",
            "\u{2060}",
            "\u{180e}",
            "\u{34f}",
            "\u{115f}\u{1160}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{17b4}",
            "\u{e0020}",
            "\u{fe0f}",
            "\u{e000}",
            "\u{301}",
            "\u{200e}",
            "\u{61c}",
            "\u{1d173}",
            "\u{206a}",
            "\u{200b} \u{200b}",
            "\u{1d159}",
            "\u{fffc}",
            "\u{378}",
        ] {
            assert_eq!(line(text), Err(Unprintable::Invisible), "{text:?}");
            let many = parse(text, Lines::Many, 9);
            assert_eq!(many, Err(Unprintable::Invisible), "{text:?}");
        }
        for text in ["", " ", "\u{a0}\u{2003}", "\n\t"] {
            assert_eq!(line(text), Err(Unprintable::Empty), "{text:?}");
        }
    }

    #[test]
    fn what_hides_the_rest_is_refused_and_said_to_be_so() {
        for text in [
            "a\0",
            "\u{1b}[1m",
            "a\u{7f}",
            "a\u{9b}",
            "\u{202e}siraP",
            "a\u{2066}b",
            "a\u{fffe}",
            "a\u{10ffff}",
            "a\u{fff9}b",
        ] {
            assert_eq!(line(text), Err(Unprintable::Control), "{text:?}");
            let many = parse(text, Lines::Many, 9);
            assert_eq!(many, Err(Unprintable::Control), "{text:?}");
        }
        assert_eq!(line("a\tb"), Err(Unprintable::Control));
        for text in ["a\nb", "a\u{2028}b", "a\u{85}b"] {
            assert_eq!(line(text), Err(Unprintable::ManyLines), "{text:?}");
            let many = parse(text, Lines::Many, 9);
            assert_eq!(many, Ok("a\nb".to_owned()), "{text:?}");
        }
    }

    #[test]
    fn the_length_is_that_of_the_composed_characters() {
        let decomposed = "e\u{301}".repeat(9);
        assert_eq!(line(&decomposed), Ok("é".repeat(9)));
        assert_eq!(line(&"é".repeat(10)), Err(Unprintable::TooLong(9)));
        assert_eq!(line(&"x".repeat(1_000_000)), Err(Unprintable::TooLong(9)));
        // U+0958 is never composed: it is two characters.
        assert_eq!(line(&"\u{958}".repeat(5)), Err(Unprintable::TooLong(9)));
    }

    proptest! {
        #[test]
        fn what_was_kept_is_kept_as_it_is(text in any::<String>()) {
            for lines in [Lines::One, Lines::Many] {
                if let Ok(kept) = parse(&text, lines, 100) {
                    prop_assert_eq!(parse(&kept, lines, 100), Ok(kept));
                }
            }
        }
    }
}
