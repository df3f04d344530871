//! The OpenAPI document, the page that shows it, and the way there.

use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LOCATION};
use service::openapi::Refusals;

use crate::document::{ApiDocument, Page};

/// It changes with a release, and a browser then finds out within minutes.
const FIVE_MINUTES: &str = "public, max-age=300";

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "status",
    responses((status = 200, description = "OpenAPI 3.1", body = Object), Refusals))]
pub async fn openapi(State(document): State<ApiDocument>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (CACHE_CONTROL, FIVE_MINUTES.to_owned()),
        (ETAG, document.entity_tag.to_string()),
    ];
    (headers, document.json)
}

pub async fn page(State(page): State<Page>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CACHE_CONTROL, FIVE_MINUTES.to_owned()),
        (CONTENT_SECURITY_POLICY, page.policy.to_string()),
        (ETAG, page.entity_tag.to_string()),
    ];
    (headers, page.html.to_string())
}

/// Who comes without knowing where to go is shown the API.
pub async fn welcome() -> impl IntoResponse {
    (StatusCode::FOUND, [(LOCATION, "/docs")])
}
