//! Closing a connection: without losing its last answer, and although its client takes none.
//!
//! A client that takes nothing of an answer for [`STALL`] is closed: it would keep the connection, its answer's memory and the end of the
//! process waiting for ever.
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

/// How long a client may take nothing of what is sent to it: far longer than a network stands still.
const STALL: Duration = Duration::from_secs(10);

/// A connection that closes in two steps.
pub(super) struct Lingering {
    stream: TcpStream,
    /// See [`STALL`].
    stall: Duration,
    /// When it is given up; set while the client takes nothing.
    stalled: Option<Pin<Box<dyn Sleep>>>,
    /// When it closes for good; set once the sending side is closed.
    ends: Option<Pin<Box<dyn Sleep>>>,
}

impl Lingering {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            stall: STALL,
            stalled: None,
            ends: None,
        }
    }

    /// Gives up a write that was not possible for too long.
    fn in_time(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stall = self.stall;
        let stalled = self.stalled.get_or_insert_with(|| TokioTimer::new().sleep(stall));
        stalled
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
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
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.in_time(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.in_time(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, ends, .. } = &mut *self;
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    async fn pair() -> (Lingering, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Lingering::new(listener.accept().await.unwrap().0), client)
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (mut server, _client) = pair().await;
        server.stall = Duration::from_millis(1);
        let sent = server.write_all(&vec![0; 64 << 20]).await;
        assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_client_that_takes_its_time_gets_all_of_it() {
        let (mut server, mut client) = pair().await;
        let sending = async {
            server.write_all(&vec![7; 8 << 20]).await.unwrap();
            server.stalled.is_none()
        };
        let mut received = vec![0; 8 << 20];
        let (still, taken) = tokio::join!(sending, client.read_exact(&mut received));
        assert!(still && taken.is_ok() && received.iter().all(|byte| *byte == 7));
    }
}
