//! What every report shares: whose it is, and its two forms, JSON and CSV ([`service::table`]). JSON comes in
//! pages; a CSV file is whole, and made while it is sent, unless a page of it is asked for.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use commerce::Text;
use futures_util::stream::{self, StreamExt};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use service::accept::quality;
use service::handler::{Reading, Reads};
use service::table::{Cell, Style};
use service::{Caller, List, Page, Problem, Role};

use crate::count::Scope;

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Csv(Style),
}

/// How many rows of a whole report are read at once.
const BATCH: i64 = 500;

/// A row of a report, in both forms.
pub trait Row: Serialize {
    const COLUMNS: &'static [&'static str];

    /// One for each column.
    fn cells(&self) -> Vec<Cell>;
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
    /// The style of a file that has all rows, if that is what is asked for.
    pub fn whole<K>(self, page: &Page<K>) -> Option<Style> {
        match self {
            Form::Csv(style) if !page.is_asked_for => Some(style),
            Form::Csv(_) | Form::Json => None,
        }
    }

    fn accepted(headers: &HeaderMap, style: Style) -> Result<Self, Problem> {
        let json = quality(headers, "application", "json");
        let csv = quality(headers, "text", "csv");
        match (json, csv) {
            (0, 0) => Err(Problem::not_acceptable()),
            (json, csv) if json >= csv => Ok(Self::Json),
            _ => Ok(Self::Csv(style)),
        }
    }
}

/// The form that the client likes best; 406 if it takes neither.
impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let style = Style::from_request_parts(parts, state).await?;
        Self::accepted(&parts.headers, style)
    }
}

impl Reads for Form {
    fn note(reading: &mut Reading) {
        Style::note(reading);
    }
}

/// A report as a file of all its rows. `read` reads the rows past one of them, `key` says where a row stands, and
/// `row` makes one of the file.
pub async fn whole<K, R, T, F, Fut>(
    name: &'static str,
    style: Style,
    read: F,
    key: impl Fn(&R) -> K + Send + 'static,
    row: impl Fn(R) -> T + Send + 'static,
) -> Result<Response, Problem>
where
    K: Send + 'static,
    R: Send + 'static,
    T: Row,
    F: Fn(Option<K>, i64) -> Fut + Send + 'static,
    Fut: Future<Output = cache::Result<Option<Vec<R>>>> + Send + 'static,
{
    // Read before anything is answered: what is not there yet is no file.
    let first = read(None, BATCH).await?.ok_or_else(not_ready)?;
    let head = style.head(T::COLUMNS).map_err(Problem::internal)?;
    let rows = stream::try_unfold((first, read), move |(batch, read)| {
        let last = batch.last().map(&key);
        let written = style.lines(batch.into_iter().map(&row).map(|row| row.cells()));
        async move {
            let Some(last) = last else {
                return Ok(None);
            };
            // What is built anew meanwhile ends the file early, as a database that fails would.
            let next = read(Some(last), BATCH).await?.ok_or(FileError::Rebuilt)?;
            Ok::<_, FileError>(Some((Bytes::from(written?), (next, read))))
        }
    });
    let file = stream::once(async { Ok(Bytes::from(head)) }).chain(rows);
    let headers = file_headers(name);
    Ok(private((headers, Body::from_stream(file)).into_response()))
}

/// Why a file ends early: whoever receives it sees that it does.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error("the read model is being built anew")]
    Rebuilt,
    #[error(transparent)]
    Cache(#[from] cache::Error),
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

fn file_headers(name: &str) -> [(HeaderName, String); 2] {
    let file = format!("attachment; filename=\"{name}.csv\"");
    let content_type = Style::CONTENT_TYPE.to_owned();
    [(CONTENT_TYPE, content_type), (CONTENT_DISPOSITION, file)]
}

fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let vary = HeaderValue::from_static("accept, accept-language, authorization");
    headers.insert(VARY, vary);
    let private = HeaderValue::from_static("private, no-cache");
    headers.insert(CACHE_CONTROL, private);
    response
}

impl<T: Row> IntoResponse for Report<T> {
    fn into_response(self) -> Response {
        private(match self.form {
            Form::Json => self.list.into_response(),
            Form::Csv(style) => self.list.respond(|page| {
                let rows = page.data.iter().map(Row::cells);
                let lines = style.lines(rows);
                match style
                    .head(T::COLUMNS)
                    .and_then(|head| Ok([head, lines?].concat()))
                {
                    Ok(file) => (file_headers(self.name), file).into_response(),
                    Err(error) => Problem::internal(error).into_response(),
                }
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::ACCEPT;

    #[test]
    fn the_form_is_what_the_client_likes_best() {
        let csv = Form::Csv(Style::French);
        for (accept, form) in [
            ("*/*", Some(Form::Json)),
            ("text/csv", Some(csv)),
            ("text/csv, application/json;q=0.5", Some(csv)),
            ("application/json, text/csv", Some(Form::Json)),
            ("text/html", None),
        ] {
            let headers = [(ACCEPT, HeaderValue::from_static(accept))];
            let accepted = Form::accepted(&headers.into_iter().collect(), Style::French);
            assert_eq!(accepted.ok(), form, "{accept}");
        }
    }
}
