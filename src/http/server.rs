//! The accept loop: connections in, the router's answers out, and an orderly end.
//!
//! `axum::serve` sets no timer, so a half-sent head would hold its connection for ever; this loop gives hyper one. When told
//! to stop it closes the listener at once, lets every request in flight finish, and closes idle connections. Before that, while the process
//! drains, every answer says that its connection ends: a client that sends one request behind the other would send its next one just as
//! the connection closes, and could not know whether it was read. An answer that did not wait for its request's body says what becomes of
//! the connection, too.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::{debug, warn};

use super::connections::{Connections, Seat};
use super::linger::Lingering;
use super::unread::Rest;
use crate::clock::Clock;
use crate::lanes::Lanes;

/// How long the loop rests when there is no room for a connection, or no file descriptor: long enough for one to come free, short enough
/// for no client to notice.
const REST_AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(50);

/// The most of a request's head that is read, and of what a client sent ahead that is kept: as much as a load balancer lets through. hyper's
/// own bound is six times that, for every connection.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// When a listener ends.
#[derive(Debug, Clone)]
pub struct End {
    /// Cancelled when clients should leave.
    pub draining: CancellationToken,
    /// Cancelled when no new request is taken.
    pub stopping: CancellationToken,
}

/// Serves `router` on `listener`, in `lanes`, until the `end` and the requests in flight then are answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    header_timeout: Duration,
    max_connections: usize,
    clock: Clock,
    mut lanes: Lanes,
    end: End,
) {
    let mut open = Connections::new(max_connections, clock.clone());
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .half_close(false);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = end.stopping.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "could not accept a connection");
                clock.sleep(REST_AFTER_ACCEPT_ERROR).await;
                continue;
            }
        };
        // Taken out of this thread's runtime, to be put into the lane's.
        let stream = match stream.into_std() {
            Ok(stream) => stream,
            Err(error) => {
                debug!(%error, "a connection ended before it began");
                continue;
            }
        };
        let seat = tokio::select! {
            seat = seat(&mut open, &clock) => seat,
            () = end.stopping.cancelled() => break,
        };
        let (http, router, watcher) = (http.clone(), router.clone(), connections.watcher());
        let draining = end.draining.clone();
        lanes.spawn(move || async move {
            let stream = match TcpStream::from_std(stream) {
                Ok(stream) => connection_io(stream),
                Err(error) => {
                    debug!(%error, "a connection ended before it began");
                    return;
                }
            };
            let answer = service_fn(answer(router, peer, draining, seat.clone()));
            tokio::select! {
                biased;
                ended = watcher.watch(http.serve_connection(stream, answer)) => {
                    if let Err(error) = ended {
                        debug!(%error, "a connection ended early");
                    }
                }
                () = seat.is_wanted() => {}
            }
        });
    }
    drop((listener, lanes));
    connections.shutdown().await;
}

/// Waits for a place among the connections that may be open.
async fn seat(open: &mut Connections, clock: &Clock) -> Arc<Seat> {
    let mut told = false;
    loop {
        if let Some(seat) = open.seat() {
            return seat;
        }
        if !open.make_room() && !told {
            warn!("no connection can be accepted: as many as may be are open, and all are in use");
            told = true;
        }
        tokio::select! {
            () = open.one_left() => {}
            // Some may be idle by now.
            () = clock.sleep(REST_AFTER_ACCEPT_ERROR) => {}
        }
    }
}

fn connection_io(stream: TcpStream) -> TokioIo<Lingering> {
    // Small answers must not wait for more to come (Nagle); a socket that refuses the option still works.
    let _ = stream.set_nodelay(true);
    TokioIo::new(Lingering::new(stream))
}

/// The router's answer to one request, on its way.
type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

fn answer(
    router: Router,
    peer: SocketAddr,
    draining: CancellationToken,
    seat: Arc<Seat>,
) -> impl Fn(Request<Incoming>) -> Answering {
    move |request| {
        seat.takes_up();
        let (router, draining, seat) = (router.clone(), draining.clone(), seat.clone());
        // Most requests without a message have no body to look after.
        let rest = (!request.body().is_end_stream()).then(Rest::default);
        let waits_to_send = request.headers().contains_key(header::EXPECT);
        let mut request = request.map(|body| match &rest {
            None => Body::empty(),
            Some(rest) => Body::new(rest.of(body)),
        });
        request.extensions_mut().insert(ConnectInfo(peer));
        Box::pin(async move {
            let mut response = router.oneshot(request).await?;
            if let Some(rest) = rest {
                rest.settle(waits_to_send, response.headers_mut()).await;
            }
            if draining.is_cancelled() {
                response
                    .headers_mut()
                    .insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            seat.rests();
            Ok(response)
        })
    }
}
