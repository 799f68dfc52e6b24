//! Closing a connection without losing its last answer.
//!
//! A request that is refused before its body was read (too large, no known key, over the limit) is answered while the client still sends. If
//! the connection closes then, the system meets what still arrives with a reset, on which a client stops sending and throws away the answer
//! that it has already got (RFC 9112, section 9.6). So the sending side closes first, and what arrives is read and dropped until
//! the client closes too, or for [`LINGER`].

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Sleep, Timer as _};
use hyper_util::rt::TokioTimer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How long a client may take to notice that it has its answer: a round trip, and what it had under way.
const LINGER: Duration = Duration::from_millis(500);

/// A connection that closes in two steps.
pub(super) struct Lingering {
    stream: TcpStream,
    /// When it closes for good; set once the sending side is closed.
    ends: Option<Pin<Box<dyn Sleep>>>,
}

impl Lingering {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, ends: None }
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, ends } = &mut *self;
        let mut stream = Pin::new(stream);
        if ends.is_none() {
            ready!(stream.as_mut().poll_shutdown(cx))?;
        }
        let ends = ends.get_or_insert_with(|| TokioTimer::new().sleep(LINGER));
        let mut dropped = [0; 4096];
        loop {
            let mut arrived = ReadBuf::new(&mut dropped);
            match stream.as_mut().poll_read(cx, &mut arrived) {
                Poll::Ready(Ok(())) if !arrived.filled().is_empty() => {}
                // The client has closed, or is gone.
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return ends.as_mut().poll(cx).map(Ok),
            }
        }
    }
}
