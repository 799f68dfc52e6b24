//! The outermost layer: gives each request its id, its span and its clock, and each response its headers, its log line and,
//! where it is a refusal, its problem document.
//!
//! Nothing inside it can answer without an id or leave a bare error body: a status without a body of ours becomes a
//! problem here. Nothing inside it takes longer than the deadline, and a panic ends one request only. A request whose client leaves before
//! the answer is dropped where it stands; it is counted and logged too, as [`CLIENT_GONE`]. A probe that finds all well is logged for who debugs only:
//! load balancers ask every few seconds, and their lines would hide the rest.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use hyper::body::Body as _;
use tower::{Service, service_fn};
use tracing::{Instrument, Span, debug, info, info_span};
use uuid::Uuid;

use super::AppState;
use super::facts::Facts;
use super::problem::Problem;
use crate::telemetry::flood::{ACCESS_FAILED, ACCESS_REFUSED};
use crate::telemetry::traces::{self, Root};

/// Id of the request, in both directions.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Milliseconds from the request's head to its answer.
pub(super) const PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time-ms");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// Stands for the status of a request that nobody waits for any more (no standard one does; nginx and others use the same number).
const CLIENT_GONE: u16 = 499;
/// Longest request id that is taken over from a caller.
const MAX_REQUEST_ID: usize = 128;

/// What every handler may ask about the request it serves.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The caller's id, when it brought a usable one; else a new UUIDv7.
    pub request_id: String,
    /// When the request's head was read, in elapsed time of the service's clock.
    pub started: Duration,
    /// The caller's trace, where it brought a whole one (W3C Trace Context), passed on to what the request calls.
    pub traceparent: Option<String>,
    /// What inner layers find out about the request, for its access line and its answer's headers.
    pub(super) facts: Facts,
}

/// Puts the layer around `inner`.
pub(super) fn framed<S>(
    state: AppState,
    mut inner: S,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone,
{
    // A function that calls `inner`, which is always ready, where it stands: it need not be copied, nor its answer be boxed once more, for
    // each request.
    service_fn(move |mut request| {
        let frame = Frame::begin(state.clone(), &mut request);
        frame.end(inner.call(request))
    })
}

/// What is known of a request before it is served.
struct Frame {
    state: AppState,
    started: Duration,
    request_id: String,
    method: &'static str,
    is_head: bool,
    matched: Option<MatchedPath>,
    trace: Option<Root>,
    span: Span,
    facts: Facts,
}

impl Frame {
    /// Gives the request its id, its span and its clock.
    fn begin(state: AppState, request: &mut Request) -> Self {
        let started = state.clock.elapsed();
        let headers = request.headers();
        let request_id = request_id(headers);
        let traceparent = text_header(headers, &TRACEPARENT)
            .filter(|traceparent| traces::trace_id_of(traceparent).is_some());
        let tracestate = traceparent
            .as_ref()
            .and_then(|_| text_header(headers, &TRACESTATE));
        let trace = state
            .traces
            .request(traceparent.as_deref(), tracestate.as_deref());
        let trace_id = trace.as_ref().map(Root::trace_id);
        let brought = || traces::trace_id_of(traceparent.as_deref()?);
        let span =
            info_span!("request", request_id = %request_id, trace_id = trace_id.as_deref().or_else(brought));
        let frame = Self {
            state,
            started,
            method: method_label(request.method()),
            is_head: request.method() == Method::HEAD,
            matched: request.extensions().get::<MatchedPath>().cloned(),
            trace,
            span,
            facts: Facts::default(),
            request_id: request_id.clone(),
        };
        request.extensions_mut().insert(RequestContext {
            request_id,
            started,
            traceparent,
            facts: frame.facts.clone(),
        });
        frame
    }

    /// Waits for the rest of the stack inside the request's span, then finishes the response.
    async fn end(
        self,
        answer: impl Future<Output = Result<Response, Infallible>>,
    ) -> Result<Response, Infallible> {
        let state = &self.state;
        let mut unanswered = Unanswered(Some(&self));
        let in_flight = state.metrics.enter();
        let Ok(mut response) = traces::within(self.trace.as_ref(), answer)
            .instrument(self.span.clone())
            .await;
        drop(in_flight);
        unanswered.0 = None;

        let problem = response
            .extensions_mut()
            .remove::<Problem>()
            .or_else(|| bare_refusal(&response));
        let error = problem.as_ref().map_or("", Problem::code);
        if let Some(problem) = problem {
            let bare = response;
            response = problem.into_document(&self.request_id);
            // What inner layers said beside the status: Allow, CORS.
            for (name, value) in bare.headers() {
                if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
                    response.headers_mut().insert(name.clone(), value.clone());
                }
            }
            if self.is_head {
                // As long as the answer to GET, or none at all (RFC 9110, section 8.6).
                if let Some(bytes) = response.body().size_hint().exact() {
                    response
                        .headers_mut()
                        .insert(header::CONTENT_LENGTH, bytes.into());
                }
                *response.body_mut() = axum::body::Body::empty();
            }
        }
        self.facts.describe(response.headers_mut());
        let took = state.clock.elapsed().saturating_sub(self.started);
        finish_headers(response.headers_mut(), &self.request_id, took.as_secs_f64() * 1e3);
        self.tell(response.status().as_u16(), error, took);
        Ok(response)
    }

    /// Counts the request, ends its trace, and writes its access line.
    fn tell(&self, status: u16, error: &'static str, took: Duration) {
        let method = self.method;
        let route = self.matched.as_ref().map_or("unmatched", MatchedPath::as_str);
        self.state.metrics.request(route, method, status, took);
        if let Some(trace) = &self.trace {
            describe(trace, method, route, status, error, &self.request_id);
        }
        let (client, reference) = (self.facts.client(), self.facts.reference());
        let duration_ms = took.as_secs_f64() * 1e3;
        self.span.in_scope(|| match status {
            ..300 if is_probe(route) => {
                debug!(target: "switchboard::access", method, route, status, duration_ms, "request");
            }
            _ if error.is_empty() => {
                info!(target: "switchboard::access", method, route, status, client, reference, duration_ms, "request");
            }
            500.. => {
                info!(name: ACCESS_FAILED, target: "switchboard::access", method, route, status, error, client, duration_ms, "request");
            }
            _ => {
                info!(name: ACCESS_REFUSED, target: "switchboard::access", method, route, status, error, client, duration_ms, "request");
            }
        });
    }
}

/// A request that has no answer yet. Dropped with it when its connection ends first.
struct Unanswered<'f>(Option<&'f Frame>);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(frame) = self.0 {
            let took = frame.state.clock.elapsed().saturating_sub(frame.started);
            frame.tell(CLIENT_GONE, "client_gone", took);
        }
    }
}

/// Puts around `inner` what ends a request that does not end by itself, or whose head says too little. It stands inside the layer that lets
/// other origins' pages in: a browser tells such a page nothing of an answer without that layer's headers, not even that it should come
/// back.
pub(super) fn guarded<S>(
    state: AppState,
    mut inner: S,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone,
{
    service_fn(move |request: Request| {
        // Not called for a request that is refused: what was never polled did nothing.
        let answer = has_host(&request).then(|| inner.call(request));
        let state = state.clone();
        async move {
            Ok(match answer {
                Some(answer) => guard(&state, answer).await,
                None => Problem::no_host().into_response(),
            })
        }
    })
}

/// Whether a request says where it meant to go, as HTTP/1.1 asks (RFC 9112, section 3.2): in one `Host` line, which a proxy before us read the
/// same way. HTTP/1.0, which some load balancers' probes speak, may leave it out.
fn has_host(request: &Request) -> bool {
    let mut lines = request.headers().get_all(header::HOST).iter();
    let well_formed = |host: &HeaderValue| {
        host.as_bytes()
            .iter()
            .all(|byte| byte.is_ascii_graphic() && !b"/?#@,\\\"<>".contains(byte))
    };
    match (lines.next(), lines.next()) {
        (Some(host), None) => well_formed(host),
        (None, _) => request.version() < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// Ends a request at its deadline, its body's arrival included. A handler that panics answers 500 and leaves the connection and the
/// process alone.
async fn guard(state: &AppState, answer: impl Future<Output = Result<Response, Infallible>>) -> Response {
    // What a panic left half done is dropped with the request: nothing of it is shared.
    let answer = AssertUnwindSafe(answer).catch_unwind();
    match state.clock.timeout(state.request_timeout, answer).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Err(_)) => {
            // The panic's message may hold anything, so only that there was one is logged; the panic hook has the place.
            tracing::error!("a request handler panicked");
            Problem::internal().into_response()
        }
        Err(_) => Problem::deadline_exceeded().into_response(),
    }
}

/// Whether a load balancer, an orchestrator or a watchdog asks how we are.
fn is_probe(route: &str) -> bool {
    matches!(route, "/health" | "/ready" | "/api/v1/health" | "/api/v1/ready")
}

/// Names the request's span and says how it ended (semantic conventions for HTTP servers).
fn describe(
    trace: &Root,
    method: &'static str,
    route: &str,
    status: u16,
    error: &'static str,
    request_id: &str,
) {
    if !trace.is_recording() {
        return;
    }
    trace.rename(format!("{method} {route}"));
    trace.set("http.request.method", method);
    trace.set("http.route", route.to_owned());
    trace.set("http.response.status_code", i64::from(status));
    trace.set("switchboard.request.id", request_id.to_owned());
    if status >= 500 {
        trace.fail(error);
    } else if !error.is_empty() {
        trace.set("error.type", error);
    }
}

/// The caller's id, when it is 1 to [`MAX_REQUEST_ID`] visible ASCII characters; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let brought = headers.get(REQUEST_ID).map(HeaderValue::as_bytes);
    match brought {
        Some(id) if (1..=MAX_REQUEST_ID).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic) => {
            String::from_utf8_lossy(id).into_owned()
        }
        _ => Uuid::now_v7().to_string(),
    }
}

fn text_header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// A method as a metric label: invented methods must not make new series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// The problem behind an error status that nobody gave a body of ours.
fn bare_refusal(response: &Response) -> Option<Problem> {
    let status = response.status();
    let ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().starts_with(b"application/json")
            || kind.as_bytes().starts_with(b"application/problem+json")
    });
    ((status.is_client_error() || status.is_server_error()) && !ours).then(|| Problem::of_status(status))
}

fn finish_headers(headers: &mut HeaderMap, request_id: &str, took_ms: f64) {
    // Room for all of them at once.
    headers.reserve(8);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Ok(took) = HeaderValue::from_str(&format!("{took_ms:.3}")) {
        headers.insert(PROCESS_TIME, took);
    }
    let mut otherwise = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    // OWASP's REST security cheat sheet: no sniffing, no framing, nothing cached, nothing loaded.
    otherwise(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    otherwise(header::X_FRAME_OPTIONS, "DENY");
    otherwise(header::REFERRER_POLICY, "no-referrer");
    otherwise(header::CACHE_CONTROL, "no-store");
    otherwise(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    otherwise(RESOURCE_POLICY, "same-origin");
}
