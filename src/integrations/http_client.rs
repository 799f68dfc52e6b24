//! What every outside system's client shares: one connection pool, no redirects, capped answers, and which status codes
//! are worth another try. Timeouts are the caller's, on its clock.
//!
//! Certificates are checked against Mozilla's roots, compiled in: the container image has none.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::DeliverError;
use crate::clock::Clock;
use crate::telemetry::traces;

/// So much of an answer is read, in bytes: a ticket, not a download. What is cut no longer reads as JSON, but its status stands:
/// a system that took an event must not be sent it again because it said so at length.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The client could not be built: the TLS set-up is broken.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be built")]
pub struct HttpClientError(#[from] Box<dyn std::error::Error + Send + Sync>);

/// An HTTP client. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    clock: Clock,
    timeout: Duration,
}

/// An answer, its body up to [`MAX_ANSWER_BYTES`].
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl HttpClient {
    /// A client each of whose calls, from connecting to the last byte, may take `timeout`.
    ///
    /// # Errors
    /// [`HttpClientError`].
    pub fn new(clock: Clock, timeout: Duration) -> Result<Self, HttpClientError> {
        let mut roots = rustls::RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| HttpClientError(error.into()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            // A redirected POST would lose its body or leak its credentials.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(|error| HttpClientError(error.into()))?;
        Ok(Self {
            client,
            clock,
            timeout,
        })
    }

    /// The time, for signatures.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn get(&self, url: &str) -> RequestBuilder {
        self.client.get(url)
    }

    pub(crate) fn post(&self, url: &str) -> RequestBuilder {
        self.client.post(url)
    }

    pub(crate) fn put(&self, url: &str) -> RequestBuilder {
        self.client.put(url)
    }

    /// Sends and reads the answer, whatever its status.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, DeliverError> {
        let request = match traces::traceparent() {
            Some(traceparent) => request.header("traceparent", traceparent),
            None => request,
        };
        let exchange = async {
            let response = request.send().await.map_err(|error| unreachable_code(&error))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = read_capped(response).await?;
            Ok(Answer {
                status,
                headers,
                body,
            })
        };
        match self.clock.timeout(self.timeout, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(DeliverError::retry("timeout")),
        }
    }
}

impl Answer {
    /// This answer if it is a success; otherwise what it means for the next try.
    pub(crate) fn success(self, clock: &Clock) -> Result<Self, DeliverError> {
        if self.status.is_success() {
            return Ok(self);
        }
        let code = format!("http_{}", self.status.as_u16());
        Err(match self.status.as_u16() {
            401 | 403 | 404 | 405 | 410 => DeliverError::Reconfigure { code },
            // A redirect is a wrong address: following it could leak the credentials.
            300..=399 => DeliverError::Reconfigure { code },
            408 | 409 | 421 | 423 | 425 | 429 | 500..=599 => DeliverError::Retry {
                code,
                retry_after: retry_after(&self.headers, clock),
            },
            _ => DeliverError::GiveUp { code },
        })
    }

    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, DeliverError> {
        if self.body.len() == MAX_ANSWER_BYTES {
            return Err(DeliverError::retry("answer_too_large"));
        }
        // A proxy's page instead of the system's answer: the system may well be back next time.
        serde_json::from_slice(&self.body).map_err(|_| DeliverError::retry("bad_json"))
    }
}

async fn read_capped(mut response: Response) -> Result<Vec<u8>, DeliverError> {
    let mut body = Vec::new();
    while body.len() < MAX_ANSWER_BYTES
        && let Some(chunk) = response.chunk().await.map_err(|error| unreachable_code(&error))?
    {
        body.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER_BYTES - body.len())]);
    }
    Ok(body)
}

fn unreachable_code(error: &reqwest::Error) -> DeliverError {
    DeliverError::retry(if error.is_connect() {
        "connect"
    } else if error.is_timeout() {
        "timeout"
    } else {
        "connection_lost"
    })
}

/// Retry-After as seconds or as an HTTP date (RFC 9110, section 10.2.3), at most a day.
fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            Duration::try_from(at.duration_since(clock.now())).unwrap_or_default()
        }
    };
    Some(wait.min(Duration::from_secs(24 * 60 * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, retry: Option<&str>) -> Result<(), DeliverError> {
        let (clock, _hand) = Clock::manual("2026-03-02T09:00:00Z".parse().unwrap());
        let mut headers = HeaderMap::new();
        if let Some(retry) = retry {
            headers.insert(RETRY_AFTER, retry.parse().unwrap());
        }
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Vec::new(),
        };
        answer.success(&clock).map(drop)
    }

    #[test]
    fn statuses_say_whether_another_try_makes_sense() {
        for status in [200, 201, 202, 204] {
            assert_eq!(outcome(status, None), Ok(()));
        }
        for status in [408, 409, 425, 429, 500, 502, 503, 504] {
            assert!(
                matches!(outcome(status, None), Err(DeliverError::Retry { .. })),
                "{status}"
            );
        }
        for status in [301, 307, 401, 403, 404, 405] {
            assert!(
                matches!(outcome(status, None), Err(DeliverError::Reconfigure { .. })),
                "{status}"
            );
        }
        for status in [400, 413, 415, 422] {
            assert!(
                matches!(outcome(status, None), Err(DeliverError::GiveUp { .. })),
                "{status}"
            );
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let wait = |text| match outcome(503, Some(text)) {
            Err(DeliverError::Retry { retry_after, .. }) => retry_after.map(|wait| wait.as_secs()),
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Mon, 02 Mar 2026 09:01:00 GMT"), Some(60));
        assert_eq!(wait("Mon, 02 Mar 2026 08:00:00 GMT"), Some(0));
        assert_eq!(wait("99999999"), Some(86_400));
        assert_eq!(wait("soon"), None);
    }
}
