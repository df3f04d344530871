//! Whether a request still waits for its own body: whoever sends it too slowly has not found the shop slow.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

/// Of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrival {
    waits: Arc<AtomicBool>,
}

impl Arrival {
    /// The same body, watched.
    pub(crate) fn watch(&self, body: Body) -> Body {
        let waits = Arc::clone(&self.waits);
        Body::new(Watched { body, waits })
    }

    /// Whether somebody has asked for the next part of the body, and it has not come.
    pub(crate) fn is_awaited(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }
}

struct Watched {
    body: Body,
    waits: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.waits.store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
