//! The OpenAPI document, the page that shows it, and the way there.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LOCATION, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use service::WebPage;
use service::accept;
use service::openapi::Refusals;
use service::web_page::FIVE_MINUTES;

use crate::document::ApiDocument;

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "status",
    responses((status = 200, description = "OpenAPI 3.1", body = Object), Refusals))]
pub async fn openapi(State(document): State<ApiDocument>, headers: HeaderMap) -> Response {
    let is_compressed = accept::takes_gzip(&headers);
    let sent = match is_compressed {
        true => document.compressed,
        false => document.plain,
    };
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, FIVE_MINUTES),
        (ETAG, &sent.entity_tag),
        (VARY, "Accept-Encoding"),
    ];
    let mut response = (headers, sent.bytes).into_response();
    if is_compressed {
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(CONTENT_ENCODING, gzip);
    }
    response
}

pub async fn page(State(page): State<WebPage>) -> Response {
    (&page).into_response()
}

/// Who comes without knowing where to go is shown the API.
pub async fn welcome() -> impl IntoResponse {
    (StatusCode::FOUND, [(LOCATION, "/docs")])
}
