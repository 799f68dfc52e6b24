//! `[server]`, `[management]` and `[cors]`: where the service listens and what one request may cost.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZero;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{InvalidSetting, in_range};

/// Time of a request that is kept back from the LLM for the workflow and the commit that follow it.
pub const KEPT_FOR_COMMIT: Duration = Duration::from_millis(500);

/// The public listener and the limits of a request.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address to listen on. Loopback unless chosen otherwise: a service without keys is not for a network.
    #[serde(deserialize_with = "ip_address")]
    pub host: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Longest time from a request's head to its answer, in milliseconds, 100 to 120,000. Where an LLM is asked, more than the 500 that are
    /// kept for the commit, and `knowledge_search.timeout_ms` where there is a help centre.
    pub request_timeout_ms: u64,
    /// Longest time a client may take to send a request's head, in milliseconds, 100 to 120,000.
    pub header_timeout_ms: u64,
    /// Connections that are open at once, 16 to 1,000,000, and no more than the limit of file descriptors has room for. For one more, those close
    /// that have waited longest for a request.
    pub max_connections: usize,
    /// Messages that are worked on at once, 1 to 65,536; one more is answered 503 at once, unless it is a safety report.
    pub max_concurrent_requests: usize,
    /// Threads that serve connections, each its own, 0 to 256; 0 is one for each processor.
    pub threads: usize,
    /// Largest request body, in bytes, 1,024 to 1,048,576.
    pub max_body_bytes: usize,
    /// How many proxies stand in front and append to X-Forwarded-For, 0 to 16; 0 trusts no such header.
    pub trusted_proxy_hops: usize,
    /// After SIGTERM, how long requests are still accepted while `ready` says 503, in milliseconds, 0 to 60,000: the time
    /// a load balancer takes to notice. An interrupt from the keyboard does not wait.
    pub drain_delay_ms: u64,
    /// How long requests in flight and background work may take to finish after `drain_delay_ms`, in milliseconds, 0 to 120,000.
    /// ECS kills a task 30 s after SIGTERM unless told otherwise; delay and grace together stay under that.
    pub shutdown_grace_ms: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8000,
            request_timeout_ms: 10_000,
            header_timeout_ms: 10_000,
            max_connections: 10_000,
            max_concurrent_requests: 1024,
            threads: 0,
            max_body_bytes: 64 * 1024,
            trusted_proxy_hops: 0,
            drain_delay_ms: 2_000,
            shutdown_grace_ms: 25_000,
        }
    }
}

impl ServerConfig {
    /// Where the public listener binds.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// How many threads serve connections; see [`ServerConfig::threads`].
    #[must_use]
    pub fn lanes(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, NonZero::get);
        match self.threads {
            0 => processors(),
            threads => threads,
        }
    }

    /// See [`ServerConfig::request_timeout_ms`].
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// See [`ServerConfig::header_timeout_ms`].
    #[must_use]
    pub fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.header_timeout_ms)
    }

    /// See [`ServerConfig::drain_delay_ms`].
    #[must_use]
    pub fn drain_delay(&self) -> Duration {
        Duration::from_millis(self.drain_delay_ms)
    }

    /// See [`ServerConfig::shutdown_grace_ms`].
    #[must_use]
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_millis(self.shutdown_grace_ms)
    }

    /// # Errors
    /// [`InvalidSetting`] for the first value out of range.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range(
            "server.request_timeout_ms",
            self.request_timeout_ms,
            100..=120_000,
        )?;
        in_range("server.header_timeout_ms", self.header_timeout_ms, 100..=120_000)?;
        in_range("server.max_connections", self.max_connections, 16..=1_000_000)?;
        in_range(
            "server.max_concurrent_requests",
            self.max_concurrent_requests,
            1..=65_536,
        )?;
        in_range("server.threads", self.threads, 0..=256)?;
        in_range("server.max_body_bytes", self.max_body_bytes, 1_024..=1_048_576)?;
        in_range("server.trusted_proxy_hops", self.trusted_proxy_hops, 0..=16)?;
        in_range("server.drain_delay_ms", self.drain_delay_ms, 0..=60_000)?;
        in_range("server.shutdown_grace_ms", self.shutdown_grace_ms, 0..=120_000)
    }
}

/// The listener for metrics, kept apart so that the public port cannot show them.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ManagementConfig {
    /// Whether there is such a listener; without it nothing is counted.
    pub enabled: bool,
    /// Address and port to listen on; port 0 takes a free one.
    #[serde(deserialize_with = "socket_address")]
    pub addr: SocketAddr,
}

impl Default for ManagementConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            addr: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464),
        }
    }
}

/// Not a name: which of its addresses to listen on would be a guess.
fn ip_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IpAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| D::Error::custom("must be an IP address such as 127.0.0.1, 0.0.0.0 or ::1"))
}

fn socket_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| D::Error::custom("must be an IP address and a port such as 127.0.0.1:9464"))
}

/// Which web origins may call the API from a browser.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorsConfig {
    /// Origins such as `https://chat.example.com`; none by default. `*` is refused: name the pages.
    pub allowed_origins: Vec<String>,
}

impl CorsConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first text that is not an origin.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        let wrong = self.allowed_origins.iter().find(|origin| !is_origin(origin));
        match wrong {
            None => Ok(()),
            Some(origin) => Err(InvalidSetting::new(
                "cors.allowed_origins",
                format!("must hold origins such as \"https://chat.example.com\", holds {origin:?}"),
            )),
        }
    }
}

/// Scheme, host and optional port, nothing after (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    })
}
