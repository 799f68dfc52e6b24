//! kill -9, again and again, under load, with outside systems that fail half of their calls: what was acknowledged is there, every
//! delivery arrives under one key, repeated requests agree with their first answer, and the audit trail holds.
//!
//! The real binary, killed at random moments. The short form runs with the other tests; the long one is
//! `CRASH_ROUNDS=50 cargo test --test it crash -- --nocapture`, which prints its counts (`CRASH_BINARY` names another build
//! to kill).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use switchboard::clock::Clock;
use switchboard::privacy::Sealer;
use switchboard::store::{JobFilter, JobState, Page, RecordFilter, RecordKind, Store};

use crate::database::{Database, uncounted};
use crate::harness::client;
use crate::outside::{Outside, answer};

const MESSAGES: [&str; 3] = [
    "I took the new tablets and now my throat is swelling and I can't breathe",
    "please cancel order 10093-552",
    "What are your opening hours?",
];
/// Callers at once.
const CALLERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_survives_kill_9() {
    survives(Database::sqlite().await.unwrap(), rounds(4)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_survives_kill_9() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    survives(database, rounds(2)).await;
}

fn rounds(short: usize) -> usize {
    let asked = std::env::var_os("CRASH_ROUNDS").and_then(|rounds| rounds.to_str()?.parse().ok());
    asked.unwrap_or(short)
}

/// Small and repeatable; what is random is where it strikes.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// What an outside system did: the body that it acted on for each key, and how often it was asked.
#[derive(Default)]
struct Acted {
    bodies: BTreeMap<String, Value>,
    asked: usize,
    changed: Vec<String>,
}

/// Fails half of its calls, half of those after it acted; acts once per key, as the contract asks of it.
async fn unreliable(seed: u64) -> (Outside, Arc<Mutex<Acted>>) {
    let acted = Arc::new(Mutex::new(Acted::default()));
    let (mut dice, mine) = (Dice(seed), acted.clone());
    let outside = Outside::start(move |request| {
        let mut acted = mine.lock().unwrap();
        acted.asked += 1;
        let fate = dice.roll(4);
        if fate == 0 {
            return answer(503, json!({}));
        }
        let (key, body) = (request.header("idempotency-key").to_owned(), request.json());
        match acted.bodies.get(&key) {
            Some(before) if *before != body => acted.changed.push(key),
            Some(_) => {}
            None => {
                acted.bodies.insert(key, body);
            }
        }
        match fate {
            1 => answer(500, json!({})),
            _ => answer(200, json!({ "id": acted.bodies.len() })),
        }
    })
    .await;
    (outside, acted)
}

/// A running service, killed when dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
    /// Kept open: the service has more to say than its address.
    _said: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Served {
    fn start(database: &Database, ticketing: &str, compliance: &str) -> Self {
        // What was killed holds its key no longer than this, and no request runs as long.
        let short = [
            ("SWITCHBOARD__STORE__IDEMPOTENCY_HOLD_S", "2"),
            ("SWITCHBOARD__SERVER__REQUEST_TIMEOUT_MS", "1900"),
        ];
        Self::start_with(database, ticketing, compliance, 500, &short)
    }

    /// With this long for a delivery, in milliseconds: a second try on a slow machine is no fault, but not what every test wants.
    pub(crate) fn start_patient(
        database: &Database,
        ticketing: &str,
        compliance: &str,
        delivery_ms: u32,
    ) -> Self {
        Self::start_with(database, ticketing, compliance, delivery_ms, &[])
    }

    fn start_with(
        database: &Database,
        ticketing: &str,
        compliance: &str,
        delivery_ms: u32,
        more: &[(&str, &str)],
    ) -> Self {
        let binary =
            std::env::var_os("CRASH_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_switchboard").into());
        let mut command = Command::new(binary);
        command.env_clear().current_dir(&database.config.data_dir);
        if let Some(url) = &database.config.database_url {
            command.env("DATABASE_URL", url.expose_secret());
        }
        let key = database.config.data_key.as_ref().unwrap().expose_secret();
        let settings = [
            ("PORT", "0"),
            ("RUST_LOG", "error"),
            ("SWITCHBOARD_DATA_KEY", key),
            ("SWITCHBOARD__MANAGEMENT__ADDR", "127.0.0.1:0"),
            (
                "SWITCHBOARD__STORE__DATA_DIR",
                database.config.data_dir.to_str().unwrap(),
            ),
            ("SWITCHBOARD__RATE_LIMIT__ENABLED", "false"),
            ("SWITCHBOARD__DELIVERY__TIMEOUT_MS", &delivery_ms.to_string()),
            ("SWITCHBOARD__DELIVERY__BACKOFF_BASE_MS", "100"),
            ("SWITCHBOARD__DELIVERY__BACKOFF_MAX_MS", "1000"),
            ("SWITCHBOARD__DELIVERY__BREAKER_FAILURES", "100"),
            ("SWITCHBOARD__DELIVERY__MAX_TRIES", "1000"),
            ("SWITCHBOARD__TICKETING__SYSTEM", "webhook"),
            ("SWITCHBOARD__TICKETING__URL", ticketing),
            ("SWITCHBOARD__TICKETING__SECRET", "s"),
            ("SWITCHBOARD__COMPLIANCE__SYSTEM", "webhook"),
            ("SWITCHBOARD__COMPLIANCE__URL", compliance),
            ("SWITCHBOARD__COMPLIANCE__SECRET", "s"),
        ];
        let mut child = command
            .envs(settings)
            .envs(more.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            line.unwrap()
                .split_once("http://")
                .map(|(_, rest)| rest.to_owned())
        });
        let address = address.expect("serve prints its address");
        Self {
            child,
            url: format!("http://{}/api/v1/classify", address.trim_end_matches('/')),
            _said: lines,
        }
    }

    fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Already dead, or a test that failed: nobody else ends it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the callers know: every key they used, and the answers they got.
#[derive(Default)]
struct Known {
    used: BTreeMap<String, &'static str>,
    answered: BTreeMap<String, String>,
}

/// What a call came to.
enum Outcome {
    /// 200: its text, and whether it is said to be a repeated one.
    Answered(String, bool),
    /// 409: the first request with this key still runs, or was killed less than a hold ago.
    Running,
    /// 503 with Retry-After: a machine that cannot keep up (a request may take two seconds).
    Refused,
    /// The connection broke.
    Broken,
}

async fn ask(http: &reqwest::Client, url: &str, key: &str, message: &str) -> Outcome {
    let request = http
        .post(url)
        .header("idempotency-key", key)
        .json(&json!({ "message": message }));
    let Ok(response) = request.send().await else {
        return Outcome::Broken;
    };
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let Ok(text) = response.text().await else {
        return Outcome::Broken;
    };
    match status {
        200 => Outcome::Answered(text, headers.contains_key("idempotency-replayed")),
        409 => Outcome::Running,
        503 => {
            eprintln!("{key} was refused: {text}");
            assert!(headers.contains_key("retry-after"), "{text}");
            Outcome::Refused
        }
        _ => panic!("{key}: {status}: {text}"),
    }
}

/// Posts messages until the service dies.
async fn call(caller: usize, round: usize, url: &str, known: &Mutex<Known>) {
    let http = client();
    for n in 0.. {
        let (key, message) = (
            format!("r{round}-c{caller}-n{n}"),
            MESSAGES[(caller + n) % MESSAGES.len()],
        );
        known.lock().unwrap().used.insert(key.clone(), message);
        match ask(&http, url, &key, message).await {
            Outcome::Answered(text, replayed) => {
                assert!(!replayed, "{key} is new");
                known.lock().unwrap().answered.insert(key, text);
            }
            // Slower than a request may be: repeated later.
            Outcome::Running | Outcome::Refused => {}
            Outcome::Broken => return,
        }
    }
}

/// Repeats every request that got no answer until it has one, and some that had (or `all`): these get the same answer again, and are never
/// said to be running. Answers how many had none.
async fn repeat(served: &mut Served, known: &Mutex<Known>, all: bool) -> usize {
    let (http, clock) = (client(), Clock::system());
    let (open, done): (Vec<_>, Vec<_>) = {
        let known = known.lock().unwrap();
        let keys = known.used.iter().map(|(key, message)| (key.clone(), *message));
        keys.partition(|(key, _)| !known.answered.contains_key(key))
    };
    let sample = done.iter().rev().take(if all { usize::MAX } else { 20 });
    let wanted = open.iter().map(|asked| (asked, false));
    for ((key, message), answered) in wanted.chain(sample.map(|asked| (asked, true))) {
        let (text, replayed) = loop {
            match ask(&http, &served.url, key, message).await {
                Outcome::Answered(text, replayed) => break (text, replayed),
                Outcome::Running => assert!(!answered, "{key} was answered and is said to be running"),
                Outcome::Refused => {}
                // An idle connection may be closed; a service that nobody killed may not end.
                Outcome::Broken => assert!(served.is_alive(), "the service ended by itself"),
            }
            clock.sleep(Duration::from_millis(50)).await;
        };
        let mut known = known.lock().unwrap();
        let first = known.answered.entry(key.clone()).or_insert_with(|| text.clone());
        assert!(*first == text, "{key} got another answer");
        assert!(replayed || !answered, "{key} was answered anew");
    }
    open.len()
}

async fn survives(database: Database, rounds: usize) {
    std::fs::create_dir_all(&database.config.data_dir).unwrap();
    let (ticketing, tickets) = unreliable(0x9e37_79b9_7f4a_7c15).await;
    let (compliance, reports) = unreliable(0xd1b5_4a32_d192_ed03).await;
    let known = Mutex::new(Known::default());
    let (clock, mut dice) = (Clock::system(), Dice(0x2545_f491_4f6c_dd1d));
    let mut repeated = 0;
    for round in 0..rounds {
        let mut served = Served::start(&database, &ticketing.url, &compliance.url);
        repeated += repeat(&mut served, &known, false).await;
        let url = served.url.clone();
        let load = join_all((0..CALLERS).map(|caller| call(caller, round, &url, &known)));
        let strike = async {
            clock.sleep(Duration::from_millis(20 + dice.roll(700))).await;
            served.kill();
        };
        tokio::join!(load, strike);
    }
    let mut served = Served::start(&database, &ticketing.url, &compliance.url);
    repeated += repeat(&mut served, &known, true).await;
    let store = Store::open(
        &database.config,
        Sealer::configured(&database.config).unwrap(),
        clock.clone(),
        uncounted(),
    )
    .await
    .unwrap();
    while pending(&store).await > 0 {
        clock.sleep(Duration::from_millis(100)).await;
    }
    drop(served);
    settle(
        &store,
        &known.into_inner().unwrap(),
        [&tickets, &reports],
        rounds,
        repeated,
    )
    .await;
    store.close().await;
}

async fn pending(store: &Store) -> usize {
    let filter = JobFilter {
        state: Some(JobState::Pending),
        ..JobFilter::default()
    };
    store
        .list_jobs(&filter, Page::default())
        .await
        .unwrap()
        .items
        .len()
}

/// Holds what is on disk against what the callers and the outside systems know.
async fn settle(
    store: &Store,
    known: &Known,
    systems: [&Arc<Mutex<Acted>>; 2],
    rounds: usize,
    repeated: usize,
) {
    let mut promised = BTreeSet::new();
    for text in known.answered.values() {
        let answer: Value = serde_json::from_str(text).unwrap();
        if let Some(reference) = answer["next_step"]["reference"].as_str() {
            assert!(
                promised.insert(reference.to_owned()),
                "{reference} was promised to two requests"
            );
        }
    }
    let mut kept: BTreeMap<String, RecordKind> = BTreeMap::new();
    let mut before = None;
    loop {
        let page = Page {
            before,
            limit: Page::MAX,
        };
        let rows = store
            .list_records(&RecordFilter::default(), page)
            .await
            .unwrap()
            .items;
        let Some(last) = rows.last() else { break };
        before = Some(last.id);
        kept.extend(rows.into_iter().map(|row| (row.reference, row.kind)));
    }
    let on_disk: BTreeSet<String> = kept.keys().cloned().collect();
    assert_eq!(
        promised, on_disk,
        "what was promised is there, and nothing was made twice"
    );
    let mut asked = 0;
    for (system, (target, kind)) in systems.iter().zip([
        ("ticketing", RecordKind::Ticket),
        ("compliance", RecordKind::Compliance),
    ]) {
        let acted = system.lock().unwrap();
        asked += acted.asked;
        let keys: BTreeSet<String> = acted
            .bodies
            .keys()
            .filter(|key| key.ends_with(":create"))
            .cloned()
            .collect();
        let wanted: BTreeSet<String> = kept
            .iter()
            .filter(|(_, of)| **of == kind)
            .map(|(reference, _)| format!("{reference}:{target}:create"))
            .collect();
        assert_eq!(keys, wanted, "every record reached {target}, under its own key");
        assert!(
            acted.changed.is_empty(),
            "the same key came with another body: {:?}",
            acted.changed
        );
    }
    let verified = store.audit_verify().await.unwrap().unwrap();
    assert!(!on_disk.is_empty());
    eprintln!(
        "{rounds} kills: {} requests, {repeated} of them without an answer and repeated; {} records, all promised ones and no \
         other; {} deliveries in {asked} calls; {} audit entries in {} chains",
        known.used.len(),
        on_disk.len(),
        on_disk.len(),
        verified.entries,
        verified.heads.len()
    );
}
