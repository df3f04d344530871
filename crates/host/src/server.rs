//! The server: connections from the network, their requests, and a stop that loses none.
//!
//! HTTP/1.1 and HTTP/2 without TLS. There is no limit on bodies and no deadline: the components
//! have theirs.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::WasiBody;

use crate::application::Application;
use crate::requests;
use crate::shutdown::Shutdown;

/// Paths that Spin keeps for itself.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// How long requests in flight may take once the host is asked to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// Listens, says so on standard output, and serves until asked to stop.
pub async fn serve(
    address: SocketAddr,
    application: Application,
    shutdown: &Shutdown,
) -> Result<()> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let bound = listener.local_addr()?;
    writeln!(std::io::stdout(), "Serving http://{bound}")?;
    tracing::info!(application = application.name, %bound, "serving");

    let application = Arc::new(application);
    let builder = Builder::new(TokioExecutor::new());
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(shutdown.wait());
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                accept(&builder, &connections, &application, stream, client);
            }
            // Out of file descriptors, most likely: the next accept may find some again.
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    drop(listener);
    finish(connections, shutdown).await;
    Ok(())
}

async fn finish(connections: GracefulShutdown, shutdown: &Shutdown) {
    tracing::info!("stopping: requests in flight will finish");
    let finished = async {
        connections.shutdown().await;
        // After the last answer an instance may still have work to end.
        shutdown.wait_for_instances().await;
    };
    if tokio::time::timeout(PATIENCE, finished).await.is_err() {
        tracing::warn!("requests still in flight are abandoned");
    }
    tracing::info!("stopped");
}

fn accept(
    builder: &Builder<TokioExecutor>,
    connections: &GracefulShutdown,
    application: &Arc<Application>,
    stream: TcpStream,
    client: SocketAddr,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection without TCP_NODELAY");
    }
    let application = Arc::clone(application);
    let service = service_fn(move |request| {
        let application = Arc::clone(&application);
        async move { handle(&application, client, request).await }
    });
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection.into_owned());
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%client, error, "connection ended");
        }
    });
}

async fn handle(
    application: &Application,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<WasiBody>, Infallible> {
    let mut request = request.map(|body| body.map_err(Into::into).boxed_unsync());
    if let Some(name) = request.uri().path().strip_prefix(WELL_KNOWN) {
        return Ok(tell(application, name));
    }
    if let Err(malformed) = requests::clean(&mut request) {
        tracing::debug!(%client, reason = %malformed, "request refused");
        return Ok(malformed.answer(request.uri().path(), request.headers()));
    }
    let found = application.routes.find(request.uri().path());
    let Some((found, pool)) = found.and_then(|found| {
        let pool = application.peers.find(&found.component)?;
        Some((found, pool))
    }) else {
        return Ok(requests::respond(StatusCode::NOT_FOUND, ""));
    };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = requests::answer(pool, &found, client, request).await;
    tracing::debug!(
        component = found.component,
        %method,
        path,
        status = response.status().as_u16(),
        "request answered"
    );
    Ok(response)
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
