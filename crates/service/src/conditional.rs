//! Conditional requests (RFC 9110 §13): entity tags, `If-Match` and `If-None-Match`, and `Accept`.
//!
//! A tag is `"<version>-<digest of the body>"`: two bodies that differ have different tags, while a
//! change asks only for the version, so that an editor is not refused because the stock has moved.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;

use crate::problem::Problem;
use crate::{accept, headers};

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

/// What a change is conditional on: the versions of the tags in `If-Match` and `If-None-Match`.
///
/// A weak tag counts as the strong one that it was: a proxy that compresses answers weakens their tags, and the
/// version in a tag never stands for two states of a resource, whatever was done to the bytes (ADR 23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `If-Match: *`: whatever there is.
    Any,
    /// `If-Match`: one of these versions.
    Versions(Vec<u32>),
    /// `If-None-Match: *`: there must be nothing.
    Nothing,
    /// `If-None-Match`: none of these versions.
    NoneOf(Vec<u32>),
}

impl IfMatch {
    /// Refuses the change of a resource that is there in this version, where the client wanted another (412).
    pub fn check(&self, version: u32) -> Result<(), Problem> {
        let holds = match self {
            Self::Any => true,
            Self::Versions(seen) => seen.contains(&version),
            Self::Nothing => false,
            Self::NoneOf(seen) => !seen.contains(&version),
        };
        holds.then_some(()).ok_or_else(Problem::precondition_failed)
    }

    /// Refuses to make a resource where the client wanted to change one (412).
    pub fn check_absent(&self) -> Result<(), Problem> {
        match self {
            Self::Nothing | Self::NoneOf(_) => Ok(()),
            Self::Any | Self::Versions(_) => Err(Problem::precondition_failed()),
        }
    }

    /// What a request is conditional on, if it is.
    pub(crate) fn from_headers(request: &HeaderMap) -> Option<Self> {
        let wanted = headers::list(request, IF_MATCH).map(|list| Tags::parse(&list));
        let unwanted = headers::list(request, IF_NONE_MATCH).map(|list| Tags::parse(&list));
        Some(match (wanted, unwanted) {
            (None, None) => return None,
            (Some(Tags::Any), None) => Self::Any,
            (Some(Tags::These(wanted)), None) => Self::Versions(versions(&wanted)),
            (None, Some(Tags::Any)) => Self::Nothing,
            (None | Some(Tags::Any), Some(Tags::These(unwanted))) => {
                Self::NoneOf(versions(&unwanted))
            }
            (Some(Tags::These(wanted)), Some(Tags::These(unwanted))) => {
                let (mut wanted, unwanted) = (versions(&wanted), versions(&unwanted));
                wanted.retain(|version| !unwanted.contains(version));
                Self::Versions(wanted)
            }
            // It is there and it is not there.
            (Some(_), Some(Tags::Any)) => Self::Versions(Vec::new()),
        })
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
    held: Option<Tags>,
}

impl Asked {
    /// Whether a body with this tag would not be sent: its client holds it, or asks only for its headers.
    pub fn is_without_body(&self, tag: &str) -> bool {
        self.is_head || self.held.as_ref().is_some_and(|held| held.hold(Some(tag)))
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let held = headers::list(&parts.headers, IF_NONE_MATCH);
        Ok(Self {
            is_head: parts.method == Method::HEAD,
            held: held.map(|list| Tags::parse(&list)),
        })
    }
}

/// An answer whose body is not made, because nobody would be sent it: its length is not known either.
pub fn without_body() -> Body {
    Body::from_stream(futures_util::stream::empty::<Result<Bytes, Infallible>>())
}

/// Where what is there may be changed under a condition only, and what is not there may be made without one.
impl<S: Sync> OptionalFromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::from_headers(&parts.headers))
    }
}

/// The condition of an operation that needs none, such as cancelling an order.
#[derive(Clone, Debug)]
pub struct Condition(Option<IfMatch>);

impl Condition {
    /// Refuses the operation on a resource of this version, where the client wanted another (412).
    pub fn check(&self, version: u32) -> Result<(), Problem> {
        let wanted = self.0.as_ref();
        wanted.map_or(Ok(()), |wanted| wanted.check(version))
    }
}

impl<S: Sync> FromRequestParts<S> for Condition {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(IfMatch::from_headers(&parts.headers)))
    }
}

/// Whether a request is conditional on the state of what it names.
pub(crate) fn is_conditional(request: &HeaderMap) -> bool {
    request.contains_key(IF_MATCH) || request.contains_key(IF_NONE_MATCH)
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    Any,
    /// What stands between the quotes of each, weak or not. What is no tag is the tag of nothing.
    These(Vec<String>),
}

impl Tags {
    fn parse(list: &str) -> Self {
        if list.trim() == "*" {
            return Self::Any;
        }
        let (mut tags, mut rest) = (Vec::new(), list);
        while let Some((_, opened)) = rest.split_once('"') {
            let Some((tag, next)) = opened.split_once('"') else {
                break;
            };
            tags.push(tag.to_owned());
            rest = next;
        }
        Self::These(tags)
    }

    /// The weak comparison of RFC 9110 §8.8.3.2.
    fn hold(&self, tag: Option<&str>) -> bool {
        let opaque = |tag: &str| Some(tag.split_once('"')?.1.strip_suffix('"')?.to_owned());
        match self {
            Self::Any => true,
            Self::These(tags) => tag.and_then(opaque).is_some_and(|tag| tags.contains(&tag)),
        }
    }
}

/// The versions that tags of ours begin with.
fn versions(tags: &[String]) -> Vec<u32> {
    let version = |tag: &String| tag.split('-').next()?.parse().ok();
    tags.iter().filter_map(version).collect()
}

/// An answer to what was read: 406 where the client does not take its type, 412 where it wanted another state of
/// it, 304 where it has this very body already.
pub(crate) fn answer(method: &Method, request: &HeaderMap, response: Response) -> Response {
    let read = matches!(*method, Method::GET | Method::HEAD);
    if !read || response.status() != StatusCode::OK {
        return response;
    }
    if !is_acceptable(request, response.headers().get(CONTENT_TYPE)) {
        return Problem::not_acceptable().into_response();
    }
    let tag = response.headers().get(ETAG);
    let tag = tag.and_then(|tag| tag.to_str().ok());
    let holds = |name| headers::list(request, name).map(|list| Tags::parse(&list).hold(tag));
    if holds(IF_MATCH) == Some(false) {
        return Problem::precondition_failed().into_response();
    }
    if tag.is_none() || holds(IF_NONE_MATCH) != Some(true) {
        return response;
    }
    let mut not_modified = StatusCode::NOT_MODIFIED.into_response();
    *not_modified.headers_mut() = response.headers().clone();
    for of_the_body in [CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE] {
        not_modified.headers_mut().remove(of_the_body);
    }
    not_modified
}

/// Whether a media type is among those of `Accept`.
fn is_acceptable(request: &HeaderMap, content_type: Option<&HeaderValue>) -> bool {
    let text = content_type.and_then(|value| value.to_str().ok());
    let media = text.and_then(|text| text.split(';').next()?.trim().split_once('/'));
    media.is_none_or(|(main, sub)| accept::quality(request, main, sub) > 0)
}

#[cfg(test)]
mod tests;
