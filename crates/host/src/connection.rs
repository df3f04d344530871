//! One connection from the network: its requests, and its end when no request comes.
//!
//! A connection ends once no request has been in flight on it for a while: one that is idle, one that never sends
//! anything, and one whose headers do not become complete, however steadily they drip. The timeout of hyper for
//! headers sees neither HTTP/2 nor the time before the first bytes tell which version a client speaks.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;
use wasmtime_wasi_http::WasiBody;

/// How long a client has to end a connection after it was told of the end. A request that it sent meanwhile is
/// answered.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why a connection ended otherwise than its client wished.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves the requests of a connection until the client ends it, `idle` passes without a request in flight, or the
/// host stops. A stop leaves requests in flight their time.
pub async fn serve<A>(
    stream: TcpStream,
    idle: Duration,
    stop: impl Future<Output = ()>,
    answer: impl Fn(Request<Incoming>) -> A,
) -> Result<(), Failure>
where
    A: Future<Output = Response<WasiBody>> + Send + 'static,
{
    let activity = Activity::default();
    let service = service_fn(|request| {
        let in_flight = activity.begin();
        let response = answer(request);
        async move {
            let response = response.await;
            // The body holds the request in flight until its last byte is on its way.
            Ok::<_, Infallible>(response.map(|body| {
                body.map_err(move |error| {
                    let _ = &in_flight;
                    error
                })
            }))
        }
    });
    let stream = Watched {
        stream: TokioIo::new(stream),
        activity: activity.clone(),
    };
    let builder = Builder::new(TokioExecutor::new());
    let mut connection = pin!(builder.serve_connection(stream, service));
    // The connection comes first: a request that has just arrived is answered.
    tokio::select! {
        biased;
        ended = &mut connection => return ended,
        () = stop => {}
        () = activity.wait_for_quiet(idle) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        biased;
        ended = &mut connection => ended,
        () = activity.wait_for_quiet(FAREWELL) => Err("no request came".into()),
    }
}

/// What goes on in a connection.
#[derive(Debug, Clone, Default)]
struct Activity(watch::Sender<Work>);

#[derive(Debug, Clone, Copy, Default)]
struct Work {
    in_flight: usize,
    /// The client has yet to take what was written.
    blocked: bool,
}

impl Activity {
    fn begin(&self) -> InFlight {
        self.0.send_modify(|work| work.in_flight += 1);
        InFlight(self.clone())
    }

    fn set_blocked(&self, blocked: bool) {
        self.0.send_if_modified(|work| {
            let changed = work.blocked != blocked;
            work.blocked = blocked;
            changed
        });
    }

    /// Ends when nothing has gone on for so long. Bytes that complete no request do not count.
    async fn wait_for_quiet(&self, time: Duration) {
        let mut changes = self.0.subscribe();
        loop {
            let work = *changes.borrow_and_update();
            if work.in_flight > 0 || work.blocked {
                // The sender is `self`: it outlives this wait.
                let _ = changes.changed().await;
            } else if tokio::time::timeout(time, changes.changed()).await.is_err() {
                return;
            }
        }
    }
}

/// A request from its headers to the end of its answer.
#[derive(Debug)]
struct InFlight(Activity);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.send_modify(|work| work.in_flight -= 1);
    }
}

/// A stream that tells when its client does not take what is written: the end of an answer may take long.
struct Watched {
    stream: TokioIo<TcpStream>,
    activity: Activity,
}

impl Watched {
    fn write<T>(
        &mut self,
        write: impl FnOnce(Pin<&mut TokioIo<TcpStream>>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let written = write(Pin::new(&mut self.stream));
        self.activity.set_blocked(written.is_pending());
        written
    }
}

impl Read for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(|stream| stream.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(|stream| stream.poll_write_vectored(context, slices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(30);

    async fn is_quiet(activity: &Activity) -> bool {
        let quiet = activity.wait_for_quiet(MOMENT);
        tokio::time::timeout(MOMENT * 3, quiet).await.is_ok()
    }

    #[tokio::test]
    async fn a_connection_is_quiet_without_a_request_in_flight() {
        let activity = Activity::default();
        assert!(is_quiet(&activity).await);
        let (first, second) = (activity.begin(), activity.begin());
        drop(first);
        assert!(!is_quiet(&activity).await);
        drop(second);
        assert!(is_quiet(&activity).await);
    }

    #[tokio::test]
    async fn a_client_that_reads_slowly_is_not_quiet() {
        let activity = Activity::default();
        activity.set_blocked(true);
        assert!(!is_quiet(&activity).await);
        activity.set_blocked(false);
        assert!(is_quiet(&activity).await);
    }
}
