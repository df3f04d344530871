//! Who may keep an answer, and for how long (RFC 9111, RFC 5861), where its handler does not say so itself.
//!
//! What anybody reads may be kept by anybody for a moment, and shown a little longer while it is asked for
//! again. What somebody reads who has signed in is for their own cache alone, which asks each time whether it
//! has changed: there is a tag on everything. What changes something, and what is refused, is kept by nobody.

use http::header::{AUTHORIZATION, CACHE_CONTROL, VARY};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

const ANYBODY: HeaderValue =
    HeaderValue::from_static("public, max-age=10, stale-while-revalidate=60");
const ONE: HeaderValue = HeaderValue::from_static("private, no-cache");
const NOBODY: HeaderValue = HeaderValue::from_static("no-store");

/// Completes the headers of an answer of this status; `is_public` where the service shows things to all.
pub(crate) fn complete(
    is_public: bool,
    (method, request): (&Method, &HeaderMap),
    status: StatusCode,
    answer: &mut HeaderMap,
) {
    if answer.contains_key(CACHE_CONTROL) {
        return;
    }
    let is_read = matches!(*method, Method::GET | Method::HEAD)
        && matches!(status, StatusCode::OK | StatusCode::NOT_MODIFIED);
    let who = match (is_read, is_public) {
        (false, _) => NOBODY,
        (true, true) if !request.contains_key(AUTHORIZATION) => ANYBODY,
        (true, _) => ONE,
    };
    answer.insert(CACHE_CONTROL, who);
    if is_read && is_public {
        answer.append(VARY, HeaderValue::from_static("Authorization"));
    }
}
