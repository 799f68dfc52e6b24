//! What the LLM path adds to a call: building the body, reading the reply, the breaker, and the whole stack beside a bare
//! reqwest call to the same server on loopback.
//!
//! `cargo bench --bench llm`. The difference between `whole::stack` and `whole::bare_reqwest` is our own cost per call.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first error"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bytes::Buf as _;
use divan::{Bencher, black_box};
use serde_json::{Value, json};
use switchboard::classify::llm::hot_path::{Bodies, Pass, read};
use switchboard::classify::llm::{Call, Llm, NoEvents, Prompts};
use switchboard::clock::Clock;
use switchboard::config::LlmConfig;
use switchboard::config::llm::{Api, PromptConfig};
use switchboard::message::Channel;
use switchboard::privacy::{Redacted, Redactor};

const TEXT: &str = "Hello, I took two of the \"Cetirizine\" tablets this morning and since then\nmy face is swollen. \
    Can I get my money back for order 45-20817, and what should I do now?";

fn main() {
    divan::main();
}

fn bodies() -> Bodies {
    let prompts = Prompts::load(&PromptConfig::default()).unwrap();
    Bodies::new(
        &prompts.variants()[0].prompt,
        Channel::Chat,
        &LlmConfig::default(),
    )
    .unwrap()
}

#[divan::bench]
fn body(bencher: Bencher<'_, '_>) {
    let bodies = bodies();
    bencher.bench(|| bodies.fill(black_box(TEXT)));
}

fn reply(logprobs: Value) -> String {
    let verdict = r#"{"category":"safety_compliance","confidence":0.97,"severity":"high","intent":"request_refund","reasoning":"Face swollen after taking tablets, also asks for the money back."}"#;
    json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4.1-mini-2025-04-14",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": verdict, "refusal": null,
            "annotations": [] }, "logprobs": logprobs, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 912, "completion_tokens": 44, "total_tokens": 956,
            "prompt_tokens_details": { "cached_tokens": 768, "audio_tokens": 0 } } })
    .to_string()
}

/// Forty tokens with five alternatives each, as the API sends them.
fn logprobs() -> Value {
    let token = |text: &str| {
        let bytes: Vec<_> = text.bytes().collect();
        json!({ "token": text, "logprob": -0.01, "bytes": bytes })
    };
    let tokens: Vec<_> = ["{\"", "category", "\":\"", "s", "afety", "_com", "pliance"]
        .into_iter()
        .chain(std::iter::repeat_n(" word", 33))
        .map(|text| {
            let mut all = token(text);
            all["top_logprobs"] = json!([token(text), token("a"), token("b"), token("c"), token("d")]);
            all
        })
        .collect();
    json!({ "content": tokens, "refusal": null })
}

#[divan::bench]
fn read_reply(bencher: Bencher<'_, '_>) {
    let body = reply(Value::Null);
    assert!(read(Api::ChatCompletions, body.as_bytes()));
    bencher.bench(|| read(Api::ChatCompletions, black_box(body.as_bytes())));
}

#[divan::bench]
fn read_reply_with_logprobs(bencher: Bencher<'_, '_>) {
    let body = reply(logprobs());
    assert!(read(Api::ChatCompletions, body.as_bytes()));
    bencher.bench(|| read(Api::ChatCompletions, black_box(body.as_bytes())));
}

#[divan::bench(threads = [1, 2])]
fn breaker(bencher: Bencher<'_, '_>) {
    let pass = Pass::new();
    bencher.bench(|| pass.once(black_box(Duration::from_secs(1))));
}

/// A server on a thread of its own that answers every request with the same completion.
#[expect(clippy::disallowed_methods, reason = "a server outside of what is measured")]
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let body = reply(Value::Null);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), answer.clone());
            std::thread::spawn(move || {
                stream.set_nodelay(true).unwrap();
                let mut buffer = vec![0; 64 * 1024];
                let mut filled = 0;
                loop {
                    match stream.read(&mut buffer[filled..]) {
                        Ok(0) | Err(_) => return,
                        Ok(n) => filled += n,
                    }
                    if is_whole(&buffer[..filled]) {
                        filled = 0;
                        if stream.write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

fn is_whole(request: &[u8]) -> bool {
    let Some(head) = request.windows(4).position(|w| w == b"\r\n\r\n") else {
        return false;
    };
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| {
        line.strip_prefix("content-length: ")?
            .trim()
            .parse::<usize>()
            .ok()
    });
    request.len() >= head + 4 + length.unwrap_or(0)
}

#[divan::bench_group(sample_count = 200, sample_size = 20)]
mod whole {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    }

    fn text() -> Redacted {
        let redactor: Redactor = Default::default();
        redactor.redact(TEXT).text
    }

    #[divan::bench]
    fn stack(bencher: Bencher<'_, '_>) {
        let runtime = runtime();
        let config = LlmConfig {
            base_url: format!("http://{}/v1", server()),
            api_key: Some("sk-test".to_owned().into()),
            ..LlmConfig::default()
        };
        let prompts = Prompts::load(&PromptConfig::default()).unwrap();
        let llm = Llm::new(&config, prompts, Clock::system(), Arc::new(NoEvents)).unwrap();
        let text = text();
        let call = Call {
            text: &text,
            channel: Channel::Chat,
            sticky_key: "customer-1",
            deadline: Duration::from_secs(5),
            traceparent: None,
        };
        bencher.bench_local(|| runtime.block_on(llm.classify(call)).unwrap());
    }

    #[divan::bench]
    fn bare_reqwest(bencher: Bencher<'_, '_>) {
        let runtime = runtime();
        let url = format!("http://{}/v1/chat/completions", server());
        let tls =
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .build()
            .unwrap();
        let bodies = bodies();
        bencher.bench_local(|| {
            runtime.block_on(async {
                let mut body = bodies.fill(TEXT);
                let body = body.copy_to_bytes(body.remaining());
                let reply = http
                    .post(&url)
                    .bearer_auth("sk-test")
                    .body(body)
                    .send()
                    .await
                    .unwrap();
                let reply = reply.bytes().await.unwrap();
                serde_json::from_slice::<Value>(&reply).unwrap()
            })
        });
    }
}
