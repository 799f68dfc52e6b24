//! Starts the real app for a test: its own data folder, ports of its own, a clock that the test moves, and, where the test asks for
//! one, an upstream LLM that it scripts.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use switchboard::app::{self, Running};
use switchboard::clock::{Clock, ManualClock};
use switchboard::config::Config;
use tempfile::TempDir;

use crate::upstream::Upstream;

/// When every test begins.
pub const START: &str = "2026-03-02T09:00:00Z";

/// The running app and the means to look at it.
pub struct TestApp {
    pub address: SocketAddr,
    pub management: SocketAddr,
    pub hand: ManualClock,
    pub data: TempDir,
    pub client: reqwest::Client,
    running: Running,
}

impl TestApp {
    /// On embedded defaults.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With an LLM at `upstream`.
    pub async fn start_with_llm(upstream: &Upstream) -> Self {
        Self::start_with(|config| use_llm(config, upstream)).await
    }

    /// With settings of the test's own.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let data = TempDir::new().unwrap();
        Self::start_in(data, change).await
    }

    /// On a data folder that is already there.
    pub async fn start_in(data: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        config.server.port = 0;
        config.management.addr = "127.0.0.1:0".parse().unwrap();
        config.store.data_dir = data.path().to_path_buf();
        config.rate_limit.burst = 10_000;
        // The test's clock and a real PostgreSQL's are months apart.
        config.store.max_clock_skew_s = 0;
        change(&mut config);
        config.validate().unwrap();
        let (clock, hand) = Clock::manual(START.parse::<Timestamp>().unwrap());
        let running = app::start(&config, clock).await.unwrap();
        let management = running.management.unwrap_or(running.address);
        Self {
            address: running.address,
            management,
            hand,
            data,
            client: client(),
            running,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Sends a chat message.
    pub async fn say(&self, message: &str) -> Reply {
        self.classify(json!({ "message": message })).await
    }

    pub async fn classify(&self, body: Value) -> Reply {
        Reply::of(
            self.request(Method::POST, "/api/v1/classify")
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Sends bytes as they are.
    pub async fn classify_raw(&self, body: impl Into<reqwest::Body>) -> Reply {
        let request = self
            .request(Method::POST, "/api/v1/classify")
            .header("content-type", "application/json");
        Reply::of(request.body(body).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// The value of one series, by its whole name with labels as `/metrics` prints it; 0 where it is not there.
    pub async fn metric(&self, series: &str) -> f64 {
        let text = self.metrics().await;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    pub async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.management);
        self.client.get(url).send().await.unwrap().text().await.unwrap()
    }

    /// Ends the app and gives its data folder back.
    pub async fn stop(self) -> TempDir {
        drop(self.client);
        assert!(self.running.stop(Duration::ZERO).await, "the app did not end");
        self.data
    }

    pub fn running(&self) -> &Running {
        &self.running
    }
}

/// Points a configuration at a scripted LLM.
pub fn use_llm(config: &mut Config, upstream: &Upstream) {
    config.llm.api_key = Some("test-key".into());
    config.llm.base_url = upstream.base_url();
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Reply {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self {
            status,
            headers,
            body,
            text,
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value at a JSON pointer.
    pub fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The codes of a validation problem, as `field:code`.
    pub fn faults(&self) -> Vec<String> {
        let errors = self.at("/errors").as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|e| format!("{}:{}", e["field"].as_str().unwrap(), e["code"].as_str().unwrap()))
            .collect()
    }
}

/// The binary as somebody types it in the folder of its data: with nothing of this machine's environment, and nothing to read.
pub fn switchboard_in(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command
        .env_clear()
        .env("SWITCHBOARD__STORE__DATA_DIR", data)
        .current_dir(data)
        .stdin(Stdio::null());
    command
}

/// A client for loopback: no proxy, no TLS.
pub fn client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let tls = tls
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .unwrap()
}
