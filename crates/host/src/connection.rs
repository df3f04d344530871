//! One connection from the network: its requests, and its end when no request comes.
//!
//! A connection ends once it has been the client's turn for a while, and nothing came of it: one that is idle, one
//! that never sends anything, one whose headers do not become complete, however steadily they drip, and one whose
//! client does not take what it is answered. The timeout of hyper for headers sees neither HTTP/2 nor the time before
//! the first bytes tell which version a client speaks.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
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

/// Serves the requests of a connection until the client ends it, lets `idle` pass in its turn, or the host stops. A
/// stop leaves requests in flight their time.
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
        let turn = Turn::begin(&activity);
        let response = answer(request);
        async move {
            let response = response.await;
            Ok::<_, Infallible>(response.map(|body| Answer { body, turn }))
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
    /// How many requests wait for this host.
    owed: usize,
    /// The client has yet to take what was written.
    blocked: bool,
}

impl Activity {
    fn set_blocked(&self, blocked: bool) {
        self.0.send_if_modified(|work| {
            let changed = work.blocked != blocked;
            work.blocked = blocked;
            changed
        });
    }

    /// Ends when it was the client's turn for so long. Bytes that complete no request do not count; that it takes a
    /// part of an answer does.
    async fn wait_for_quiet(&self, time: Duration) {
        let mut changes = self.0.subscribe();
        loop {
            let work = *changes.borrow_and_update();
            if work.owed > 0 {
                // The sender is `self`: it outlives this wait.
                let _ = changes.changed().await;
            } else if tokio::time::timeout(time, changes.changed()).await.is_err() {
                return;
            }
        }
    }
}

/// Whose turn a request is: this host's, until it has answered, and while more of the answer is to come; or the
/// client's, while it has yet to take what was made.
#[derive(Debug)]
struct Turn {
    activity: Activity,
    is_ours: bool,
}

impl Turn {
    fn begin(activity: &Activity) -> Self {
        let mut turn = Self {
            activity: activity.clone(),
            is_ours: false,
        };
        turn.set(true);
        turn
    }

    fn set(&mut self, is_ours: bool) {
        if self.is_ours == is_ours {
            return;
        }
        self.is_ours = is_ours;
        self.activity.0.send_modify(|work| match is_ours {
            true => work.owed += 1,
            false => work.owed -= 1,
        });
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.set(false);
    }
}

/// The body of an answer, which tells whose turn it is.
struct Answer {
    body: WasiBody,
    turn: Turn,
}

impl Body for Answer {
    type Data = <WasiBody as Body>::Data;
    type Error = <WasiBody as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.turn.set(polled.is_pending());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that tells when its client takes what is written again: an answer may take long, as long as it goes on.
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
    async fn a_connection_is_quiet_while_nothing_is_owed() {
        let activity = Activity::default();
        assert!(is_quiet(&activity).await);
        let (first, mut second) = (Turn::begin(&activity), Turn::begin(&activity));
        drop(first);
        assert!(!is_quiet(&activity).await);
        second.set(false);
        assert!(is_quiet(&activity).await);
        second.set(true);
        assert!(!is_quiet(&activity).await);
        drop(second);
        assert!(is_quiet(&activity).await);
    }

    #[tokio::test]
    async fn a_client_that_reads_slowly_is_not_quiet() {
        let activity = Activity::default();
        let reading = async {
            for turn in 0..12 {
                tokio::time::sleep(MOMENT / 2).await;
                activity.set_blocked(turn % 2 == 0);
            }
        };
        let (quiet, ()) = tokio::join!(is_quiet(&activity), reading);
        assert!(!quiet);
        activity.set_blocked(true);
        assert!(is_quiet(&activity).await);
    }
}
