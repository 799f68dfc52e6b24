//! An outside system that a test scripts: a real HTTP server on loopback that remembers what it was sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Script = Box<dyn FnMut(&Received) -> Option<Response> + Send>;

struct Inner {
    script: Mutex<Script>,
    received: Mutex<Vec<Received>>,
}

/// The server. Ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

impl Outside {
    /// Answers as `script` says; `None` never answers.
    pub(crate) async fn start(script: impl FnMut(&Received) -> Option<Response> + Send + 'static) -> Self {
        let inner = Arc::new(Inner {
            script: Mutex::new(Box::new(script)),
            received: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(receive).with_state(inner.clone());
        let tasks = switchboard::lifecycle::Tasks::default();
        tasks.spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let service = hyper_util::service::TowerToHyperService::new(router.clone());
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(hyper_util::rt::TokioIo::new(stream), service);
                switchboard::lifecycle::Tasks::default().spawn(async move {
                    // A client that went away is what some tests want.
                    let _ = connection.await;
                });
            }
        });
        Self { url, inner }
    }

    /// A new script.
    pub(crate) fn now(&self, script: impl FnMut(&Received) -> Option<Response> + Send + 'static) {
        *self.inner.script.lock().unwrap() = Box::new(script);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    /// How often each idempotency key arrived.
    pub(crate) fn keys(&self) -> BTreeMap<String, usize> {
        let mut keys = BTreeMap::new();
        for request in self.received() {
            *keys
                .entry(request.header("idempotency-key").to_owned())
                .or_default() += 1;
        }
        keys
    }
}

async fn receive(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Received {
        method,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    };
    let answer = (inner.script.lock().unwrap())(&request);
    inner.received.lock().unwrap().push(request);
    match answer {
        Some(answer) => answer,
        None => std::future::pending().await,
    }
}

/// An answer with this status and JSON body.
pub(crate) fn answer(status: u16, body: serde_json::Value) -> Option<Response> {
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    Some((status, axum::Json(body)).into_response())
}

/// An answer with this status and one header.
pub(crate) fn answer_with(status: u16, header: (&'static str, &'static str)) -> Option<Response> {
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    Some((status, [header], "").into_response())
}
