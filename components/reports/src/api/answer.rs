//! What every report shares: whose it is, and its two forms, JSON and CSV.
//!
//! CSV is that of RFC 4180, in UTF-8, with the names of columns in its first line. Amounts are decimal numbers
//! with their currency in a column of its own. A text that a spreadsheet would take for a formula has an
//! apostrophe in front.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use commerce::{Money, Text};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use service::accept::quality;
use service::{Caller, List, Problem, Role};

use crate::count::Scope;

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Csv,
}

/// A row of a report, in both forms.
pub trait Row: Serialize {
    const COLUMNS: &'static [&'static str];

    /// One for each column.
    fn cells(&self) -> Vec<Cell>;
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// What people have written.
    Words(String),
    /// What we have: ids, days, names of things.
    Plain(String),
    Number(i64),
    Nothing,
}

/// A report on its way: a page of it, or all of one that has no pages.
pub struct Report<T> {
    pub name: &'static str,
    pub form: Form,
    pub list: List<T>,
}

/// What is not there yet.
pub fn not_ready() -> Problem {
    Problem::not_ready(
        "reports-not-ready",
        Text::new(
            "Les rapports sont en préparation",
            "The reports are being prepared",
        ),
    )
}

/// Admins see everything; sellers, what is theirs.
pub fn scope_of(caller: Caller) -> Scope {
    match caller.role {
        Role::Admin => Scope::All,
        _ => Scope::Seller(caller.user),
    }
}

impl Form {
    fn accepted(headers: &HeaderMap) -> Result<Self, Problem> {
        let json = quality(headers, "application", "json");
        let csv = quality(headers, "text", "csv");
        match (json, csv) {
            (0, 0) => Err(Problem::not_acceptable()),
            (json, csv) if json >= csv => Ok(Self::Json),
            _ => Ok(Self::Csv),
        }
    }
}

/// The form that the client likes best; 406 if it takes neither.
impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::accepted(&parts.headers)
    }
}

impl Cell {
    pub fn amount(money: Money) -> Self {
        Self::Plain(money.decimal())
    }

    fn into_text(self) -> String {
        match self {
            Cell::Words(text) if may_be_a_formula(&text) => format!("'{text}"),
            Cell::Words(text) | Cell::Plain(text) => text,
            Cell::Number(number) => number.to_string(),
            Cell::Nothing => String::new(),
        }
    }
}

impl<T: ToString> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Nothing, |value| Cell::Plain(value.to_string()))
    }
}

/// As OWASP lists them ("CSV Injection"): what a formula begins with, and what brings it to its cell.
fn may_be_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

fn write_csv<T: Row>(rows: &[T]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(T::COLUMNS)?;
    for row in rows {
        writer.write_record(row.cells().into_iter().map(Cell::into_text))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

impl<T: Row> IntoResponse for Report<T> {
    fn into_response(self) -> Response {
        let mut response = match self.form {
            Form::Json => self.list.into_response(),
            Form::Csv => self.list.respond(|page| match write_csv(&page.data) {
                Ok(csv) => {
                    let file = format!("attachment; filename=\"{}.csv\"", self.name);
                    let content_type = "text/csv; charset=utf-8; header=present".to_owned();
                    (
                        [(CONTENT_TYPE, content_type), (CONTENT_DISPOSITION, file)],
                        csv,
                    )
                        .into_response()
                }
                Err(error) => Problem::internal(error).into_response(),
            }),
        };
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("accept, authorization"));
        let private = HeaderValue::from_static("private, no-cache");
        headers.insert(CACHE_CONTROL, private);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::ACCEPT;

    #[derive(Serialize)]
    struct Named(&'static str, i64);

    impl Row for Named {
        const COLUMNS: &'static [&'static str] = &["name", "amount"];

        fn cells(&self) -> Vec<Cell> {
            vec![Cell::Words(self.0.into()), Cell::amount(Money::eur(self.1))]
        }
    }

    fn csv(rows: &[Named]) -> String {
        String::from_utf8(write_csv(rows).unwrap()).unwrap()
    }

    #[test]
    fn texts_are_quoted_where_they_must_be() {
        let rows = [Named("Bic, \"noir\"", 250), Named("a\r\nb", -5)];
        let expected = "name,amount\r\n\"Bic, \"\"noir\"\"\",2.50\r\n\"a\r\nb\",-0.05\r\n";
        assert_eq!(csv(&rows), expected);
    }

    #[test]
    fn a_name_is_no_formula_and_a_negative_amount_stays_a_number() {
        for (name, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("＝1", "'＝1"),
            ("1=1", "1=1"),
        ] {
            assert_eq!(
                csv(&[Named(name, -1)]),
                format!("name,amount\r\n{written},-0.01\r\n")
            );
        }
    }

    #[test]
    fn the_form_is_what_the_client_likes_best() {
        for (accept, form) in [
            ("*/*", Some(Form::Json)),
            ("text/csv", Some(Form::Csv)),
            ("text/csv, application/json;q=0.5", Some(Form::Csv)),
            ("application/json, text/csv", Some(Form::Json)),
            ("text/html", None),
        ] {
            let headers = [(ACCEPT, HeaderValue::from_static(accept))];
            let accepted = Form::accepted(&headers.into_iter().collect());
            assert_eq!(accepted.ok(), form, "{accept}");
        }
    }
}
