//! The OpenAPI document, the page that shows it, and the way there.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use service::WebPage;
use service::openapi::Refusals;
use service::web_page::FIVE_MINUTES;

use crate::document::ApiDocument;

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

pub async fn page(State(page): State<WebPage>) -> Response {
    (&page).into_response()
}

/// Who comes without knowing where to go is shown the API.
pub async fn welcome() -> impl IntoResponse {
    (StatusCode::FOUND, [(LOCATION, "/docs")])
}
