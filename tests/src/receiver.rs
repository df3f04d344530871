//! A merchant's own address: an HTTP server that records what it is sent, verifies it with the library that
//! Standard Webhooks gives to receivers, and answers as it is told.
//!
//! ```text
//! let mut receiver = Receiver::start().await;          // listens on a port of its own
//! receiver.url();                                      // what to register
//! receiver.trust("whsec_…");                           // a secret to verify with; several while they rotate
//! receiver.answer(Reply::status(503));                 // everybody from now on, 204 until then
//! receiver.answer_by(|request| …);                     // or each request by itself
//! receiver.received();                                 // everything so far, in the order of arrival
//! receiver.good();                                     // what verified and was answered 2xx, each id once
//! receiver.stop().await;                               // connections are refused …
//! receiver.start_again().await;                        // … and taken again, at the same address
//! ```
//!
//! It is no part of the shop and knows only the standard: <https://www.standardwebhooks.com>.

use std::collections::HashSet;
use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What the receiver does with a request.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    delay: Duration,
}

impl Reply {
    /// An empty answer of this status, at once.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            delay: Duration::ZERO,
        }
    }

    /// The same with a header, such as `retry-after`.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same, but only after this time.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    /// Which of the trusted secrets verify it, with the tolerance of the library for its timestamp.
    pub verified_by: Vec<String>,
    /// The status of the answer that it was given.
    pub answered: u16,
}

impl Received {
    /// The text of a header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The event's id: the same however often it is sent.
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// The body; null if it is no JSON.
    pub fn body(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The event's type, such as `order.paid`.
    pub fn kind(&self) -> String {
        let body = self.body();
        let kind = body.get("type").and_then(Value::as_str);
        kind.unwrap_or_default().to_owned()
    }

    pub fn is_verified(&self) -> bool {
        !self.verified_by.is_empty()
    }
}

type Decide = Arc<dyn Fn(&Received) -> Reply + Send + Sync>;

/// What all connections share.
struct Desk {
    secrets: Vec<String>,
    decide: Decide,
    received: Vec<Received>,
}

/// The server. It ends when it is dropped.
pub struct Receiver {
    address: SocketAddr,
    desk: Arc<Mutex<Desk>>,
    server: Option<JoinHandle<()>>,
}

impl Receiver {
    /// Listens on a free port of the loopback address, trusts nobody yet, and answers 204.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Mutex::new(Desk {
            secrets: Vec::new(),
            decide: Arc::new(|_| Reply::status(204)),
            received: Vec::new(),
        }));
        let server = tokio::spawn(serve(listener, Arc::clone(&desk)));
        Self {
            address,
            desk,
            server: Some(server),
        }
    }

    /// Where it listens: a path of this server, though it takes any.
    pub fn url(&self) -> String {
        format!("http://{}/webhooks", self.address)
    }

    /// Verifies what arrives from now on with this secret too.
    pub fn trust(&self, secret: &str) {
        self.desk().secrets.push(secret.to_owned());
    }

    /// Answers everything so from now on.
    pub fn answer(&self, reply: Reply) {
        self.answer_by(move |_| reply.clone());
    }

    /// Answers each request as this says; what it is given has no status yet.
    pub fn answer_by(&self, decide: impl Fn(&Received) -> Reply + Send + Sync + 'static) {
        self.desk().decide = Arc::new(decide);
    }

    /// Everything that arrived, in its order; what is still waiting for its answer too.
    pub fn received(&self) -> Vec<Received> {
        self.desk().received.clone()
    }

    /// What verified and was answered 2xx: the first request of each event, in the order of arrival.
    pub fn good(&self) -> Vec<Received> {
        let mut known = HashSet::new();
        let all = self.received().into_iter();
        all.filter(|one| one.is_verified() && (200..300).contains(&one.answered))
            .filter(|one| known.insert(one.id().to_owned()))
            .collect()
    }

    /// Takes no connection any more, and breaks those that there are.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            server.await.ok();
        }
    }

    /// Listens again at the address of before.
    pub async fn start_again(&mut self) {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.server = Some(tokio::spawn(serve(listener, Arc::clone(&self.desk))));
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Connections end with the listener, because they are tasks of a set that it owns.
async fn serve(listener: TcpListener, desk: Arc<Mutex<Desk>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(talk(stream, Arc::clone(&desk)));
    }
}

async fn talk(stream: TcpStream, desk: Arc<Mutex<Desk>>) {
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(take(request, &desk).await) }
    });
    // A sender that goes away in the middle is its own affair.
    auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}

async fn take(request: Request<Incoming>, desk: &Mutex<Desk>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Response::new(Full::default());
    };
    let reply = record(parts, body.to_bytes().to_vec(), &mut desk.lock().unwrap());
    tokio::time::sleep(reply.delay).await;
    let mut response = Response::new(Full::default());
    *response.status_mut() = reply.status.try_into().unwrap();
    for (name, value) in reply.headers {
        let value = HeaderValue::from_str(&value).unwrap();
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, value);
    }
    response
}

fn record(parts: hyper::http::request::Parts, bytes: Vec<u8>, desk: &mut Desk) -> Reply {
    let verifies = |secret: &&String| {
        let webhook = Webhook::new(secret);
        webhook.is_ok_and(|webhook| webhook.verify(&bytes, &parts.headers).is_ok())
    };
    let verified_by = desk.secrets.iter().filter(verifies).cloned().collect();
    let mut received = Received {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        bytes,
        verified_by,
        answered: 0,
    };
    let reply = (desk.decide)(&received);
    received.answered = reply.status;
    desk.received.push(received);
    reply
}
