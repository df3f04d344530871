//! Conditional requests (RFC 9110 §13): entity tags, `If-None-Match` for reads, `If-Match` for changes,
//! and `Accept`.
//!
//! A tag is `"<version>-<digest of the body>"`: two bodies that differ have different tags, while a
//! change asks only for the version, so that an editor is not refused because the stock has moved.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;

use crate::problem::Problem;

/// A resource as its body and its version: the number that its row counts changes with.
#[derive(Debug)]
pub struct Resource<T> {
    pub version: u32,
    pub body: T,
}

impl<T: Serialize> Resource<T> {
    /// 201, with where the resource is from now on.
    pub fn created(self, location: &str) -> Response {
        let mut response = (StatusCode::CREATED, self).into_response();
        if let Ok(location) = HeaderValue::from_str(location) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

impl<T: Serialize> IntoResponse for Resource<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.body) {
            Ok(json) => json_response(Some(self.version), json),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

/// JSON with its tag.
pub(crate) fn json_response(version: Option<u32>, json: Vec<u8>) -> Response {
    let tag = entity_tag(version, &json);
    let mut response = json.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

/// The entity tag of a body, with the version of its resource if it has one.
pub fn entity_tag(version: Option<u32>, body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let digest = hasher.finish();
    match version {
        Some(version) => format!("\"{version}-{digest:016x}\""),
        None => format!("\"{digest:016x}\""),
    }
}

/// What a change is conditional on: any version (`*`), or those of the tags that the client holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    Any,
    Versions(Vec<u32>),
}

impl IfMatch {
    /// Refuses the change if the resource is no longer of a version that the client has seen (412).
    pub fn check(&self, version: u32) -> Result<(), Problem> {
        match self {
            Self::Versions(seen) if !seen.contains(&version) => Err(Problem::precondition_failed()),
            _ => Ok(()),
        }
    }

    /// What a request is conditional on, if it is: for what may be made or changed by the same request.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(IF_MATCH)?;
        value.to_str().ok().map(Self::parse)
    }

    fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let versions = header.split(',').filter_map(|tag| {
            let tag = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
            tag.split('-').next()?.parse().ok()
        });
        Self::Versions(versions.collect())
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::from_headers(&parts.headers).ok_or_else(Problem::precondition_required)
    }
}

/// What a read asks for beside the body, for a handler whose body is dear: the tag decides before it is made.
#[derive(Clone, Debug)]
pub struct Asked {
    is_head: bool,
    held: Option<String>,
}

impl Asked {
    /// Whether a body with this tag would not be sent: its client holds it, or asks only for its headers.
    pub fn is_without_body(&self, tag: &str) -> bool {
        self.is_head || self.held.as_ref().is_some_and(|held| holds(held, tag))
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let lines = parts.headers.get_all(IF_NONE_MATCH).iter();
        let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        Ok(Self {
            is_head: parts.method == Method::HEAD,
            held: (!lines.is_empty()).then(|| lines.join(", ")),
        })
    }
}

/// An answer whose body is not made, because nobody would be sent it: its length is not known either.
pub fn without_body() -> Body {
    Body::from_stream(futures_util::stream::empty::<Result<Bytes, Infallible>>())
}

/// 304 where the client has this very body already, 406 where it does not take its type.
pub(crate) fn answer(method: &Method, request: &HeaderMap, response: Response) -> Response {
    let read = matches!(*method, Method::GET | Method::HEAD);
    if !read || response.status() != StatusCode::OK {
        return response;
    }
    if !accepts(request.get(ACCEPT), response.headers().get(CONTENT_TYPE)) {
        return Problem::not_acceptable().into_response();
    }
    let held = request
        .get(IF_NONE_MATCH)
        .and_then(|held| held.to_str().ok());
    let tag = response
        .headers()
        .get(ETAG)
        .and_then(|tag| tag.to_str().ok());
    match (held, tag) {
        (Some(held), Some(tag)) if holds(held, tag) => {
            let mut not_modified = StatusCode::NOT_MODIFIED.into_response();
            *not_modified.headers_mut() = response.headers().clone();
            not_modified.headers_mut().remove(CONTENT_TYPE);
            not_modified
                .headers_mut()
                .remove(http::header::CONTENT_LENGTH);
            not_modified
        }
        _ => response,
    }
}

/// The weak comparison of RFC 9110 §8.8.3.2.
fn holds(held: &str, tag: &str) -> bool {
    held.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

/// Whether a media type is among those of `Accept`; a range of weight 0 takes nothing.
fn accepts(accept: Option<&HeaderValue>, content_type: Option<&HeaderValue>) -> bool {
    let text = |value: &HeaderValue| value.to_str().map(str::to_ascii_lowercase).ok();
    let (Some(accept), Some(content_type)) = (accept.and_then(text), content_type.and_then(text))
    else {
        return true;
    };
    let media = content_type.split(';').next().unwrap_or_default().trim();
    let family = media.split('/').next().unwrap_or_default();
    accept.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default();
        let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        let matches = range == "*/*" || range == media || range.strip_suffix("/*") == Some(family);
        matches && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_asks_for_the_version_and_not_for_the_body() {
        let tag = entity_tag(Some(7), b"{}");
        let if_match = IfMatch::parse(&tag);
        assert_eq!(if_match, IfMatch::Versions(vec![7]));
        assert!(if_match.check(7).is_ok());
        assert_eq!(
            if_match.check(8).unwrap_err().status(),
            StatusCode::PRECONDITION_FAILED
        );
        assert!(IfMatch::parse("*").check(8).is_ok());
        assert!(IfMatch::parse("W/\"7\", nonsense").check(7).is_err());
    }

    #[test]
    fn a_body_that_differs_has_another_tag() {
        assert_ne!(entity_tag(Some(7), b"a"), entity_tag(Some(7), b"b"));
        assert!(holds("\"a\", W/\"b\"", "\"b\""));
        assert!(!holds("\"a\"", "\"b\""));
    }

    #[test]
    fn only_types_that_the_client_takes_are_sent() {
        let json = HeaderValue::from_static("application/json");
        for (accept, good) in [
            ("application/json", true),
            ("text/html, */*;q=0.1", true),
            ("application/*", true),
            ("text/html", false),
            ("*/*;q=0", false),
        ] {
            let accept = HeaderValue::from_static(accept);
            assert_eq!(accepts(Some(&accept), Some(&json)), good, "{accept:?}");
        }
        assert!(accepts(None, Some(&json)));
    }
}
