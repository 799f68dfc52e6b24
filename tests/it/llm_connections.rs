//! Connections to the LLM: TLS with a certificate authority of one's own, HTTP/2 where it is offered, and a proxy that is asked for a
//! tunnel.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::CertifiedKey;
use serde_json::json;
use switchboard::classify::llm::{Call, Llm, LlmError, LlmVerdict, NoEvents, Prompts};
use switchboard::clock::Clock;
use switchboard::config::LlmConfig;
use switchboard::config::llm::PromptConfig;
use switchboard::message::Channel;
use switchboard::privacy::Redactor;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::upstream::{Upstream, verdict};

/// An LLM service behind TLS for `localhost`, with a certificate of its own making.
pub(crate) struct TlsUpstream {
    pub(crate) port: u16,
    pub(crate) certificate: tempfile::NamedTempFile,
    /// The HTTP version of each request.
    versions: mpsc::UnboundedReceiver<Version>,
    _tasks: JoinSet<()>,
}

impl TlsUpstream {
    /// Offers these protocols (ALPN), the best first.
    pub(crate) async fn start(protocols: &[&[u8]]) -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(certificate.path(), cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let mut tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        tls.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, versions) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(acceptor.clone(), stream, seen.clone()));
            }
        });
        Self {
            port,
            certificate,
            versions,
            _tasks: tasks,
        }
    }

    fn config(&self) -> LlmConfig {
        let mut config = LlmConfig {
            base_url: format!("https://localhost:{}/v1", self.port),
            ..LlmConfig::default()
        };
        config.connection.ca_file = Some(self.certificate.path().to_owned());
        config
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, seen: mpsc::UnboundedSender<Version>) {
    // A client that does not trust the certificate ends the handshake.
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let answer = service_fn(move |request: Request<hyper::body::Incoming>| {
        let _ = seen.send(request.version());
        let content = verdict("service_action", 0.9).to_string();
        let reply = json!({ "choices": [{ "finish_reason": "stop", "message": { "content": content } }] });
        let reply = Response::new(Full::new(Bytes::from(reply.to_string())));
        std::future::ready(Ok::<_, std::convert::Infallible>(reply))
    });
    let io = TokioIo::new(stream);
    let _ = if http2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(io, answer)
            .await
    } else {
        hyper::server::conn::http1::Builder::new()
            .serve_connection(io, answer)
            .await
    };
}

async fn ask(config: &LlmConfig) -> Result<LlmVerdict, LlmError> {
    let prompts = Prompts::load(&PromptConfig::default()).unwrap();
    let llm = Llm::new(config, prompts, Clock::system(), Arc::new(NoEvents)).unwrap();
    let text = Redactor::default().redact("Where is my order?").text;
    let call = Call {
        text: &text,
        channel: Channel::Chat,
        sticky_key: "customer-1",
        deadline: Duration::from_secs(60),
        traceparent: None,
    };
    llm.classify(call).await
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_trusted_where_it_is_configured_and_nowhere_else() {
    let upstream = TlsUpstream::start(&[b"http/1.1"]).await;
    let config = upstream.config();
    assert_eq!(ask(&config).await.unwrap().category.as_str(), "service_action");
    let mut without = config;
    without.connection.ca_file = None;
    assert_eq!(ask(&without).await.unwrap_err().code(), "connect");
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered() {
    for (offered, spoken) in [
        (&[&b"h2"[..], b"http/1.1"][..], Version::HTTP_2),
        (&[b"http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ] {
        let mut upstream = TlsUpstream::start(offered).await;
        ask(&upstream.config()).await.unwrap();
        assert_eq!(upstream.versions.recv().await, Some(spoken), "{offered:?}");
    }
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_and_sees_its_own_password_but_no_key() {
    let upstream = Upstream::start().await;
    let address = upstream.base_url().replace("http://", "").replace("/v1", "");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    let proxying = async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.unwrap());
        }
        let mut server = TcpStream::connect(address).await.unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        // Ends when the client closes its pool; how the two ends close is not what is tested.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    };
    let mut config = LlmConfig {
        base_url: upstream.base_url(),
        api_key: Some("sk-test".to_owned().into()),
        ..LlmConfig::default()
    };
    config.connection.proxy = Some(format!("http://ada:p%40ss@{proxy}").into());
    let (answered, head) = tokio::join!(ask(&config), proxying);
    answered.unwrap();
    assert_eq!(upstream.requests().len(), 1);
    assert!(head.starts_with("connect 127.0.0.1:"), "{head}");
    // Basic authentication of `ada:p@ss`.
    assert!(head.contains("proxy-authorization: basic ywrhonbac3m="), "{head}");
    assert!(!head.contains("sk-test"), "{head}");
}
