//! What every outside system's client shares: one connection pool, no redirects, capped answers, and which status codes
//! are worth another try. Timeouts are the caller's, on its clock.
//!
//! `HTTPS_PROXY` and `NO_PROXY` of the environment count, as they do for other programs; a system on this machine is called directly.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::CallError;
use crate::clock::Clock;
use crate::retry_after;
use crate::telemetry::traces;
use crate::trust::{TrustError, tls_client};

/// So much of an answer is read, in bytes: a ticket, not a download. What is cut no longer reads as JSON, but its status stands:
/// a system that took an event must not be sent it again because it said so at length.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// Whom to trust is not known.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The rest.
    #[error("the HTTP client could not be built")]
    Client(#[from] reqwest::Error),
}

/// An HTTP client. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    local: reqwest::Client,
    clock: Clock,
    timeout: Duration,
}

/// An answer, its body up to [`MAX_ANSWER_BYTES`], or why the body broke off.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Result<Vec<u8>, CallError>,
}

impl HttpClient {
    /// A client each of whose calls, from connecting to the last byte, may take `timeout`.
    ///
    /// # Errors
    /// [`HttpClientError`].
    pub fn new(clock: Clock, timeout: Duration) -> Result<Self, HttpClientError> {
        Self::trusting(clock, timeout, None)
    }

    /// The same, which trusts the certificate authorities of a PEM file too.
    ///
    /// # Errors
    /// [`HttpClientError`].
    pub fn trusting(
        clock: Clock,
        timeout: Duration,
        ca_file: Option<&Path>,
    ) -> Result<Self, HttpClientError> {
        let tls = tls_client(ca_file)?;
        let client = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
                // A redirected POST would lose its body or leak its credentials.
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
        };
        Ok(Self {
            client: client().build()?,
            local: client().no_proxy().build()?,
            clock,
            timeout,
        })
    }

    /// Only a system on this machine is called without TLS. A proxy must not get to read that.
    fn client_for(&self, url: &str) -> &reqwest::Client {
        match url.starts_with("http://") {
            true => &self.local,
            false => &self.client,
        }
    }

    /// The time, for signatures.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn get(&self, url: &str) -> RequestBuilder {
        self.client_for(url).get(url)
    }

    pub(crate) fn post(&self, url: &str) -> RequestBuilder {
        self.client_for(url).post(url)
    }

    pub(crate) fn put(&self, url: &str) -> RequestBuilder {
        self.client_for(url).put(url)
    }

    /// Sends and reads the answer, whatever its status. Once a status came it stands, however the body ends.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, CallError> {
        let request = match traces::traceparent() {
            Some(traceparent) => request.header("traceparent", traceparent),
            None => request,
        };
        let mut head = None;
        let exchange = async {
            let response = request.send().await.map_err(|error| unreachable_code(&error))?;
            head = Some((response.status(), response.headers().clone()));
            read_capped(response).await
        };
        let body = self
            .clock
            .timeout(self.timeout, exchange)
            .await
            .unwrap_or_else(|_| Err(CallError::retry("timeout")));
        match (head, body) {
            (Some((status, headers)), body) => Ok(Answer {
                status,
                headers,
                body,
            }),
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(CallError::retry("connection_lost")),
        }
    }
}

impl Answer {
    /// This answer if it is a success; otherwise what it means for the next try.
    pub(crate) fn success(self, clock: &Clock) -> Result<Self, CallError> {
        if self.status.is_success() {
            return Ok(self);
        }
        let code = format!("http_{}", self.status.as_u16());
        Err(match self.status.as_u16() {
            // 402: the account is not paid. 407: a proxy on the way asks for credentials.
            401..=405 | 407 | 410 => CallError::Reconfigure { code },
            // A redirect is a wrong address: following it could leak the credentials.
            300..=399 => CallError::Reconfigure { code },
            408 | 409 | 421 | 423 | 425 | 429 | 500..=599 => CallError::Retry {
                code,
                retry_after: asked_wait(&self.headers, clock),
            },
            _ => CallError::GiveUp { code },
        })
    }

    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        if body.len() == MAX_ANSWER_BYTES {
            return Err(CallError::retry("answer_too_large"));
        }
        // A proxy's page instead of the system's answer: the system may well be back next time.
        serde_json::from_slice(body).map_err(|_| CallError::retry("bad_json"))
    }
}

async fn read_capped(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while body.len() < MAX_ANSWER_BYTES
        && let Some(chunk) = response.chunk().await.map_err(|error| unreachable_code(&error))?
    {
        body.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER_BYTES - body.len())]);
    }
    Ok(body)
}

/// Told apart, because each is another person's to mend: an expired certificate, a name that is gone, a system that is down.
fn unreachable_code(error: &reqwest::Error) -> CallError {
    CallError::retry(if error.is_connect() {
        connect_code(error)
    } else if error.is_timeout() {
        "timeout"
    } else {
        "connection_lost"
    })
}

fn connect_code(error: &(dyn Error + 'static)) -> &'static str {
    let mut next = Some(error);
    while let Some(cause) = next {
        next = match cause.downcast_ref::<std::io::Error>() {
            // It hides what it wraps from `source`.
            Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => cause.source(),
        };
        if cause.is::<rustls::Error>() {
            return "tls";
        }
        // The connector's error has no type of its own for this.
        if cause.to_string().starts_with("dns error") {
            return "dns";
        }
    }
    "connect"
}

/// How long the answer asks us to wait ([`retry_after`]), at most a day.
fn asked_wait(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    let wait = retry_after::parse(text, clock.now())?;
    Some(wait.min(Duration::from_secs(24 * 60 * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, retry: Option<&str>) -> Result<(), CallError> {
        let (clock, _hand) = Clock::manual("2026-03-02T09:00:00Z".parse().unwrap());
        let mut headers = HeaderMap::new();
        if let Some(retry) = retry {
            headers.insert(RETRY_AFTER, retry.parse().unwrap());
        }
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Ok(Vec::new()),
        };
        answer.success(&clock).map(drop)
    }

    #[test]
    fn statuses_say_whether_another_try_makes_sense() {
        for status in [200, 201, 202, 204] {
            assert_eq!(outcome(status, None), Ok(()));
        }
        for status in [408, 409, 421, 423, 425, 429, 500, 502, 503, 504] {
            assert!(
                matches!(outcome(status, None), Err(CallError::Retry { .. })),
                "{status}"
            );
        }
        for status in [301, 307, 401, 402, 403, 404, 405, 407, 410] {
            assert!(
                matches!(outcome(status, None), Err(CallError::Reconfigure { .. })),
                "{status}"
            );
        }
        for status in [400, 413, 415, 422] {
            assert!(
                matches!(outcome(status, None), Err(CallError::GiveUp { .. })),
                "{status}"
            );
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let wait = |text| match outcome(503, Some(text)) {
            Err(CallError::Retry { retry_after, .. }) => retry_after.map(|wait| wait.as_millis()),
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("120"), Some(120_000));
        assert_eq!(wait(" 120 "), Some(120_000), "HTTP/2 leaves the blanks");
        assert_eq!(wait("1.5"), Some(1_500), "as of the LLM");
        assert_eq!(wait("Mon, 02 Mar 2026 09:01:00 GMT"), Some(60_000));
        assert_eq!(wait("Mon, 02 Mar 2026 08:00:00 GMT"), Some(0));
        assert_eq!(wait("99999999"), Some(86_400_000));
        assert_eq!(wait("soon"), None);
    }
}
