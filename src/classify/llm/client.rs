//! The HTTP client: one request out, one verdict or one named error back. Innermost service of the stack.
//!
//! Promises: at most `max_response_bytes` are read. The key lives in one header that is marked sensitive: it is in no `Debug`,
//! log or error. An error body is read only for its machine-readable code, because its message may quote the request.
//! The connections under it are `transport.rs`.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use reqwest::Url;
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::clock::Clock;
use crate::config::llm::{Api, Auth, LlmConfig};

use super::error::{BadReply, LlmError, LlmSetupError};
use super::layer::{Answer, Ask, Layer, Reply};
use super::meter::Meter;
use super::retry_after;
use super::transport::Http;
use super::wire::read_reply;

/// How much of an error body is read: its code stands in the first few hundred bytes.
const MAX_ERROR_BYTES: usize = 16 * 1024;
const USER_AGENT: &str = concat!("switchboard/", env!("CARGO_PKG_VERSION"));
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The client.
pub(super) struct Client {
    http: Http,
    uri: Uri,
    headers: HeaderMap,
    api: Api,
    meter: Arc<Meter>,
    max_bytes: usize,
    clock: Clock,
}

impl Client {
    pub(super) fn new(config: &LlmConfig, meter: Arc<Meter>, clock: Clock) -> Result<Self, LlmSetupError> {
        let uri = endpoint(config)?;
        Ok(Self {
            http: Http::new(&config.connection, &uri, clock.clone())?,
            uri,
            headers: headers(config)?,
            api: config.api,
            meter,
            max_bytes: config.max_response_bytes,
            clock,
        })
    }
}

impl Layer for Client {
    async fn call(&self, ask: &Ask) -> Reply {
        let body = self.exchange(ask).await?;
        let (usage, verdict) = read_reply(self.api, &body);
        let usage = self.meter.count(usage);
        // Before the verdict is looked at: a reply without one cost as much.
        ask.tally.add(usage);
        Ok(Answer {
            verdict: verdict?,
            usage,
            attempts: 1,
        })
    }
}

impl Client {
    async fn exchange(&self, ask: &Ask) -> Result<Bytes, LlmError> {
        let mut request = Request::new(Full::new(ask.body.clone().into_parts()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        if let Some(traceparent) = &ask.traceparent {
            request.headers_mut().insert(TRACEPARENT, traceparent.clone());
        }
        let response = self.http.request(request).await.map_err(|error| {
            if error.is_connect() {
                LlmError::Connect(Arc::new(error))
            } else {
                LlmError::Reset(Arc::new(error))
            }
        })?;
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response).await);
        }
        if !is_json(response.headers()) {
            return Err(BadReply::ContentType.into());
        }
        read_body(response.into_body(), self.max_bytes).await
    }

    async fn refusal(&self, response: Response<Incoming>) -> LlmError {
        let status = response.status();
        let retry_after = retry_after::wait(response.headers(), self.clock.now());
        // The code decides between "slow down" and "no money left"; a body that cannot be read has none.
        let body = read_body(response.into_body(), MAX_ERROR_BYTES)
            .await
            .unwrap_or_default();
        let error = serde_json::from_slice::<ErrorBody<'_>>(&body)
            .unwrap_or_default()
            .error;
        match status {
            _ if error.is(&QUOTA_CODES) => LlmError::Quota,
            StatusCode::PAYMENT_REQUIRED => LlmError::Quota,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => LlmError::Auth {
                status: status.as_u16(),
            },
            StatusCode::TOO_MANY_REQUESTS => LlmError::RateLimited { retry_after },
            StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT => LlmError::ServerError {
                status: status.as_u16(),
                retry_after,
            },
            _ if status.is_server_error() => LlmError::ServerError {
                status: status.as_u16(),
                retry_after,
            },
            _ if error.is(&FILTER_CODES) => LlmError::ContentFilter,
            _ => LlmError::Rejected {
                status: status.as_u16(),
            },
        }
    }
}

/// OpenAI's and Azure's codes for an account without credit.
const QUOTA_CODES: [&str; 3] = [
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
];
/// Azure's and OpenAI's codes for a request that a content filter stopped.
const FILTER_CODES: [&str; 2] = ["content_filter", "content_policy_violation"];

#[derive(Deserialize, Default)]
struct ErrorBody<'a> {
    #[serde(borrow, default)]
    error: ErrorCode<'a>,
}

#[derive(Deserialize, Default)]
struct ErrorCode<'a> {
    #[serde(borrow, default)]
    code: Option<&'a serde_json::value::RawValue>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<&'a serde_json::value::RawValue>,
}

impl ErrorCode<'_> {
    /// Whether code or type is one of `codes`; both may be numbers or null elsewhere.
    fn is(&self, codes: &[&str]) -> bool {
        [self.code, self.kind]
            .into_iter()
            .flatten()
            .any(|raw| codes.contains(&raw.get().trim_matches('"')))
    }
}

async fn read_body(mut body: Incoming, max_bytes: usize) -> Result<Bytes, LlmError> {
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |bytes| bytes > max_bytes) {
        return Err(BadReply::TooLarge.into());
    }
    // Most replies arrive in one piece, which is then used as it is.
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| LlmError::Reset(Arc::new(error)))?;
        let Ok(chunk) = frame.into_data() else {
            continue; // trailers
        };
        if first.len() + whole.len() + chunk.len() > max_bytes {
            return Err(BadReply::TooLarge.into());
        }
        if first.is_empty() && whole.is_empty() {
            first = chunk;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// A missing content type is let pass: the parser decides.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let value = value.to_str().unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
}

fn endpoint(config: &LlmConfig) -> Result<Uri, LlmSetupError> {
    let path = match config.api {
        Api::ChatCompletions => "chat/completions",
        Api::Responses => "responses",
    };
    let base = config.base_url.trim_end_matches('/');
    let mut url = Url::parse(&format!("{base}/{path}")).map_err(|_| LlmSetupError::BaseUrl)?;
    if let Some(version) = &config.api_version {
        url.query_pairs_mut().append_pair("api-version", version);
    }
    url.as_str().parse().map_err(|_| LlmSetupError::BaseUrl)
}

fn headers(config: &LlmConfig) -> Result<HeaderMap, LlmSetupError> {
    let mut headers = HeaderMap::new();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json.clone());
    headers.insert(header::ACCEPT, json);
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    let value =
        |text: &str, setting| HeaderValue::from_str(text).map_err(|_| LlmSetupError::Header { setting });
    if let Some(key) = &config.api_key {
        let key = key.expose_secret().trim();
        let (name, mut secret) = match config.auth {
            Auth::Bearer => (
                header::AUTHORIZATION,
                value(&format!("Bearer {key}"), "llm.api_key")?,
            ),
            Auth::ApiKey => (HeaderName::from_static("api-key"), value(key, "llm.api_key")?),
        };
        secret.set_sensitive(true);
        headers.insert(name, secret);
    }
    if let Some(organization) = &config.organization {
        headers.insert("openai-organization", value(organization, "llm.organization")?);
    }
    if let Some(project) = &config.project {
        headers.insert("openai-project", value(project, "llm.project")?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(base_url: &str) -> LlmConfig {
        LlmConfig {
            base_url: base_url.to_owned(),
            api_key: Some("sk-very-secret".to_owned().into()),
            ..LlmConfig::default()
        }
    }

    #[test]
    fn the_endpoint_keeps_the_base_path_and_adds_an_api_version() {
        let url = |config: &LlmConfig| endpoint(config).unwrap().to_string();
        assert_eq!(
            url(&config("https://api.openai.com/v1/")),
            "https://api.openai.com/v1/chat/completions"
        );
        let azure = LlmConfig {
            api: Api::Responses,
            api_version: Some("2025-04-01-preview".into()),
            ..config("https://x.example/openai")
        };
        assert_eq!(
            url(&azure),
            "https://x.example/openai/responses?api-version=2025-04-01-preview"
        );
    }

    #[test]
    fn the_key_is_in_no_debug_output() {
        for auth in [Auth::Bearer, Auth::ApiKey] {
            let config = LlmConfig {
                auth,
                ..config("https://x.example")
            };
            let headers = headers(&config).unwrap();
            assert!(!format!("{headers:?}").contains("very-secret"), "{headers:?}");
        }
        let broken = LlmConfig {
            api_key: Some("sk-very\u{7f}secret\n1".to_owned().into()),
            ..config("https://x.example")
        };
        let error = headers(&broken).unwrap_err();
        assert_eq!(
            error.to_string(),
            "llm.api_key: holds a character that a header cannot carry"
        );
    }

    #[test]
    fn error_codes_are_found_in_code_or_type_and_odd_bodies_have_none() {
        let is_quota = |body: &str| {
            let body = serde_json::from_str::<ErrorBody<'_>>(body).unwrap_or_default();
            body.error.is(&QUOTA_CODES)
        };
        assert!(is_quota(
            r#"{"error":{"message":"m","type":"insufficient_quota","code":null}}"#
        ));
        assert!(is_quota(r#"{"error":{"code":"insufficient_quota"}}"#));
        assert!(!is_quota(r#"{"error":{"code":429}}"#));
        assert!(!is_quota(r#"{"error":"nope"}"#));
        assert!(!is_quota("<html>"));
    }
}
