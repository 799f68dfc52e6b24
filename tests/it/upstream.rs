//! A fake LLM service on a real socket: it answers sensibly, or misbehaves as scripted.
//!
//! Speaks just enough HTTP/1.1 itself, because no HTTP library would send what it must send: half a body, a reset, one
//! byte at a time. By default every request gets a well-formed completion (Chat Completions or Responses, by the path)
//! with the verdict that [`Upstream::answer`] set. [`Upstream::script`] queues other behaviour, one step per request;
//! [`Upstream::always`] sets it for all. What arrived is kept for [`Upstream::requests`]. Everything ends when dropped.

#![allow(dead_code, reason = "a fake shared by tests that each use a part of it")]

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What happens to one request.
#[derive(Clone)]
pub(crate) enum Step {
    /// A completion with the verdict that `answer` set.
    Answer,
    /// A completion with this verdict.
    Verdict(Value),
    /// A completion with the verdict that this makes of the request.
    From(Arc<dyn Fn(&Received) -> Value + Send + Sync>),
    /// A completion whose text is this, whatever it is.
    Text(String),
    /// The model declines.
    Refusal,
    /// The reply ends at the token cap.
    Length,
    /// The content filter ends the reply.
    ContentFilter,
    /// No choice, no output.
    Empty,
    /// This status with these headers and an API error with this code.
    Status(u16, Vec<(&'static str, String)>, &'static str),
    /// 200 with this content type and body.
    Body(&'static str, String),
    /// A well-formed head and half of the body, which ends there (with a length that fits): truncated JSON.
    TruncatedJson,
    /// A valid completion padded to this many bytes.
    Huge(usize),
    /// A completion with the verdict that `answer` set, once [`Upstream::release`] is called.
    Held,
    /// The request is read and never answered.
    Hang,
    /// The connection is reset before anything is answered.
    ResetBeforeHead,
    /// The connection is reset in the middle of the body.
    ResetInBody,
    /// The head, and then the body byte by byte, each after this is called: forever, as far as a test is concerned.
    Trickle,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
}

impl Received {
    /// The user message.
    pub(crate) fn user(&self) -> &str {
        let chat = self.body["messages"][1]["content"].as_str();
        chat.or_else(|| self.body["input"].as_str()).unwrap_or_default()
    }

    /// The customer's text, between the tags of the prompt.
    pub(crate) fn customer_text(&self) -> &str {
        let user = self.user();
        let Some(start) = user.find(">\n") else { return "" };
        let end = user.rfind("\n</message-").unwrap_or(user.len());
        &user[start + 2..end]
    }
}

struct State {
    script: Mutex<VecDeque<Step>>,
    always: Mutex<Step>,
    verdict: Mutex<Value>,
    received: Mutex<Vec<Received>>,
    count: watch::Sender<usize>,
    released: watch::Sender<bool>,
    open: watch::Sender<usize>,
    most_open: Mutex<usize>,
}

/// The fake service.
pub(crate) struct Upstream {
    address: SocketAddr,
    state: Arc<State>,
    _tasks: JoinSet<()>,
}

impl Upstream {
    /// Listens on a free port of the loopback interface.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            script: Mutex::default(),
            always: Mutex::new(Step::Answer),
            verdict: Mutex::new(verdict("informational", 0.9)),
            received: Mutex::default(),
            count: watch::Sender::new(0),
            released: watch::Sender::new(false),
            open: watch::Sender::new(0),
            most_open: Mutex::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, state.clone()));
        Self {
            address,
            state,
            _tasks: tasks,
        }
    }

    /// What `llm.base_url` should be.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The same address, but the client will speak TLS to it, which it does not understand.
    pub(crate) fn tls_base_url(&self) -> String {
        format!("https://{}/v1", self.address)
    }

    /// A base URL at which nobody listens.
    pub(crate) async fn refusing_base_url() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/v1", listener.local_addr().unwrap())
    }

    /// Sets the verdict of [`Step::Answer`].
    pub(crate) fn answer(&self, verdict: Value) {
        *self.state.verdict.lock().unwrap() = verdict;
    }

    /// Queues behaviour for the next requests, one step each.
    pub(crate) fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.state.script.lock().unwrap().extend(steps);
    }

    /// Sets the behaviour of requests that no script is left for.
    pub(crate) fn always(&self, step: Step) {
        *self.state.always.lock().unwrap() = step;
    }

    /// Lets every [`Step::Held`] request be answered, now and from now on.
    pub(crate) fn release(&self) {
        self.state.released.send_replace(true);
    }

    /// Every request so far, in order of arrival.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// Waits until this many requests have arrived in all.
    pub(crate) async fn wait_for_requests(&self, count: usize) {
        let mut arrived = self.state.count.subscribe();
        arrived.wait_for(|so_far| *so_far >= count).await.unwrap();
    }

    /// Waits until at most this many connections are open.
    pub(crate) async fn wait_for_open_at_most(&self, count: usize) {
        let mut open = self.state.open.subscribe();
        open.wait_for(|now| *now <= count).await.unwrap();
    }

    /// Most connections that were ever open at once.
    pub(crate) fn most_open(&self) -> usize {
        *self.state.most_open.lock().unwrap()
    }
}

/// A complete verdict with a category and a confidence.
pub(crate) fn verdict(category: &str, confidence: f64) -> Value {
    let (severity, intent) = match category {
        "safety_compliance" => (json!("standard"), json!(null)),
        "service_action" => (json!(null), json!("other")),
        _ => (json!(null), json!(null)),
    };
    json!({ "category": category, "confidence": confidence, "severity": severity, "intent": intent,
            "reasoning": format!("It is about {category}.") })
}

struct Open(Arc<State>);

impl Open {
    fn new(state: &Arc<State>) -> Self {
        state.open.send_modify(|open| *open += 1);
        let now = *state.open.borrow();
        let mut most = state.most_open.lock().unwrap();
        *most = (*most).max(now);
        Self(state.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (open, state) = (Open::new(&state), state.clone());
        connections.spawn(async move {
            // An error means that the client went away, which is the client's right.
            let _ = serve(stream, &state).await;
            drop(open);
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Serves one connection until it is closed or a step ends it.
async fn serve(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await? {
        let scripted = state.script.lock().unwrap().pop_front();
        let step = scripted.unwrap_or_else(|| state.always.lock().unwrap().clone());
        state.received.lock().unwrap().push(request.clone());
        state.count.send_modify(|count| *count += 1);
        let chat = !request.path.contains("/responses");
        let (kind, body) = match step {
            Step::Answer | Step::Held => {
                if matches!(step, Step::Held) {
                    let _ = state.released.subscribe().wait_for(|released| *released).await;
                }
                let verdict = state.verdict.lock().unwrap().to_string();
                (JSON, completion(chat, &verdict))
            }
            Step::Verdict(verdict) => (JSON, completion(chat, &verdict.to_string())),
            Step::From(make) => (JSON, completion(chat, &make(&request).to_string())),
            Step::Text(text) => (JSON, completion(chat, &text)),
            Step::Refusal => (JSON, refusal(chat)),
            Step::Length => (JSON, cut_off(chat, "length", "max_output_tokens")),
            Step::ContentFilter => (JSON, cut_off(chat, "content_filter", "content_filter")),
            Step::Empty => (
                JSON,
                if chat {
                    json!({ "choices": [] })
                } else {
                    json!({ "output": [] })
                }
                .to_string(),
            ),
            Step::Body(kind, body) => (kind, body),
            Step::TruncatedJson => {
                let whole = completion(chat, &verdict("informational", 0.9).to_string());
                (JSON, whole[..whole.len() / 2].to_owned())
            }
            Step::Huge(bytes) => (JSON, completion(chat, &"x".repeat(bytes))),
            Step::Status(status, headers, code) => {
                let body =
                    json!({ "error": { "message": "no", "type": "error", "param": null, "code": code } });
                let headers: String = headers.iter().map(|(k, v)| format!("{k}: {v}\r\n")).collect();
                send(&mut stream, status, JSON, &headers, &body.to_string()).await?;
                continue;
            }
            Step::Hang => return until_closed(&mut stream).await,
            Step::ResetBeforeHead => return stream.set_zero_linger(),
            Step::ResetInBody => {
                let whole = completion(chat, &verdict("informational", 0.9).to_string());
                let head = head(200, JSON, "", whole.len());
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&whole.as_bytes()[..whole.len() / 2]).await?;
                stream.flush().await?;
                return stream.set_zero_linger();
            }
            Step::Trickle => {
                stream.write_all(head(200, JSON, "", 1000).as_bytes()).await?;
                stream.write_all(b"{").await?;
                return until_closed(&mut stream).await;
            }
        };
        send(&mut stream, 200, kind, "", &body).await?;
    }
    Ok(())
}

const JSON: &str = "application/json";

fn head(status: u16, kind: &str, headers: &str, length: usize) -> String {
    format!("HTTP/1.1 {status} Whatever\r\ncontent-type: {kind}\r\n{headers}content-length: {length}\r\n\r\n")
}

async fn send(
    stream: &mut TcpStream,
    status: u16,
    kind: &str,
    headers: &str,
    body: &str,
) -> std::io::Result<()> {
    let mut whole = head(status, kind, headers, body.len()).into_bytes();
    whole.extend_from_slice(body.as_bytes());
    stream.write_all(&whole).await
}

async fn until_closed(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut sink = [0; 1024];
    while stream.read(&mut sink).await? > 0 {}
    Ok(())
}

/// The next request; `None` when the client closes. Bytes that belong to the one after stay in `buffer`.
async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<Received>> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let mut lines = head.lines();
    let path = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .unwrap_or_default()
        .to_owned();
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    while buffer.len() < head_end + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let body = serde_json::from_slice(&buffer[head_end..head_end + length]).unwrap_or(Value::Null);
    buffer.drain(..head_end + length);
    Ok(Some(Received { path, headers, body }))
}

fn completion(chat: bool, text: &str) -> String {
    let body = if chat {
        json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "fake-1",
            "choices": [{ "index": 0, "message": { "role": "assistant", "content": text, "refusal": null },
                          "logprobs": null, "finish_reason": "stop" }],
            "usage": usage(chat) })
    } else {
        json!({ "id": "resp_1", "object": "response", "status": "completed", "model": "fake-1", "error": null,
            "incomplete_details": null, "output": [{ "type": "message", "id": "msg_1", "role": "assistant",
                "status": "completed", "content": [
                    { "type": "output_text", "text": text, "annotations": [], "logprobs": [] }] }],
            "usage": usage(chat) })
    };
    body.to_string()
}

/// What every reply uses, whatever is in it.
fn usage(chat: bool) -> Value {
    if chat {
        json!({ "prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940,
                "prompt_tokens_details": { "cached_tokens": 0 } })
    } else {
        json!({ "input_tokens": 900, "input_tokens_details": { "cached_tokens": 0 }, "output_tokens": 40 })
    }
}

fn refusal(chat: bool) -> String {
    let body = if chat {
        json!({ "choices": [{ "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": null, "refusal": "I cannot help with that." } }],
            "usage": usage(chat) })
    } else {
        json!({ "status": "completed", "output": [{ "type": "message", "content": [
            { "type": "refusal", "refusal": "I cannot help with that." }] }], "usage": usage(chat) })
    };
    body.to_string()
}

fn cut_off(chat: bool, finish: &str, reason: &str) -> String {
    let body = if chat {
        json!({ "choices": [{ "index": 0, "finish_reason": finish,
            "message": { "role": "assistant", "content": "{\"category\":\"informational\"", "refusal": null } }],
            "usage": usage(chat) })
    } else {
        json!({ "status": "incomplete", "incomplete_details": { "reason": reason }, "output": [], "usage": usage(chat) })
    };
    body.to_string()
}
