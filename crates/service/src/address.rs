//! The network address of the client, as the host saw it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

/// The client's IP address, to count what it does.
///
/// The host appends its `spin-client-addr` after copies that the client may have sent, so only the last
/// one is believed. Behind a proxy it is the proxy's.
#[derive(Clone, Debug)]
pub struct ClientAddress(String);

impl ClientAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let socket = parts
            .headers
            .get_all("spin-client-addr")
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let address = socket
            .rsplit_once(':')
            .map_or(socket, |(address, _)| address);
        Ok(Self(address.to_owned()))
    }
}
