//! JSON in and out.

mod by_name;
mod position;

use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use commerce::{Excess, Text};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use sha2::{Digest, Sha256};

use by_name::ByName;

use crate::conditional::json_response;
use crate::entry::BodyLimit;
use crate::problem::{Invalid, Problem};

/// An answer in JSON, with an entity tag made from its bytes.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => json_response(None, json),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

/// A body as it is: 413 past what its route takes, 400 where it breaks off.
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let limit = request.extensions().get::<BodyLimit>();
        let limit = limit.map_or(usize::MAX, |BodyLimit(limit)| *limit);
        let bytes = Bytes::from_request(request, state).await;
        bytes
            .map(Self)
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(limit / 1024),
                _ => Problem::malformed().caused_by(rejection),
            })
    }
}

/// A body in JSON, read into its wire type, with the digest by which an idempotency key knows the request
/// again: of its method, its path and its body, because the same body sent elsewhere is another request.
///
/// 415 for another type, 413 past the limit, 400 for what is no JSON, 422 with a pointer for JSON of
/// another shape.
#[derive(Debug)]
pub struct JsonBody<T> {
    pub value: T,
    pub digest: [u8; 32],
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        let mut digest = Sha256::new();
        digest.update(request.method().as_str());
        digest.update(b" ");
        digest.update(request.uri().path());
        digest.update(b"\n");
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        digest.update(&bytes);
        let digest = digest.finalize().into();
        read_json(&bytes).map(|value| Self { value, digest })
    }
}

/// A request without a `Content-Type` has no body.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state)
            .await
            .map(Some)
    }
}

fn is_json(request: &Request) -> bool {
    // One of them, or the entry of requests has refused it.
    request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

/// A body that is JSON: 400 for what is none, 422 with a pointer for JSON of another shape.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = T::deserialize(ByName(&mut json)).and_then(|value| json.end().map(|()| value));
    read.map_err(|error| match error.classify() {
        Category::Data => wrong_shape(position::pointer(bytes, &error), &error),
        Category::Syntax | Category::Eof | Category::Io => not_json(&error),
    })
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::malformed().detail(
        format!("Le corps n’est pas du JSON : {error}"),
        format!("The body is not JSON: {error}"),
    )
}

/// Serde says which field is missing or unknown only in its message, and in English.
fn wrong_shape(mut pointer: String, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    if let Some(excess) = Excess::find(&message) {
        // The deserializer stopped at the first entry past the limit: what is wrong is their list.
        if let (Excess::Entries(_), Some((list, _))) = (excess, pointer.rsplit_once('/')) {
            pointer = list.to_owned();
        }
        let mut invalid = Invalid::new();
        invalid.refuse(pointer, excess.text());
        return invalid.into();
    }
    let mut quoted = message.split('`');
    let detail = match (quoted.next(), quoted.next()) {
        (Some("missing field "), Some(field)) => {
            pointer.push('/');
            pointer.push_str(field);
            Text::new("Ce champ est obligatoire", "This field is required")
        }
        (Some("unknown field "), Some(_)) => Text::new("Champ inconnu", "Unknown field"),
        _ => Text::new(
            "La valeur n’est pas du type attendu",
            format!("The value is not of the expected type: {message}"),
        ),
    };
    let mut invalid = Invalid::new();
    invalid.refuse(pointer, detail);
    invalid.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Order {
        #[expect(dead_code, reason = "only its shape matters")]
        lines: Vec<i64>,
    }

    #[test]
    fn another_shape_is_unprocessable_and_no_json_is_malformed() {
        let status = |text: &str| read_json::<Order>(text.as_bytes()).unwrap_err().status();
        assert_eq!(status(r#"{"lines": [1, "two"]}"#), 422);
        assert_eq!(status(r#"{}"#), 422);
        assert_eq!(status(r#"[[1]]"#), 422);
        assert_eq!(status(r#"{"lines": ["#), 400);
        assert_eq!(status(r#"{"lines": []} more"#), 400);
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Priced {
        prices: Vec<commerce::Money>,
    }

    #[test]
    fn what_is_no_name_out_of_several_is_of_another_shape_and_json_all_the_same() {
        for currency in ["null", "1", "true", "[]", "{}", "\"USD\""] {
            let body = format!(r#"{{"prices": [{{"amount": 1, "currency": {currency} }}]}}"#);
            let problem = read_json::<Priced>(body.as_bytes()).unwrap_err();
            let pointers: Vec<_> = problem.pointers().collect();
            assert_eq!(
                (problem.status().as_u16(), &*pointers),
                (422, &["/prices/0/currency"][..]),
                "{body}"
            );
        }
        let broken = read_json::<Priced>(br#"{"prices": [{"amount": 1, "currency": nul }]}"#);
        assert_eq!(broken.unwrap_err().status(), 400);
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Bounded {
        lines: commerce::BoundedList<Line, 2>,
        note: Option<commerce::BoundedText<3>>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Line {
        tags: commerce::BoundedList<commerce::BoundedText<3>, 2>,
    }

    #[test]
    fn an_excess_has_the_pointer_of_the_list_or_text_that_is_too_long() {
        let line = r#"{ "tags": ["a"] }"#;
        for (body, at) in [
            (
                format!(r#"{{"lines": [{line}, {line}, {line}]}}"#),
                "/lines",
            ),
            (
                format!(r#"{{"lines": [{line}, {line},  7, {line}, {line}]}}"#),
                "/lines",
            ),
            (
                r#"{"lines": [{"tags": []}, {"tags": ["a", "b", "c"]}]}"#.into(),
                "/lines/1/tags",
            ),
            (
                r#"{"lines": [{"tags": ["a", "abcd"]}]}"#.into(),
                "/lines/0/tags/1",
            ),
            (r#"{"lines": [], "note": "abcd"}"#.into(), "/note"),
        ] {
            let problem = read_json::<Bounded>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.status(), 422, "{body}");
            assert_eq!(problem.pointers().collect::<Vec<_>>(), [at], "{body}");
        }
    }

    #[test]
    fn a_missing_field_has_a_pointer_of_its_own() {
        let problem = read_json::<Order>(b"{}").unwrap_err();
        assert_eq!(problem.pointers().collect::<Vec<_>>(), ["/lines"]);
    }
}
