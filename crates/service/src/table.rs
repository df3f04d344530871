//! Tables as files (CSV), in two forms. Programs read that of RFC 4180: `,` between cells and `.` in numbers. French
//! spreadsheets read `;` and `,`, and take a file for UTF-8 only if it begins with a byte order mark. Whoever asks
//! for French gets the second, unless they say otherwise (`language`).
//!
//! Both are UTF-8, with the names of the columns in the first line, which no language changes. What a
//! spreadsheet would take for a formula has an apostrophe in front, also within a text: a spreadsheet that expects
//! the other form ends cells where this one does not.

use axum::extract::FromRequestParts;
use commerce::{BoundedText, Language, Money, Text, VatRate};
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::handler::{Reading, Reads};
use crate::problem::{Invalid, Problem};
use crate::query;

/// How a file of a table is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// RFC 4180.
    #[default]
    Plain,
    /// As French spreadsheets open it.
    French,
}

/// How the client asks for a style.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StyleQuery {
    /// The form of a CSV file: `fr` for French spreadsheets (`;` between cells, decimal commas, a byte order
    /// mark), `en` for RFC 4180. If absent, `Accept-Language` decides, and RFC 4180 where it names no French.
    #[param(value_type = Option<Language>, example = "fr")]
    language: Option<BoundedText<64>>,
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// What people have written.
    Words(String),
    /// What we have: ids, days, names of things.
    Plain(String),
    Number(i64),
    /// Without its currency, which has a column of its own.
    Amount(Money),
    /// In percent.
    Rate(VatRate),
    Nothing,
}

impl Cell {
    fn into_text(self, style: Style) -> String {
        match self {
            Cell::Words(text) => without_formulas(&text),
            Cell::Plain(text) => text,
            Cell::Number(number) => number.to_string(),
            Cell::Amount(money) => style.decimal(money.decimal()),
            Cell::Rate(rate) => style.decimal(percent(rate)),
            Cell::Nothing => String::new(),
        }
    }
}

impl<T: ToString> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Nothing, |value| Cell::Plain(value.to_string()))
    }
}

/// `5.5`, `20`.
fn percent(rate: VatRate) -> String {
    let (whole, hundredths) = (rate.basis_points() / 100, rate.basis_points() % 100);
    let text = format!("{whole}.{hundredths:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// As OWASP lists them ("CSV Injection"): what a formula begins with.
const FORMULA: [char; 9] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '|'];
/// What brings a formula to its cell.
const BREAKS: [char; 3] = ['\t', '\r', '\n'];

/// An apostrophe in front of whatever may begin a formula where a cell may begin: in the form that is written, or in
/// another one.
fn without_formulas(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 1);
    if text.starts_with(BREAKS) {
        written.push('\'');
    }
    let mut begins = true;
    for character in text.chars() {
        if begins && FORMULA.contains(&character) {
            written.push('\'');
        }
        // Spaces and quotes are nothing yet.
        let nothing = character.is_whitespace() || character == '"';
        begins = matches!(character, ',' | ';') || BREAKS.contains(&character) || begins && nothing;
        written.push(character);
    }
    written
}

impl Style {
    /// The media type of a file.
    pub const CONTENT_TYPE: &'static str = "text/csv; charset=utf-8; header=present";

    fn of(language: Option<&str>, headers: &HeaderMap) -> Result<Self, Text> {
        match language {
            Some("fr") => Ok(Self::French),
            Some("en") => Ok(Self::Plain),
            Some(_) => Err(Text::new("fr ou en", "fr or en")),
            None => Ok(Self::preferred(headers)),
        }
    }

    /// French only for who names it: programs that take any language read RFC 4180.
    fn preferred(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT_LANGUAGE).iter();
        let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        let asked = lines.join(",");
        let names_french = asked.split(',').any(|range| {
            let primary = range.trim().split(['-', ';']).next().unwrap_or_default();
            primary.trim().eq_ignore_ascii_case("fr")
        });
        match Language::from_accept_language(&asked) {
            Language::French if names_french => Self::French,
            _ => Self::Plain,
        }
    }

    fn decimal(self, number: String) -> String {
        match self {
            Style::Plain => number,
            Style::French => number.replace('.', ","),
        }
    }

    /// The beginning of a file: the names of its columns.
    ///
    /// # Errors
    /// What the writer of CSV refuses.
    pub fn head(self, columns: &[&str]) -> Result<Vec<u8>, csv::Error> {
        let begin = match self {
            Style::Plain => Vec::new(),
            Style::French => "\u{feff}".as_bytes().to_vec(),
        };
        let mut writer = self.writer(begin);
        writer.write_record(columns)?;
        writer
            .into_inner()
            .map_err(|error| error.into_error().into())
    }

    /// Lines of a file, one for each row.
    ///
    /// # Errors
    /// What the writer of CSV refuses.
    pub fn lines(self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Result<Vec<u8>, csv::Error> {
        let mut writer = self.writer(Vec::new());
        for row in rows {
            writer.write_record(row.into_iter().map(|cell| cell.into_text(self)))?;
        }
        writer
            .into_inner()
            .map_err(|error| error.into_error().into())
    }

    fn writer(self, begin: Vec<u8>) -> csv::Writer<Vec<u8>> {
        let delimiter = match self {
            Style::Plain => b',',
            Style::French => b';',
        };
        csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .delimiter(delimiter)
            .from_writer(begin)
    }
}

impl Reads for Style {
    fn note(reading: &mut Reading) {
        reading.note_parameters::<StyleQuery>();
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Style {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query: StyleQuery = query::read(&parts.uri)?;
        let mut invalid = Invalid::new();
        let style = Self::of(query.language.as_deref(), &parts.headers);
        let style = invalid.check_parameter("language", style);
        invalid.finish()?;
        style.ok_or_else(Problem::unprocessable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn lines(style: Style, rows: &[(&str, i64)]) -> String {
        let rows = rows.iter().map(|(name, amount)| {
            vec![
                Cell::Words((*name).into()),
                Cell::Amount(Money::eur(*amount)),
            ]
        });
        String::from_utf8(style.lines(rows).unwrap()).unwrap()
    }

    #[test]
    fn texts_are_quoted_where_they_must_be() {
        let rows = [("Bic, \"noir\"", 250), ("a\r\nb", -5)];
        let plain = "\"Bic, \"\"noir\"\"\",2.50\r\n\"a\r\nb\",-0.05\r\n";
        assert_eq!(lines(Style::Plain, &rows), plain);
        let french = "\"Bic, \"\"noir\"\"\";2,50\r\n\"a\r\nb\";-0,05\r\n";
        assert_eq!(lines(Style::French, &rows), french);
        assert_eq!(lines(Style::French, &[("a;b", 0)]), "\"a;b\";0,00\r\n");
    }

    #[test]
    fn a_french_file_begins_with_a_byte_order_mark() {
        let head = |style: Style| String::from_utf8(style.head(&["name", "net"]).unwrap()).unwrap();
        assert_eq!(head(Style::Plain), "name,net\r\n");
        assert_eq!(head(Style::French), "\u{feff}name;net\r\n");
    }

    #[test]
    fn a_name_is_no_formula_and_a_negative_amount_stays_a_number() {
        for (name, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("＝1", "'＝1"),
            ("|cmd", "'|cmd"),
            ("1=1", "1=1"),
        ] {
            assert_eq!(
                lines(Style::Plain, &[(name, -1)]),
                format!("{written},-0.01\r\n")
            );
            assert_eq!(
                lines(Style::French, &[(name, -1)]),
                format!("{written};-0,01\r\n")
            );
        }
        // A tab or a line break would end a cell; it is quoted, and no formula either.
        assert_eq!(lines(Style::French, &[("\t=1", 0)]), "'\t'=1;0,00\r\n");
    }

    #[test]
    fn no_formula_follows_what_ends_a_cell_in_another_form() {
        for (name, written) in [
            ("Bol ;=cmd|'/c calc'!A1", "Bol ;'=cmd|'/c calc'!A1"),
            ("Bol ,=1+1", "Bol ,'=1+1"),
            ("Bol;  @SUM(A1), \u{a0}+1", "Bol;  '@SUM(A1), \u{a0}'+1"),
            ("Bol\t-1", "Bol\t'-1"),
            ("Bol\r\n=1\n＝2", "Bol\r\n'=1\n'＝2"),
            (";;|cmd", ";;'|cmd"),
            (" =1", " '=1"),
            ("Bol ;\"=1\"", "Bol ;\"'=1\""),
            // An apostrophe is there already, or no cell begins.
            ("'=1;'=2", "'=1;'=2"),
            ("Bol, 2+1=3; gris-vert", "Bol, 2+1=3; gris-vert"),
        ] {
            assert_eq!(without_formulas(name), written);
        }
        let words = "Bol ;=1+1";
        assert_eq!(lines(Style::Plain, &[(words, -5)]), "Bol ;'=1+1,-0.05\r\n");
        assert_eq!(
            lines(Style::French, &[(words, -5)]),
            "\"Bol ;'=1+1\";-0,05\r\n"
        );
        let words = "Bol ,=1+1";
        assert_eq!(
            lines(Style::Plain, &[(words, -5)]),
            "\"Bol ,'=1+1\",-0.05\r\n"
        );
        assert_eq!(lines(Style::French, &[(words, -5)]), "Bol ,'=1+1;-0,05\r\n");
    }

    #[test]
    fn a_rate_is_a_percentage() {
        let rates = VatRate::ALL.map(|rate| vec![Cell::Rate(rate)]);
        let plain = Style::Plain.lines(rates.clone()).unwrap();
        assert_eq!(plain, b"0\r\n2.1\r\n5.5\r\n10\r\n20\r\n");
        assert_eq!(
            Style::French.lines(rates).unwrap(),
            b"0\r\n2,1\r\n5,5\r\n10\r\n20\r\n"
        );
    }

    #[test]
    fn french_is_for_who_names_it_and_the_parameter_wins() {
        let style = |language: Option<&str>, accepted: &[&str]| {
            let lines = accepted.iter();
            let headers = lines.map(|line| (ACCEPT_LANGUAGE, HeaderValue::from_str(line).unwrap()));
            Style::of(language, &headers.collect()).ok()
        };
        for (accepted, expected) in [
            (&[][..], Style::Plain),
            (&["fr"], Style::French),
            (&["fr-FR,fr;q=0.9,en;q=0.8"], Style::French),
            (&["en;q=0.5", "fr"], Style::French),
            (&["en, fr;q=0.5"], Style::Plain),
            (&["*"], Style::Plain),
            (&["de"], Style::Plain),
            (&["fr;q=0"], Style::Plain),
        ] {
            assert_eq!(style(None, accepted), Some(expected), "{accepted:?}");
            assert_eq!(style(Some("fr"), accepted), Some(Style::French));
            assert_eq!(style(Some("en"), accepted), Some(Style::Plain));
        }
        assert_eq!(style(Some("FR"), &[]), None);
    }
}
