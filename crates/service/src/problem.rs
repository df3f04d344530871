//! Problem documents (RFC 9457): the one form in which a service says no.
//!
//! A [`Problem`] is built where the refusal is decided, in both languages, and becomes JSON at the very
//! end of the request, when the reader's language and the request's id are known. Its cause is logged and
//! never sent.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use commerce::{FieldError, Language, Text};
use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

/// What is wrong with one value, and where it is.
#[derive(Debug, Clone)]
pub struct FieldProblem {
    pub place: Place,
    pub detail: Text,
}

/// Where a value of a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the body: an RFC 6901 pointer.
    Pointer(String),
    /// In the query: the name of its parameter.
    Parameter(String),
}

impl Place {
    /// As the member of an entry of `errors`.
    fn member(&self) -> (&'static str, &str) {
        match self {
            Self::Pointer(pointer) => ("pointer", pointer),
            Self::Parameter(name) => ("parameter", name),
        }
    }
}

/// A refusal. `code` is stable and the last segment of `type`; `title` and `detail` are for people.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: Text,
    detail: Option<Text>,
    fields: Vec<FieldProblem>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A refusal of this status. Services use the constructors named after what happened
    /// (`Problem::conflict`, …), which stand beside their statuses in one file.
    pub(crate) fn new(status: StatusCode, code: &'static str, title: Text) -> Self {
        Self {
            status,
            code,
            title,
            detail: None,
            fields: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// Adds what is particular to this occurrence.
    pub fn detail(mut self, fr: impl Into<String>, en: impl Into<String>) -> Self {
        self.detail = Some(Text::new(fr.into(), en.into()));
        self
    }

    /// Adds a member of its own, such as the items that are out of stock.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header to the answer.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Keeps the cause for the log.
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Where the request is wrong: pointers and names of parameters.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.place.member().1)
    }

    /// The database's refusal at the bottom of this problem, if that is its cause.
    pub fn database_error(&self) -> Option<&db::Error> {
        self.cause.as_ref()?.downcast_ref()
    }

    /// The cause and what caused it, for the log.
    pub(crate) fn causes(&self) -> Option<String> {
        self.cause.as_ref().map(|cause| crate::log::chain(&**cause))
    }

    /// The document, for a reader of this language.
    pub(crate) fn render(&self, language: Language, path: &str, request_id: &str) -> Response {
        let mut document = self.members(language);
        document.insert("instance".into(), path.into());
        document.insert("request_id".into(), request_id.into());
        let mut response = (self.status, Value::Object(document).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        response
    }

    /// What happened, for a reader of this language.
    pub fn title(&self, language: Language) -> &str {
        self.title.in_language(language)
    }

    /// Every member of the document that does not depend on where it is sent: for a protocol that has a
    /// form of its own for refusals.
    pub fn members(&self, language: Language) -> Map<String, Value> {
        let mut document = self.members.clone();
        document.insert("type".into(), format!("/problems/{}", self.code).into());
        document.insert("title".into(), self.title(language).into());
        document.insert("status".into(), self.status.as_u16().into());
        document.insert("code".into(), self.code.into());
        if let Some(detail) = &self.detail {
            document.insert("detail".into(), detail.in_language(language).into());
        }
        if !self.fields.is_empty() {
            let errors = self.fields.iter().map(|field| {
                let (kind, place) = field.place.member();
                json!({kind: place, "detail": field.detail.in_language(language)})
            });
            document.insert("errors".into(), errors.collect());
        }
        document
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.code, self.status.as_u16())
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as _)
    }
}

/// Carries the problem to the end of the request, where it is rendered.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The most mistakes that one answer tells: whoever has made more of them is a program.
const MOST_ERRORS: usize = 50;

/// Gathers what is wrong with the values of a request, so that one answer tells all of it.
#[derive(Debug, Default)]
pub struct Invalid {
    fields: Vec<FieldProblem>,
}

impl Invalid {
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes what is wrong at this pointer.
    pub fn refuse(&mut self, pointer: impl Into<String>, detail: Text) {
        self.add(Place::Pointer(pointer.into()), detail);
    }

    /// Notes what is wrong with this parameter of the query.
    pub fn refuse_parameter(&mut self, name: impl Into<String>, detail: Text) {
        self.add(Place::Parameter(name.into()), detail);
    }

    fn add(&mut self, place: Place, detail: Text) {
        if self.fields.len() < MOST_ERRORS {
            self.fields.push(FieldProblem { place, detail });
        }
    }

    /// The parsed value, or nothing and a note of what was wrong.
    pub fn check<T>(&mut self, pointer: &str, parsed: Result<T, Text>) -> Option<T> {
        parsed.map_err(|detail| self.refuse(pointer, detail)).ok()
    }

    /// The parsed value of a parameter of the query, or nothing and a note of what was wrong.
    pub fn check_parameter<T>(&mut self, name: &str, parsed: Result<T, Text>) -> Option<T> {
        parsed
            .map_err(|detail| self.refuse_parameter(name, detail))
            .ok()
    }

    /// The parsed value of a field that has fields of its own.
    pub fn check_all<T>(&mut self, pointer: &str, parsed: Result<T, Vec<FieldError>>) -> Option<T> {
        parsed
            .map_err(|errors| {
                for error in errors {
                    self.refuse(format!("{pointer}/{}", error.field), error.problem);
                }
            })
            .ok()
    }

    /// Refuses the request if anything was wrong.
    pub fn finish(self) -> Result<(), Problem> {
        if self.fields.is_empty() {
            Ok(())
        } else {
            Err(self.into())
        }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        let mut problem = Problem::unprocessable();
        problem.fields = invalid.fields;
        problem
    }
}
