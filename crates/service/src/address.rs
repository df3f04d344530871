//! The network address of the client, as the host or a proxy before it saw it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;

/// Who sent the request, to count what they do.
///
/// The host appends its `spin-client-addr` after copies that the client may have sent, so only the last
/// one is believed. Behind proxies that is the nearest of them, and the client is who the farthest of ours
/// saw: each appends to `X-Forwarded-For`, so it stands as many places from the end as there are proxies
/// (the variable `trusted_proxies`). Whatever stands before that, the client may have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    pub(crate) fn new(headers: &HeaderMap, proxies: usize) -> Self {
        let nearest = last_socket(headers);
        if proxies == 0 || nearest.is_none_or(|nearest| nearest.is_unspecified()) {
            return Self(nearest);
        }
        Self(forwarded(headers, proxies).or(nearest))
    }

    /// Whether another component has called inside this process: the host gives no address then.
    pub(crate) fn is_inside(self) -> bool {
        self.0.is_some_and(|address| address.is_unspecified())
    }

    /// What is counted together: an IPv4 address, or the /64 network that one household or server has.
    pub fn network(self) -> String {
        match self.0 {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            None => "unknown".to_owned(),
        }
    }

    /// A network that is too wide to be anybody's in particular: 24 bits of an IPv4 address, 48 of an IPv6 one.
    pub fn wide_network(self) -> String {
        match self.0 {
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            Some(IpAddr::V6(address)) => {
                let [a, b, c, ..] = address.segments();
                format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
            None => "unknown".to_owned(),
        }
    }
}

fn last_socket(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("spin-client-addr").iter().next_back()?;
    let socket: SocketAddr = last.to_str().ok()?.parse().ok()?;
    Some(socket.ip().to_canonical())
}

/// The address at this place from the end of `X-Forwarded-For`.
fn forwarded(headers: &HeaderMap, place: usize) -> Option<IpAddr> {
    let lines = headers.get_all("x-forwarded-for").iter();
    let addresses: Vec<&str> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .collect();
    let text = addresses.iter().rev().nth(place.checked_sub(1)?)?.trim();
    let address = text.parse().ok();
    let socket = || text.parse().ok().map(|socket: SocketAddr| socket.ip());
    address.or_else(socket).map(|ip| ip.to_canonical())
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get().copied();
        Ok(known.unwrap_or_else(|| Self::new(&parts.headers, 0)))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn network(headers: &[(&'static str, &'static str)], proxies: usize) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        ClientAddress::new(&map, proxies).network()
    }

    #[test]
    fn the_last_address_is_the_hosts() {
        let forged = [
            ("spin-client-addr", "9.9.9.9:1"),
            ("spin-client-addr", "192.0.2.7:4711"),
            ("x-forwarded-for", "8.8.8.8"),
        ];
        assert_eq!(network(&forged, 0), "192.0.2.7");
        assert_eq!(network(&[], 0), "unknown");
    }

    #[test]
    fn a_household_is_one_network_of_version_6() {
        let one = [("spin-client-addr", "[2001:db8:1:2:aaaa::1]:80")];
        let other = [("spin-client-addr", "[2001:db8:1:2:bbbb::2]:81")];
        assert_eq!(network(&one, 0), "2001:db8:1:2::/64");
        assert_eq!(network(&one, 0), network(&other, 0));
        let mapped = [("spin-client-addr", "[::ffff:192.0.2.7]:80")];
        assert_eq!(network(&mapped, 0), "192.0.2.7");
    }

    #[test]
    fn a_wide_network_is_nobodys_in_particular() {
        let wide = |text: &str| ClientAddress(Some(text.parse().unwrap())).wide_network();
        assert_eq!(wide("192.0.2.7"), "192.0.2.0/24");
        assert_eq!(wide("2001:db8:1:2:aaaa::1"), "2001:db8:1::/48");
        assert_eq!(ClientAddress(None).wide_network(), "unknown");
    }

    #[test]
    fn behind_proxies_the_client_is_who_the_farthest_saw() {
        let headers = [
            ("spin-client-addr", "10.0.0.1:80"),
            ("x-forwarded-for", "6.6.6.6, 192.0.2.7"),
            ("x-forwarded-for", "10.0.0.2"),
        ];
        assert_eq!(network(&headers, 1), "10.0.0.2");
        assert_eq!(network(&headers, 2), "192.0.2.7");
        // Whoever has fewer proxies than it says counts the nearest.
        assert_eq!(network(&headers, 4), "10.0.0.1");
        let garbage = [
            ("spin-client-addr", "10.0.0.1:80"),
            ("x-forwarded-for", "me"),
        ];
        assert_eq!(network(&garbage, 1), "10.0.0.1");
    }

    #[test]
    fn a_call_inside_the_process_has_no_address() {
        let mut headers = HeaderMap::new();
        headers.insert("spin-client-addr", HeaderValue::from_static("0.0.0.0:0"));
        assert!(ClientAddress::new(&headers, 2).is_inside());
        assert!(!ClientAddress(None).is_inside());
    }
}
