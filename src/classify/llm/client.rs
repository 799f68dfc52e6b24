//! The HTTP client: one request out, one verdict or one named error back. Innermost service of the stack.
//!
//! Promises: connections are pooled and kept alive, HTTP/2 is spoken where TLS offers it, TLS trusts the roots that are
//! compiled in (so it works in an empty container) and those of `llm.connection.ca_file`; no redirect is followed; at
//! most `max_response_bytes` are read. The key lives in one header that is marked sensitive: it is in no `Debug`, log
//! or error. An error body is read only for its machine-readable code, because its message may quote the request.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Response, StatusCode, Url};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::ExposeSecret;
use serde::Deserialize;
use tower::Service;

use crate::clock::Clock;
use crate::config::llm::{Api, Auth, ConnectionConfig, LlmConfig};

use super::error::{BadReply, LlmError};
use super::resolver::CachingResolver;
use super::retry_after;
use super::stack::{Answer, Ask, Reply};
use super::wire::read_reply;

/// How much of an error body is read: its code stands in the first few hundred bytes.
const MAX_ERROR_BYTES: usize = 16 * 1024;
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Why the client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LlmSetupError {
    /// The base URL does not parse.
    #[error("llm.base_url: not a URL")]
    BaseUrl,
    /// A header value has characters that no header may have. Does not show the value.
    #[error("{setting}: holds a character that a header cannot carry")]
    Header {
        /// The setting.
        setting: &'static str,
    },
    /// The CA file cannot be read.
    #[error("llm.connection.ca_file: cannot read certificates from it")]
    CaFile(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The proxy's URL does not parse.
    #[error("llm.connection.proxy: not a proxy URL")]
    Proxy(#[source] reqwest::Error),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
    /// A setting that cannot work.
    #[error(transparent)]
    Config(#[from] crate::config::InvalidSetting),
    /// A prompt cannot be rendered.
    #[error("a prompt cannot be rendered")]
    Prompt(#[source] Box<minijinja::Error>),
}

/// The client. Clones share its connections.
#[derive(Clone)]
pub(super) struct Client(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    url: Url,
    headers: HeaderMap,
    api: Api,
    max_bytes: usize,
    clock: Clock,
}

impl Client {
    pub(super) fn new(config: &LlmConfig, clock: Clock) -> Result<Self, LlmSetupError> {
        Ok(Self(Arc::new(Shared {
            http: http_client(&config.connection, clock.clone())?,
            url: endpoint(config)?,
            headers: headers(config)?,
            api: config.api,
            max_bytes: config.max_response_bytes,
            clock,
        })))
    }
}

impl Service<Ask> for Client {
    type Response = Answer;
    type Error = LlmError;
    type Future = Reply;

    /// Always ready: reqwest queues nothing, and how many calls are under way is the bulkhead's business.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), LlmError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, ask: Ask) -> Reply {
        let client = self.0.clone();
        Box::pin(async move {
            let body = client.exchange(ask).await?;
            let verdict = read_reply(client.api, &body)?;
            Ok(Answer { verdict, attempts: 1 })
        })
    }
}

impl Shared {
    async fn exchange(&self, ask: Ask) -> Result<Bytes, LlmError> {
        let mut request = Request::new(Method::POST, self.url.clone());
        let mut headers = self.headers.clone();
        if let Some(traceparent) = ask.traceparent {
            headers.insert(TRACEPARENT, traceparent);
        }
        *request.headers_mut() = headers;
        *request.body_mut() = Some(ask.body.into());
        let response = self.http.execute(request).await.map_err(transport_error)?;
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response).await);
        }
        if !is_json(response.headers()) {
            return Err(BadReply::ContentType.into());
        }
        read_body(response, self.max_bytes).await
    }

    async fn refusal(&self, response: Response) -> LlmError {
        let status = response.status();
        let retry_after = retry_after::wait(response.headers(), self.clock.now());
        // The code decides between "slow down" and "no money left"; a body that cannot be read has none.
        let body = read_body(response, MAX_ERROR_BYTES).await.unwrap_or_default();
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

/// `url` and source text of reqwest's errors never hold the key, but the URL may hold a private host name.
fn transport_error(error: reqwest::Error) -> LlmError {
    let connecting = error.is_connect();
    let error = Arc::new(error.without_url());
    if connecting {
        LlmError::Connect(error)
    } else {
        LlmError::Reset(error)
    }
}

async fn read_body(mut response: Response, max_bytes: usize) -> Result<Bytes, LlmError> {
    let expected = response.content_length().unwrap_or(0);
    if usize::try_from(expected).is_ok_and(|bytes| bytes > max_bytes) {
        return Err(BadReply::TooLarge.into());
    }
    // Most replies arrive in one piece, which is then used as it is.
    let Some(first) = response.chunk().await.map_err(transport_error)? else {
        return Ok(Bytes::new());
    };
    let mut whole = BytesMut::new();
    let mut read = first.len();
    while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        read += chunk.len();
        if read > max_bytes {
            return Err(BadReply::TooLarge.into());
        }
        whole.extend_from_slice(&chunk);
    }
    if read > max_bytes {
        return Err(BadReply::TooLarge.into());
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

fn endpoint(config: &LlmConfig) -> Result<Url, LlmSetupError> {
    let path = match config.api {
        Api::ChatCompletions => "chat/completions",
        Api::Responses => "responses",
    };
    let base = config.base_url.trim_end_matches('/');
    let mut url = Url::parse(&format!("{base}/{path}")).map_err(|_| LlmSetupError::BaseUrl)?;
    if let Some(version) = &config.api_version {
        url.query_pairs_mut().append_pair("api-version", version);
    }
    Ok(url)
}

fn headers(config: &LlmConfig) -> Result<HeaderMap, LlmSetupError> {
    let mut headers = HeaderMap::new();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json.clone());
    headers.insert(header::ACCEPT, json);
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

fn http_client(config: &ConnectionConfig, clock: Clock) -> Result<reqwest::Client, LlmSetupError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(config)?)
        .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
        .pool_max_idle_per_host(config.max_idle)
        .pool_idle_timeout(Duration::from_secs(config.idle_timeout_s))
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
        .dns_resolver(CachingResolver::new(
            Duration::from_secs(config.dns_cache_s),
            clock,
        ))
        .no_proxy();
    if let Some(proxy) = &config.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(LlmSetupError::Proxy)?);
    }
    builder.build().map_err(LlmSetupError::Client)
}

fn tls(config: &ConnectionConfig) -> Result<rustls::ClientConfig, LlmSetupError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = &config.ca_file {
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| LlmSetupError::CaFile(Box::new(error)))?;
        if certificates.is_empty() {
            return Err(LlmSetupError::CaFile("no certificate in the file".into()));
        }
        for certificate in certificates {
            roots
                .add(certificate)
                .map_err(|error| LlmSetupError::CaFile(Box::new(error)))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(LlmSetupError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
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
    fn a_ca_file_that_is_missing_or_empty_is_named() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        for path in ["/nowhere/ca.pem".into(), empty.path().to_path_buf()] {
            let config = ConnectionConfig {
                ca_file: Some(path),
                ..ConnectionConfig::default()
            };
            let error = tls(&config).unwrap_err();
            assert!(error.to_string().contains("llm.connection.ca_file"), "{error}");
        }
        let plain = tls(&ConnectionConfig::default()).unwrap();
        assert_eq!(plain.alpn_protocols[0], b"h2", "HTTP/2 is offered first");
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
