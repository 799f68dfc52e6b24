//! Bodies that an answer did not wait for.
//!
//! A request that is refused by its head (no known key, a wrong path or type, too large) is answered before its body is read. The next
//! request on the connection begins behind that body, so either its rest is read or the connection ends with this answer; and a client
//! must be told which, or it sends its next request into a connection that closes. A small body is read, because it costs less than a
//! new connection; otherwise the answer says `Connection: close` (RFC 9112, section 9.6).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::rt::Timer as _;
use hyper_util::rt::TokioTimer;

/// The most that is read for nothing: what a client sends in one piece with its head.
const SMALL_BYTES: u64 = 8 * 1024;
/// How long a small body may take to arrive once its request is answered: it was sent together with the head.
const ARRIVES: Duration = Duration::from_millis(100);

/// Where a body is left that was dropped before its end.
#[derive(Clone, Default)]
pub(super) struct Rest(Arc<Mutex<Option<Incoming>>>);

/// A request's body, which is left in its [`Rest`] when nobody read it to the end.
pub(super) struct Watched {
    body: Option<Incoming>,
    rest: Rest,
}

impl Rest {
    /// Watches `body`.
    pub(super) fn of(&self, body: Incoming) -> Watched {
        Watched {
            body: Some(body),
            rest: self.clone(),
        }
    }

    fn take(&self) -> Option<Incoming> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Reads what is left, where that is small and the client need not be asked for it, else has the answer say that the connection ends.
    pub(super) async fn settle(&self, waits_to_send: bool, answer: &mut HeaderMap) {
        let Some(left) = self.take() else { return };
        let small = left.size_hint().upper().is_some_and(|bytes| bytes <= SMALL_BYTES);
        if waits_to_send || !small || !read_to_end(left).await {
            answer.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

async fn read_to_end(mut body: Incoming) -> bool {
    let reading = async {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return false;
            }
        }
        true
    };
    tokio::select! {
        ended = reading => ended,
        () = TokioTimer::new().sleep(ARRIVES) => false,
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            // Its end, or the connection's.
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            *self.rest.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
