//! The log: standard error, for the host's own lines and for those of the components.
//!
//! Where it cannot be written (a full disk, a reader that is gone) its lines are lost and counted, and nothing
//! else happens: no request fails for want of a log, and a component that prints does not trap. The first line
//! that can be written again is behind one that says how many were lost.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tracing_subscriber::fmt::MakeWriter;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// As much as a component may write at once.
const PERMIT: usize = 64 * 1024;

static LOST: AtomicU64 = AtomicU64::new(0);

/// Standard error, which takes everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Log;

/// Writes to `output`, or counts what is lost.
fn put(mut output: impl Write, lost: &AtomicU64, bytes: &[u8]) {
    let before = lost.load(Ordering::Relaxed);
    let note = match before {
        0 => String::new(),
        _ => format!(
            "{{\"level\":\"WARN\",\"message\":\"the log could not be written\",\"lost\":{before}}}\n"
        ),
    };
    // One call, so that lines of several threads do not mix.
    let written = output.write_all(&[note.as_bytes(), bytes].concat());
    match written {
        Ok(()) => {
            lost.fetch_sub(before, Ordering::Relaxed);
        }
        Err(_) => {
            lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        put(io::stderr().lock(), &LOST, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        io::IsTerminal::is_terminal(&io::stderr())
    }
}

impl StdoutStream for Log {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(*self)
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(*self)
    }
}

impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        put(io::stderr().lock(), &LOST, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}

#[async_trait]
impl Pollable for Log {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Log {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        put(io::stderr().lock(), &LOST, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_lost_is_counted_and_told_when_there_is_room_again() {
        let lost = AtomicU64::new(0);
        for _ in 0..3 {
            put(Full, &lost, b"{}\n");
        }
        assert_eq!(lost.load(Ordering::Relaxed), 3);
        let mut output = Vec::new();
        put(&mut output, &lost, b"{}\n");
        put(&mut output, &lost, b"{}\n");
        let lines: Vec<&str> = std::str::from_utf8(&output).unwrap().lines().collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("\"lost\":3"), "{lines:?}");
        assert_eq!(&lines[1..], ["{}", "{}"]);
    }
}
