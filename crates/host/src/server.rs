//! The server: connections from the network, their requests, and a stop that loses none.
//!
//! HTTP/1 and HTTP/2 without TLS. There is no limit on bodies and no deadline for an answer: the components
//! have theirs.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use wasmtime_wasi_http::WasiBody;

use crate::application::Application;
use crate::arguments::Arguments;
use crate::connection;
use crate::requests;
use crate::shutdown::Shutdown;

/// Paths that Spin keeps for itself.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// How long requests in flight may take once the host is asked to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// Both ends of a connection.
#[derive(Debug, Clone, Copy)]
struct Ends {
    client: SocketAddr,
    host: SocketAddr,
}

/// Listens, says so on standard output, and serves until asked to stop.
pub async fn serve(
    arguments: &Arguments,
    application: Application,
    shutdown: &Shutdown,
) -> Result<()> {
    let address = arguments.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let bound = listener.local_addr()?;
    writeln!(std::io::stdout(), "Serving http://{bound}")?;
    tracing::info!(application = application.name, %bound, "serving");

    let application = Arc::new(application);
    let idle = arguments.idle_connection_timeout;
    let connections = TaskTracker::new();
    let mut stop = std::pin::pin!(shutdown.wait());
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                // A listener on all addresses has none that a client could use; its connections do.
                let host = stream.local_addr().unwrap_or(bound);
                let answers = serve_connection(
                    stream,
                    Ends { client, host },
                    idle,
                    shutdown.wait(),
                    Arc::clone(&application),
                );
                connections.spawn(answers);
            }
            // Out of file descriptors, most likely: the next accept may find some again.
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    drop(listener);
    finish(&connections, shutdown).await;
    Ok(())
}

async fn finish(connections: &TaskTracker, shutdown: &Shutdown) {
    tracing::info!("stopping: requests in flight will finish");
    let finished = async {
        connections.close();
        connections.wait().await;
        // After the last answer an instance may still have work to end.
        shutdown.wait_for_instances().await;
    };
    if tokio::time::timeout(PATIENCE, finished).await.is_err() {
        tracing::warn!("requests still in flight are abandoned");
    }
    tracing::info!("stopped");
}

async fn serve_connection(
    stream: TcpStream,
    ends: Ends,
    idle: Duration,
    stop: impl Future<Output = ()>,
    application: Arc<Application>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection without TCP_NODELAY");
    }
    let answer = |request| {
        let application = Arc::clone(&application);
        async move { handle(&application, ends, request).await }
    };
    if let Err(error) = connection::serve(stream, idle, stop, answer).await {
        tracing::debug!(client = %ends.client, error, "connection ended");
    }
}

async fn handle(
    application: &Application,
    ends: Ends,
    request: Request<Incoming>,
) -> Response<WasiBody> {
    let mut request = request.map(|body| body.map_err(Into::into).boxed_unsync());
    if let Some(name) = request.uri().path().strip_prefix(WELL_KNOWN) {
        return tell(application, name);
    }
    if let Err(malformed) = requests::clean(&mut request, ends.host) {
        let request_id = Uuid::now_v7();
        tracing::info!(client = %ends.client, %request_id, reason = %malformed, "request refused");
        return malformed.answer(request_id, request.uri().path(), request.headers());
    }
    let found = application.routes.find(request.uri().path());
    let Some((found, pool)) = found.and_then(|found| {
        let pool = application.peers.find(&found.component)?;
        Some((found, pool))
    }) else {
        return requests::respond(StatusCode::NOT_FOUND, "");
    };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = requests::answer(pool, &found, ends.client, request).await;
    tracing::debug!(
        component = found.component,
        %method,
        path,
        status = response.status().as_u16(),
        "request answered"
    );
    response
}

/// What the host says of itself.
fn tell(application: &Application, name: &str) -> Response<WasiBody> {
    match name {
        "health" => requests::respond(StatusCode::OK, "OK"),
        "info" => {
            let mut info = serde_json::json!({ "name": application.name });
            if let (Some(version), Some(info)) = (&application.version, info.as_object_mut()) {
                info.insert("version".to_owned(), version.as_str().into());
            }
            let mut response = requests::respond(StatusCode::OK, info.to_string());
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(CONTENT_TYPE, json);
            response
        }
        _ => requests::respond(StatusCode::NOT_FOUND, ""),
    }
}
