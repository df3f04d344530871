//! What the host itself refuses of a public request: 400 with a problem document (RFC 9457) like those of the
//! services, where Spin answers a bare 500 or ends the connection.

use commerce::{Language, Text};
use http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::json;
use uuid::Uuid;
use wasmtime_wasi_http::WasiBody;

use crate::requests::respond;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Why a request reaches no component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("the request names no host")]
    NoHost,
    #[error("the request names several hosts")]
    SeveralHosts,
    #[error("the host of the request is not a valid authority")]
    Host,
    #[error("the host of the request is that of a component")]
    PeerHost,
    #[error("the `Host` of the request is not the authority of its URI")]
    OtherHost,
    #[error("the URI of the request has no path")]
    Path,
    #[error("the header `{0}` of the request is not UTF-8")]
    Header(String),
}

impl Malformed {
    fn detail(&self) -> Text {
        match self {
            Self::NoHost => Text::new("L’en-tête Host manque", "The header Host is missing"),
            Self::SeveralHosts => Text::new(
                "L’en-tête Host est présent plusieurs fois",
                "The header Host is there several times",
            ),
            Self::Host | Self::PeerHost => Text::new(
                "L’hôte de la requête n’est pas un nom d’hôte valide",
                "The host of the request is no valid name of a host",
            ),
            Self::OtherHost => Text::new(
                "L’en-tête Host ne correspond pas à l’URI de la requête",
                "The header Host is not that of the request’s URI",
            ),
            Self::Path => Text::new(
                "L’URI de la requête n’a pas de chemin",
                "The URI of the request has no path",
            ),
            Self::Header(name) => Text::new(
                format!("L’en-tête {name} n’est pas en UTF-8"),
                format!("The header {name} is not UTF-8"),
            ),
        }
    }

    /// The answer, in the language that the request prefers, with an id by which the log finds it.
    #[must_use]
    pub fn answer(&self, request_id: Uuid, path: &str, headers: &HeaderMap) -> Response<WasiBody> {
        let request_id = request_id.to_string();
        let wanted = headers.get(ACCEPT_LANGUAGE);
        let wanted = wanted.and_then(|value| value.to_str().ok());
        let language = Language::from_accept_language(wanted.unwrap_or_default());
        let title = Text::new("La requête est mal formée", "The request is malformed");
        let document = json!({
            "type": "/problems/malformed-request",
            "title": title.in_language(language),
            "status": StatusCode::BAD_REQUEST.as_u16(),
            "code": "malformed-request",
            "detail": self.detail().in_language(language),
            "instance": path,
            "request_id": request_id,
        });
        let mut response = respond(StatusCode::BAD_REQUEST, document.to_string());
        let headers = response.headers_mut();
        for (name, value) in [
            (CONTENT_TYPE, "application/problem+json"),
            (CONTENT_LANGUAGE, language.tag()),
            (CACHE_CONTROL, "no-store"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Ok(request_id) = HeaderValue::try_from(request_id) {
            headers.insert(REQUEST_ID, request_id);
        }
        response
    }
}
