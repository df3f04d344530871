//! The public keys, for whoever verifies our tokens.

use axum::extract::State;
use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use service::conditional::entity_tag;
use service::openapi::Refusals;

use crate::signer::Signer;

/// The public keys of access tokens (RFC 7517), two while they are rotated.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "accounts",
    responses((status = 200, description = "A JWK set", body = Object), Refusals))]
pub async fn show(State(signer): State<Signer>) -> impl IntoResponse {
    let keys = signer.key_set();
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (CACHE_CONTROL, "public, max-age=300".to_owned()),
        (ETAG, entity_tag(None, keys.as_bytes())),
    ];
    (headers, keys.to_owned())
}
