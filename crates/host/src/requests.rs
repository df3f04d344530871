//! One request on its way to a component, from the network or from a peer, and back.
//!
//! Spin tells a component about the request in `spin-*` headers. They come after whatever a
//! client sent under the same names: only the last value of each can be believed.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::WasiBody;

use crate::allowed_hosts::find_peer;
use crate::instances::Pool;
use crate::refusal::Malformed;
use crate::routes::Match;

/// Takes from a public request what only a peer may say, and completes its URI. `local` is the address that the
/// request came to.
pub fn clean(request: &mut Request<WasiBody>, local: SocketAddr) -> Result<(), Malformed> {
    let authority = find_authority(request, local)?;
    if find_peer(authority.host()).is_some() {
        return Err(Malformed::PeerHost);
    }
    let version = request.version();
    let headers = request.headers_mut();
    headers.remove(CONNECTION);
    // Whatever `Host` said, a component sees the host that the request is for.
    if version < Version::HTTP_2 {
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| Malformed::Host)?;
        headers.insert(HOST, host);
    }
    complete_uri(request, Some(authority))?;
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
    if complete_uri(&mut request, None).is_err()
        || append_headers(&mut request, found, client).is_none()
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

/// The authority that a public request is for: that of its target (RFC 9112 §3.2.2) or its `Host`.
fn find_authority(request: &Request<WasiBody>, local: SocketAddr) -> Result<Authority, Malformed> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next().map(read_host).transpose()?;
    if hosts.next().is_some() {
        return Err(Malformed::SeveralHosts);
    }
    let target = request.uri().authority().cloned();
    let authority = match (request.version(), target, host) {
        // RFC 9112 §3.2: a `Host` is always there, even beside a target that names its host.
        (Version::HTTP_11, _, None) | (Version::HTTP_2, None, None) => {
            return Err(Malformed::NoHost);
        }
        // RFC 9113 §8.3.1: here the two must agree.
        (Version::HTTP_2, Some(target), Some(host)) if host != target => {
            return Err(Malformed::OtherHost);
        }
        (_, Some(target), _) => target,
        (_, None, Some(host)) => host,
        // Clients of HTTP/1.0 need not know of `Host`. Without the scope that IPv6 may have, which a URI cannot.
        (_, None, None) => SocketAddr::new(local.ip().to_canonical(), local.port())
            .to_string()
            .parse()
            .map_err(|_| Malformed::NoHost)?,
    };
    // A name of a user is no part of a host.
    if authority.as_str().contains('@') {
        return Err(Malformed::Host);
    }
    Ok(authority)
}

fn read_host(host: &HeaderValue) -> Result<Authority, Malformed> {
    let host = host.to_str().ok().and_then(|host| host.parse().ok());
    host.ok_or(Malformed::Host)
}

/// Makes the URI absolute: scheme `http`, and the authority unless it is None.
fn complete_uri(
    request: &mut Request<WasiBody>,
    authority: Option<Authority>,
) -> Result<(), Malformed> {
    let mut parts = request.uri().clone().into_parts();
    parts.authority = authority.or(parts.authority);
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
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const LOCAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

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
        clean(&mut request, LOCAL).unwrap();
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
        assert_eq!(clean(&mut request, LOCAL), Err(Malformed::PeerHost));
    }

    #[test]
    fn the_target_goes_before_the_host_in_http_1_and_agrees_with_it_in_http_2() {
        let named = || request("http://a.example/x", &[("host", "b.example")]);
        let mut first = named();
        assert_eq!(clean(&mut first, LOCAL), Ok(()));
        assert_eq!(first.uri().to_string(), "http://a.example/x");
        assert_eq!(first.headers()[HOST], "a.example");
        let mut second = named();
        *second.version_mut() = Version::HTTP_2;
        assert_eq!(clean(&mut second, LOCAL), Err(Malformed::OtherHost));
        let mut alone = request("http://a.example/x", &[]);
        *alone.version_mut() = Version::HTTP_2;
        assert_eq!(clean(&mut alone, LOCAL), Ok(()));
    }

    #[test]
    fn the_target_cannot_claim_the_host_of_a_peer_or_a_user() {
        let mut peer = request("http://cart.spin.internal/x", &[("host", "a.example")]);
        assert_eq!(clean(&mut peer, LOCAL), Err(Malformed::PeerHost));
        let mut user = request("http://me@a.example/x", &[("host", "a.example")]);
        assert_eq!(clean(&mut user, LOCAL), Err(Malformed::Host));
    }

    #[test]
    fn a_request_of_http_1_0_without_a_host_is_for_the_address_it_came_to() {
        for (local, authority) in [
            ("127.0.0.1:3000", "127.0.0.1:3000"),
            ("[::1]:3000", "[::1]:3000"),
            ("[fe80::1%2]:3000", "[fe80::1]:3000"),
            ("[::ffff:10.0.0.1]:80", "10.0.0.1:80"),
        ] {
            let mut request = request("/x", &[]);
            *request.version_mut() = Version::HTTP_10;
            assert_eq!(clean(&mut request, local.parse().unwrap()), Ok(()));
            assert_eq!(request.uri().to_string(), format!("http://{authority}/x"));
            assert_eq!(request.headers()[HOST], authority);
        }
    }

    #[test]
    fn a_request_names_one_host() {
        assert_eq!(
            clean(&mut request("/x", &[]), LOCAL),
            Err(Malformed::NoHost)
        );
        let mut two = request("/x", &[("host", "a.example"), ("host", "a.example")]);
        assert_eq!(clean(&mut two, LOCAL), Err(Malformed::SeveralHosts));
        let mut empty = request("/x", &[("host", "")]);
        assert_eq!(clean(&mut empty, LOCAL), Err(Malformed::Host));
    }

    #[test]
    fn a_header_that_is_no_text_is_named() {
        let mut request = request("/x", &[("host", "a.example")]);
        let bytes = HeaderValue::from_bytes(b"caf\xe9").unwrap();
        request.headers_mut().insert("x-drink", bytes);
        assert_eq!(
            clean(&mut request, LOCAL),
            Err(Malformed::Header("x-drink".to_owned()))
        );
        let text = HeaderValue::from_bytes("café".as_bytes()).unwrap();
        request.headers_mut().insert("x-drink", text);
        assert_eq!(clean(&mut request, LOCAL), Ok(()));
    }

    #[test]
    fn the_connection_header_stays_with_the_server() {
        let mut request = request("/x", &[("host", "h"), ("connection", "close")]);
        clean(&mut request, LOCAL).unwrap();
        assert!(!request.headers().contains_key(CONNECTION));
        assert_eq!(request.uri().to_string(), "http://h/x");
    }
}
