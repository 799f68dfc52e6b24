//! A real browser for the tests of the pages: Debian's chromium without a window, told what to do over two pipes (the Chrome DevTools
//! Protocol, one JSON message after the other, each ended by a zero byte).
//!
//! Where it is not installed, [`Browser::start`] is `None` and says so. It has a folder of its own and finds no host but this machine. Whatever
//! it does not answer in a minute fails the test; what the page itself does wrong is kept in [`Browser::faults`].

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use switchboard::clock::Clock;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::pipe::{Receiver, Sender};

const PROGRAM: &str = "/usr/bin/chromium";
/// Longer than the slowest machine takes for anything that is asked here.
const PATIENCE: Duration = Duration::from_secs(60);
/// The protocol's bit for the control key.
const CONTROL: u8 = 2;

/// One page in a browser of its own; both end with it.
pub struct Browser {
    process: Child,
    commands: Sender,
    answers: BufReader<Receiver>,
    session: Option<String>,
    sent: u64,
    loaded: bool,
    /// Uncaught errors, what the page wrote to the console as errors, and what its policy (CSP) stopped. A refused request is none.
    pub faults: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// Starts it, with an empty page.
    pub async fn start() -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            eprintln!(
                "SKIPPED: chromium is not installed (apt-get install chromium), the pages were not looked at in a browser"
            );
            return None;
        }
        let profile = TempDir::new().unwrap();
        // It reads from descriptor 3 and writes to 4.
        let mut process = Command::new("sh")
            .args([
                "-c",
                r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null"#,
                PROGRAM,
            ])
            .args([
                "--headless=new",
                "--remote-debugging-pipe",
                // Whoever is root may have no other; it opens our own pages only.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                // A page that nobody sees has its timers slowed down.
                "--disable-background-timer-throttling",
                "--disable-backgrounding-occluded-windows",
                "--disable-renderer-backgrounding",
                "--no-first-run",
                "--no-proxy-server",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let commands = OwnedFd::from(process.stdin.take().unwrap());
        let answers = OwnedFd::from(process.stdout.take().unwrap());
        let mut browser = Self {
            process,
            commands: Sender::from_owned_fd(commands).unwrap(),
            answers: BufReader::new(Receiver::from_owned_fd(answers).unwrap()),
            session: None,
            sent: 0,
            loaded: false,
            faults: Vec::new(),
            _profile: profile,
        };
        let target = browser
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach).await;
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            browser.call(domain, json!({})).await;
        }
        Some(browser)
    }

    /// Opens a page and waits until all that it needs is loaded and a frame of it is due: where the focus begins is decided then, which on a
    /// busy machine is after the page has loaded.
    pub async fn open(&mut self, url: &str) {
        self.loaded = false;
        self.call("Page.navigate", json!({ "url": url })).await;
        while !self.loaded {
            let message = self.receive().await;
            self.note(&message);
        }
        self.value("new Promise(requestAnimationFrame)").await;
    }

    /// Makes the page as wide as this.
    pub async fn resize(&mut self, width: u32) {
        let size = json!({ "width": width, "height": 700, "deviceScaleFactor": 1, "mobile": true });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// The value of an expression, waited for where it is a promise.
    pub async fn value(&mut self, expression: &str) -> Value {
        let wanted = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut got = self.call("Runtime.evaluate", wanted).await;
        assert!(got["exceptionDetails"].is_null(), "{expression}: {got}");
        got["result"]["value"].take()
    }

    /// Writes where the focus is.
    pub async fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses Tab.
    pub async fn tab(&mut self) {
        self.press("Tab", 9, "", 0).await;
    }

    /// Presses Enter.
    pub async fn enter(&mut self) {
        self.press("Enter", 13, "\r", 0).await;
    }

    /// Presses Enter and Ctrl.
    pub async fn control_enter(&mut self) {
        self.press("Enter", 13, "\r", CONTROL).await;
    }

    async fn press(&mut self, key: &str, code: u8, text: &str, modifiers: u8) {
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for kind in [kind, "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers });
            if kind == "keyDown" {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut command = json!({ "id": self.sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = session.as_str().into();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).await.unwrap();
        loop {
            let mut message = self.receive().await;
            if message["id"] == self.sent {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].take();
            }
            self.note(&message);
        }
    }

    async fn receive(&mut self) -> Value {
        let mut bytes = Vec::new();
        let reading = self.answers.read_until(0, &mut bytes);
        let read = Clock::system().timeout(PATIENCE, reading).await;
        assert!(
            read.expect("the browser answers in time").unwrap() > 0,
            "the browser ended"
        );
        bytes.pop();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        let is_fault = match message["method"].as_str() {
            Some("Page.loadEventFired") => {
                self.loaded = true;
                false
            }
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => params["type"] == "error",
            Some("Log.entryAdded") => {
                params["entry"]["level"] == "error" && params["entry"]["source"] != "network"
            }
            _ => false,
        };
        if is_fault {
            self.faults.push(params.to_string());
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
