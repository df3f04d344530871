//! Words of full-text search: how items are indexed by them, and how what people type becomes a query.
//!
//! Both sides write each word behind `__`. The server's index skips words of one or two letters and its
//! stop words; `__tv` and `__the` are neither. Both sides cut text into words by the same rule, so that
//! no operator of boolean mode can come through.

/// What the index takes of a word: 84 characters less the two in front.
const MAX_CHARACTERS: usize = 80;

/// More words than this narrow nothing down.
const MAX_WORDS: usize = 12;

/// The text that an item is found by.
pub fn indexed_text(name: &str, description: &str) -> String {
    let all = words(name).chain(words(description));
    let marked: Vec<String> = all.map(|word| format!("__{word}")).collect();
    marked.join(" ")
}

/// The query in boolean mode for what somebody typed: every word has to be there, and the last one may
/// be the beginning of one. Without any word it finds nothing.
pub fn boolean_query(typed: &str) -> String {
    let mut all: Vec<String> = words(typed)
        .take(MAX_WORDS)
        .map(|word| format!("+__{word}"))
        .collect();
    if let Some(last) = all.last_mut() {
        last.push('*');
    }
    all.join(" ")
}

/// Runs of letters and digits, cut to the longest word that is indexed. Combining accents are left out:
/// the collation takes `é` for `e`, and a letter with a mark after it is one word with its neighbours.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && !is_combining_accent(c))
        .map(|word| {
            let letters = word.chars().filter(|c| !is_combining_accent(*c));
            letters.take(MAX_CHARACTERS).collect::<String>()
        })
        .filter(|word| !word.is_empty())
}

fn is_combining_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_of_name_and_description_are_indexed_alike() {
        assert_eq!(
            indexed_text("TV 4K", "L’écran, et le pied !"),
            "__TV __4K __L __écran __et __le __pied"
        );
    }

    #[test]
    fn the_last_word_may_be_a_beginning() {
        assert_eq!(boolean_query("huile d'ol"), "+__huile +__d +__ol*");
        assert_eq!(boolean_query("  tv "), "+__tv*");
    }

    #[test]
    fn an_accent_may_be_a_character_of_its_own() {
        assert_eq!(boolean_query("cafe\u{301} noir"), "+__cafe +__noir*");
    }

    #[test]
    fn text_without_words_finds_nothing() {
        for typed in ["", "  ", "!!!", "\"\"", "+-*", "\u{301}"] {
            assert_eq!(boolean_query(typed), "", "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn no_operator_comes_through(typed in ".{0,300}") {
            let query = boolean_query(&typed);
            for (position, term) in query.split(' ').filter(|term| !term.is_empty()).enumerate() {
                let word = term.strip_prefix("+__").unwrap();
                let word = word.strip_suffix('*').unwrap_or(word);
                prop_assert!(word.chars().all(char::is_alphanumeric));
                prop_assert!((1..=MAX_CHARACTERS).contains(&word.chars().count()));
                prop_assert!(position < MAX_WORDS);
            }
        }

        #[test]
        fn an_item_is_found_by_each_of_its_words(name in ".{0,100}") {
            let indexed = indexed_text(&name, "");
            for word in words(&name) {
                let marker = format!("__{}", word);
                prop_assert!(indexed.split(' ').any(|indexed| indexed == marker));
            }
        }
    }
}
