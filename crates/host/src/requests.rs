//! One request on its way to a component, from the network or from a peer, and back.
//!
//! Spin tells a component about the request in `spin-*` headers. They come after whatever a
//! client sent under the same names: only the last value of each can be believed.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::WasiBody;

use crate::allowed_hosts::find_peer;
use crate::instances::Pool;
use crate::refusal::Malformed;
use crate::routes::Match;

/// Takes from a public request what only a peer may say, and completes its URI.
pub fn clean(request: &mut Request<WasiBody>) -> Result<(), Malformed> {
    let headers = request.headers_mut();
    if headers.get_all(HOST).iter().count() > 1 {
        return Err(Malformed::SeveralHosts);
    }
    if let Some(Ok(host)) = headers.get(HOST).map(HeaderValue::to_str)
        && find_peer(host.rsplit_once(':').map_or(host, |(name, _)| name)).is_some()
    {
        return Err(Malformed::PeerHost);
    }
    headers.remove(CONNECTION);
    complete_uri(request)?;
    // What a component is told of a request is text: Spin answers anything else with a bare 500.
    let is_text = |value: &HeaderValue| std::str::from_utf8(value.as_bytes()).is_ok();
    let mut headers = request.headers().iter();
    match headers.find(|(_, value)| !is_text(value)) {
        Some((name, _)) => Err(Malformed::Header(name.to_string())),
        None => Ok(()),
    }
}

/// Has the component answer. Whatever goes wrong on this side of it is a bare 500.
pub async fn answer(
    pool: &Pool,
    found: &Match,
    client: SocketAddr,
    mut request: Request<WasiBody>,
) -> Response<WasiBody> {
    if complete_uri(&mut request).is_err() || append_headers(&mut request, found, client).is_none()
    {
        tracing::error!(
            component = pool.component(),
            "a header of the request is not text"
        );
        return respond(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new());
    }
    match pool.handle(request).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(
                component = pool.component(),
                error = format!("{error:#}"),
                "request failed"
            );
            respond(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
        }
    }
}

/// An answer of the host itself.
pub fn respond(status: StatusCode, body: impl Into<Bytes>) -> Response<WasiBody> {
    let body = Full::new(body.into()).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
}

/// Makes the URI absolute: scheme `http`, authority from the request or its `Host`.
fn complete_uri(request: &mut Request<WasiBody>) -> Result<(), Malformed> {
    let mut parts = request.uri().clone().into_parts();
    let host = match request.headers().get(HOST) {
        Some(host) => Some(
            host.to_str()
                .ok()
                .and_then(|host| host.parse::<Authority>().ok())
                .ok_or(Malformed::Host)?,
        ),
        None => None,
    };
    parts.authority = match (host, parts.authority.take()) {
        (None, None) => return Err(Malformed::NoHost),
        (Some(host), Some(authority)) if host != authority => return Err(Malformed::OtherHost),
        (Some(one), _) | (None, Some(one)) => Some(one),
    };
    parts.scheme = Some(Scheme::HTTP);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| Malformed::Path)?;
    Ok(())
}

/// None if a value is not text, which Spin refuses.
fn append_headers(
    request: &mut Request<WasiBody>,
    found: &Match,
    client: SocketAddr,
) -> Option<()> {
    let uri = request.uri();
    let path = uri.path_and_query()?.as_str();
    let headers = request.headers();
    if headers
        .values()
        .any(|value| std::str::from_utf8(value.as_bytes()).is_err())
    {
        return None;
    }
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let full_url = format!("http://{host}{path}");
    let headers = request.headers_mut();
    append(headers, "spin-path-info", &found.path_info)?;
    append(headers, "spin-full-url", &full_url)?;
    append(headers, "spin-matched-route", &found.matched)?;
    append(headers, "spin-base-path", "/")?;
    append(headers, "spin-raw-component-route", &found.written)?;
    append(headers, "spin-component-route", found.prefix())?;
    append(headers, "spin-client-addr", &client.to_string())?;
    for (name, value) in &found.named {
        let name = format!("spin-path-match-{}", name.to_ascii_lowercase());
        let name = HeaderName::try_from(name).ok()?;
        headers.append(name, HeaderValue::try_from(value).ok()?);
    }
    Some(())
}

fn append(headers: &mut HeaderMap, name: &'static str, value: &str) -> Option<()> {
    let value = HeaderValue::from_str(value).ok()?;
    headers.append(HeaderName::from_static(name), value);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, headers: &[(&'static str, &'static str)]) -> Request<WasiBody> {
        let (_, body) = respond(StatusCode::OK, "").into_parts();
        let mut request = Request::new(body);
        *request.uri_mut() = uri.parse().unwrap();
        for (name, value) in headers {
            let value = HeaderValue::from_static(value);
            request.headers_mut().append(*name, value);
        }
        request
    }

    #[test]
    fn spins_headers_come_after_the_clients_copies() {
        let mut request = request(
            "/a/b?c",
            &[("host", "shop.example"), ("spin-client-addr", "forged")],
        );
        clean(&mut request).unwrap();
        let found = Match::chained("a", "/b");
        let client = SocketAddr::from(([10, 0, 0, 1], 5));
        append_headers(&mut request, &found, client).unwrap();
        let values: Vec<_> = request
            .headers()
            .get_all("spin-client-addr")
            .iter()
            .collect();
        assert_eq!(values, ["forged", "10.0.0.1:5"]);
        let value = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(value("spin-full-url"), "http://shop.example/a/b?c");
        assert_eq!(value("spin-path-info"), "/b");
        assert_eq!(value("spin-raw-component-route"), "/...");
        assert_eq!(value("spin-component-route"), "");
        assert_eq!(value("spin-base-path"), "/");
    }

    #[test]
    fn a_public_request_cannot_claim_the_host_of_a_peer() {
        let mut request = request("/x", &[("host", "cart.spin.internal:80")]);
        assert_eq!(clean(&mut request), Err(Malformed::PeerHost));
    }

    #[test]
    fn the_host_must_be_the_authority_of_the_uri() {
        let mut request = request("http://a.example/x", &[("host", "b.example")]);
        assert_eq!(clean(&mut request), Err(Malformed::OtherHost));
    }

    #[test]
    fn a_request_names_one_host() {
        assert_eq!(clean(&mut request("/x", &[])), Err(Malformed::NoHost));
        let mut two = request("/x", &[("host", "a.example"), ("host", "a.example")]);
        assert_eq!(clean(&mut two), Err(Malformed::SeveralHosts));
        let mut empty = request("/x", &[("host", "")]);
        assert_eq!(clean(&mut empty), Err(Malformed::Host));
    }

    #[test]
    fn a_header_that_is_no_text_is_named() {
        let mut request = request("/x", &[("host", "a.example")]);
        let bytes = HeaderValue::from_bytes(b"caf\xe9").unwrap();
        request.headers_mut().insert("x-drink", bytes);
        assert_eq!(
            clean(&mut request),
            Err(Malformed::Header("x-drink".to_owned()))
        );
        let text = HeaderValue::from_bytes("café".as_bytes()).unwrap();
        request.headers_mut().insert("x-drink", text);
        assert_eq!(clean(&mut request), Ok(()));
    }

    #[test]
    fn the_connection_header_stays_with_the_server() {
        let mut request = request("/x", &[("host", "h"), ("connection", "close")]);
        clean(&mut request).unwrap();
        assert!(!request.headers().contains_key(CONNECTION));
        assert_eq!(request.uri().to_string(), "http://h/x");
    }
}
