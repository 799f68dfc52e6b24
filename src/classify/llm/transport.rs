//! Connections to the LLM: pooled and kept alive, HTTP/2 where TLS offers it, names remembered, a proxy where one is configured.
//!
//! This is hyper's pooled client as it is. A general client on top of it parses the URL again for each call, carries a redirect
//! policy and default headers along, and wraps bodies in decoders: a third of a call's cost, for nothing that is used here.
//! No redirect is followed. TLS trusts the roots that are compiled in (so it works in an empty container) and those of
//! `llm.connection.ca_file`. A proxy is asked for a tunnel (`CONNECT`), whatever the LLM's scheme, and so sees no key.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use secrecy::ExposeSecret as _;
use thread_local::ThreadLocal;
use tokio::net::TcpStream;
use tower::BoxError;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;

use crate::clock::Clock;
use crate::config::llm::ConnectionConfig;
use crate::trust::{TrustError, tls_client};

use super::body::Parts;
use super::error::LlmSetupError;
use super::resolver::CachingResolver;

/// How long a connection is silent before TCP asks whether the other side is still there.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// The pooled client. Each thread has a pool of its own: a connection is used where it was made, so that no thread waits for another.
#[derive(Debug)]
pub(super) struct Http {
    pools: ThreadLocal<Pool>,
    connector: Connector,
    max_idle: usize,
    idle_timeout: Duration,
}

type Pool = Client<Connector, Full<Parts>>;
/// Makes a connection to wherever a URI points, directly or through the proxy.
type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

impl Http {
    /// A client that will connect to `target` as configured; makes no connection yet.
    ///
    /// # Errors
    /// [`LlmSetupError`] when the CA file or the proxy cannot be used.
    pub(super) fn new(config: &ConnectionConfig, target: &Uri, clock: Clock) -> Result<Self, LlmSetupError> {
        Ok(Self {
            pools: ThreadLocal::new(),
            connector: connector(config, target, clock)?,
            max_idle: config.max_idle,
            idle_timeout: Duration::from_secs(config.idle_timeout_s),
        })
    }

    /// Sends a request over a connection of this thread.
    pub(super) fn request(&self, request: Request<Full<Parts>>) -> ResponseFuture {
        self.pools.get_or(|| self.pool()).request(request)
    }

    fn pool(&self) -> Pool {
        Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(self.max_idle)
            .pool_idle_timeout(self.idle_timeout)
            .build(self.connector.clone())
    }
}

fn connector(config: &ConnectionConfig, target: &Uri, clock: Clock) -> Result<Connector, LlmSetupError> {
    let keep = Duration::from_secs(config.dns_cache_s);
    // Around everything that makes a connection: name lookup, TCP, the proxy's tunnel, the TLS handshake.
    let limit = Duration::from_millis(config.connect_timeout_ms);
    let mut tcp = HttpConnector::new_with_resolver(CachingResolver::new(keep, limit, clock));
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(TCP_KEEPALIVE));
    // Shared out among a name's addresses, so that one that does not answer leaves time for the next.
    tcp.set_connect_timeout(Some(limit));
    let tls = Arc::new(tls(config)?);
    let Some(proxy) = &config.proxy else {
        let direct = HttpsConnector::from((tcp, tls));
        return Ok(BoxCloneSyncService::new(Timeout::new(direct, limit)));
    };
    // Reads the URL with its user and password. No target is exempt, and the environment is not asked.
    let proxy = Matcher::builder()
        .all(proxy.expose_secret())
        .build()
        .intercept(target);
    let proxy = proxy
        .filter(|proxy| proxy.uri().scheme_str() == Some("http"))
        .ok_or(LlmSetupError::Proxy)?;
    let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
    if let Some(credentials) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(credentials.clone());
    }
    let tunnelled = HttpsConnector::from((tunnel, tls));
    Ok(BoxCloneSyncService::new(Timeout::new(tunnelled, limit)))
}

fn tls(config: &ConnectionConfig) -> Result<ClientConfig, LlmSetupError> {
    let mut tls = tls_client(config.ca_file.as_deref()).map_err(|error| match error {
        TrustError::File(cause) => LlmSetupError::CaFile(cause),
        TrustError::Tls(cause) => LlmSetupError::Tls(cause),
    })?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn http_with(config: &ConnectionConfig) -> Result<Http, LlmSetupError> {
        let (clock, _hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        Http::new(config, &Uri::from_static("https://llm.example/v1"), clock)
    }

    #[test]
    fn a_ca_file_that_is_missing_or_empty_is_named() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        for path in ["/nowhere/ca.pem".into(), empty.path().to_path_buf()] {
            let config = ConnectionConfig {
                ca_file: Some(path),
                ..ConnectionConfig::default()
            };
            let error = http_with(&config).unwrap_err();
            assert!(error.to_string().contains("llm.connection.ca_file"), "{error}");
        }
        let plain = tls(&ConnectionConfig::default()).unwrap();
        assert_eq!(plain.alpn_protocols[0], b"h2", "HTTP/2 is offered first");
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_named() {
        let proxy = |url: &str| {
            http_with(&ConnectionConfig {
                proxy: Some(url.into()),
                ..ConnectionConfig::default()
            })
        };
        assert!(proxy("http://user:password@proxy.example:3128").is_ok());
        for unusable in [
            "",
            "not a url",
            "ftp://proxy.example",
            "socks5://proxy.example:1080",
        ] {
            let error = proxy(unusable).unwrap_err().to_string();
            assert!(error.starts_with("llm.connection.proxy: "), "{error}");
        }
    }
}
