//! `wasi:http` going out: to a peer in this process, or over the network.
//!
//! Nothing leaves that `allowed_outbound_hosts` does not allow. A chained call takes no socket and
//! knows no timeout: the caller races it against a timer of its own. Everything else is sent as
//! `wasmtime-wasi-http` sends it, a connection a request, TLS against the roots of webpki.

use std::pin::Pin;
use std::sync::Arc;

use http::header::HOST;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

use crate::allowed_hosts::find_peer;
use crate::state::Surroundings;

/// Sends the requests of one instance.
pub struct Outbound(Arc<Surroundings>);

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Io), Error>;

impl Outbound {
    /// For an instance in these surroundings.
    #[must_use]
    pub fn new(surroundings: Arc<Surroundings>) -> Self {
        Self(surroundings)
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Io,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let surroundings = Arc::clone(&self.0);
        Box::new(async move { send(&surroundings, request, options).await })
    }
}

async fn send(
    surroundings: &Surroundings,
    mut request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Sent {
    let uri = request.uri().to_string();
    if !surroundings.allowed_hosts.allow(&uri, "https") {
        tracing::warn!(
            component = surroundings.component,
            host = request.uri().host().unwrap_or_default(),
            "outbound request denied: its host is not in `allowed_outbound_hosts`"
        );
        return Err(Error::HttpRequestDenied);
    }
    let host = request.uri().host().unwrap_or_default();
    if let Some(peer) = find_peer(host).map(str::to_owned) {
        request.headers_mut().remove(HOST);
        let response = surroundings.peers.call(&peer, request).await?;
        return Ok((response, Box::new(std::future::ready(Ok(())))));
    }
    let (response, io) = default_send_request(request, options).await?;
    let io: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(io);
    Ok((response.map(|body| body.boxed_unsync()), Box::new(io)))
}
