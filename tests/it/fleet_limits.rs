//! Several replicas, one real Redis: together they admit what one bucket allows, and each its share when Redis is away or slow.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use switchboard::admission::{Backend, BackendState, Callers, Limiter};
use switchboard::clock::Clock;
use switchboard::config::{Config, KeyConfig};
use switchboard::lifecycle::Tasks;
use switchboard::telemetry::metrics::Metrics;
use tempfile::TempDir;

use crate::harness::{Reply, START, TestApp, client};
use crate::limits::key;
use crate::process::{self, receive, switchboard};
use crate::redis::Redis;
use crate::stalling_proxy::StallingProxy;

const REPLICAS: usize = 10;

/// Counts on this Redis, with a patience that a busy test machine cannot use up.
fn shared(config: &mut Config, url: &str) {
    config.redis.url = Some(url.into());
    config.redis.timeout_ms = 5_000;
    config.rate_limit.per_minute = 1;
}

/// Admission alone, connected.
struct Replica {
    limiter: Limiter,
    callers: Callers,
    tasks: Tasks,
    clock: Clock,
}

impl Replica {
    async fn start(config: &Config) -> Self {
        let (clock, _hand) = Clock::manual(START.parse().unwrap());
        let metrics = Metrics::default();
        let limiter = Limiter::new(config, clock.clone(), &metrics.admission).unwrap();
        let tasks = Tasks::default();
        limiter.start(&tasks).await;
        assert_eq!(limiter.backend().await.state, BackendState::Up);
        let known = config.auth.known(&config.operator);
        Self {
            limiter,
            callers: Callers::new(&config.auth, &known, &[], clock.clone()),
            tasks,
            clock,
        }
    }

    /// Whether the bearer of this key, at this address, is within its limit.
    async fn admits(&self, secret: Option<&str>, address: [u8; 4]) -> bool {
        let sender = self.callers.sender(secret.map(str::as_bytes), address.into());
        let decision = self.limiter.check(&sender.unwrap()).await;
        assert_eq!(decision.backend, Backend::Redis);
        decision.allowance.unwrap().admitted
    }

    async fn stop(self) {
        assert!(self.tasks.finish(&self.clock, Duration::from_secs(1)).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_replicas_at_once_admit_what_one_bucket_holds() {
    let Some(redis) = Redis::start() else { return };
    let mut config = Config::default();
    shared(&mut config, &redis.url());
    config.rate_limit.burst = 1_000;
    let replicas = join_all((0..REPLICAS).map(|_| Replica::start(&config))).await;
    let admitted = join_all((0..5_000).map(|n| replicas[n % REPLICAS].admits(None, [192, 0, 2, 1]))).await;
    let admitted = admitted.into_iter().filter(|admitted| *admitted).count();
    assert!((990..=1_010).contains(&admitted), "{admitted}");
    assert!(
        replicas[0].admits(None, [192, 0, 2, 2]).await,
        "another address has its own bucket"
    );
    for replica in replicas {
        replica.stop().await;
    }
}

#[tokio::test]
async fn keys_have_their_own_rates_and_nothing_in_redis_tells_who_they_are() {
    let Some(redis) = Redis::start() else { return };
    let mut config = Config::default();
    shared(&mut config, &redis.url());
    config.rate_limit.burst = 5;
    config.auth.keys = vec![
        key("widget", "sk-proj-aaaa"),
        KeyConfig {
            per_minute: Some(1),
            burst: Some(9),
            ..key("ivr", "sk-proj-bbbb")
        },
        KeyConfig {
            per_minute: Some(2),
            ..key("mail", "sk-proj-cccc")
        },
    ];
    let replicas = join_all((0..3).map(|_| Replica::start(&config))).await;
    let admitted = async |secret: Option<&str>| {
        let mut admitted = 0;
        for n in 0..30 {
            admitted += usize::from(replicas[n % 3].admits(secret, [198, 51, 100, 77]).await);
        }
        admitted
    };
    assert_eq!(admitted(Some("sk-proj-aaaa")).await, 5);
    assert_eq!(admitted(Some("sk-proj-bbbb")).await, 9, "its burst");
    assert_eq!(admitted(Some("sk-proj-cccc")).await, 4, "twice its rate");
    assert_eq!(admitted(None).await, 5, "its address");
    let mut connection = redis.connect().await;
    let names: BTreeSet<String> = ::redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert!(names.len() >= 4, "{names:?}");
    for name in &names {
        assert!(name.starts_with("switchboard:limit:{"), "{name}");
        for secret in ["widget", "ivr", "sk-proj", "198.51.100.77"] {
            assert!(!name.contains(secret), "{name}");
        }
        let left: i64 = ::redis::cmd("PTTL")
            .arg(name)
            .query_async(&mut connection)
            .await
            .unwrap();
        // -1: never. The probe's key lives so shortly that it may be gone by now (0, -2).
        assert!(left != -1 && left <= 10 * 60_000, "{name} expires: {left}");
    }
    for replica in replicas {
        replica.stop().await;
    }
}

/// A `switchboard serve` of its own, killed when dropped.
struct Served {
    child: Child,
    url: String,
    _data: TempDir,
}

impl Served {
    fn start(redis: &str, burst: usize) -> Self {
        let data = TempDir::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .env_clear()
            .current_dir(data.path())
            .env("PORT", "0")
            .env("RUST_LOG", "error")
            .env("SWITCHBOARD__MANAGEMENT__ENABLED", "false")
            .env("SWITCHBOARD__RATE_LIMIT__PER_MINUTE", "1")
            .env("SWITCHBOARD__RATE_LIMIT__BURST", burst.to_string())
            .env("SWITCHBOARD__REDIS__TIMEOUT_MS", "5000")
            .env("REDIS_URL", redis)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = std::io::BufReader::new(child.stdout.take().unwrap());
        let line = std::io::BufRead::lines(out).find_map(|line| {
            line.unwrap()
                .split_once("http://")
                .map(|(_, rest)| rest.to_owned())
        });
        let address = line.expect("serve prints its address");
        Self {
            child,
            url: format!("http://{}/api/v1/classify", address.trim_end_matches('/')),
            _data: data,
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_processes_admit_what_one_bucket_holds() {
    let Some(redis) = Redis::start() else { return };
    let url = redis.url();
    let replicas: Vec<Served> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..REPLICAS)
            .map(|_| scope.spawn(|| Served::start(&url, 200)))
            .collect();
        starting
            .into_iter()
            .map(|replica| replica.join().unwrap())
            .collect()
    });
    let http = client();
    let statuses = join_all((0..400).map(|n| {
        let request = http.post(&replicas[n % REPLICAS].url);
        async move {
            let request = request.json(&json!({ "message": "What are your hours?" }));
            request.send().await.unwrap().status().as_u16()
        }
    }))
    .await;
    let of = |status| statuses.iter().filter(|seen| **seen == status).count();
    let admitted = of(200);
    assert_eq!(admitted + of(429), 400, "{statuses:?}");
    assert!((198..=202).contains(&admitted), "{admitted}");
    drop(replicas);
}

#[test]
fn each_change_is_one_log_line() {
    let Some(mut redis) = Redis::start() else { return };
    let data = TempDir::new().unwrap();
    let mut command = switchboard(&data);
    command
        .env("REDIS_URL", redis.url())
        .env("SWITCHBOARD__REDIS__TIMEOUT_MS", "5000")
        .env("SWITCHBOARD__REDIS__RETRY_MS", "10")
        .env("SWITCHBOARD__SERVER__DRAIN_DELAY_MS", "0");
    let served = process::Served::start(command);
    let mut stream = served.connect();
    let mut ready = || {
        served.send(&mut stream, "GET", "/api/v1/ready", "");
        let (status, body) = receive(&mut stream);
        assert_eq!(status, 200);
        body["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(ready(), "ready");
    redis.kill();
    for _ in 0..5 {
        assert_eq!(ready(), "degraded");
    }
    redis.restart();
    let back = (0..100_000).any(|_| ready() == "ready");
    assert!(back, "Redis was not taken back");
    served.signal("TERM");
    let (_, log) = served.ended();
    let lines: Vec<(&str, &str)> = log
        .iter()
        .filter_map(|line| {
            let message = line["message"].as_str()?;
            let word = ["are counted in Redis", "Redis is away"]
                .into_iter()
                .find(|word| message.contains(word))?;
            Some((word, line["cause"].as_str().unwrap_or_default()))
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("are counted in Redis", ""),
            ("Redis is away", "unreachable"),
            ("are counted in Redis", "")
        ]
    );
}

async fn ask(app: &TestApp) -> Reply {
    app.say("What are your hours?").await
}

async fn decisions(app: &TestApp, decision: &str, backend: &str) -> f64 {
    let labels = format!("decision=\"{decision}\",backend=\"{backend}\"");
    app.metric(&format!("switchboard_rate_limit_decisions_total{{{labels}}}"))
        .await
}

const UP: &str = "switchboard_rate_limit_backend_up{backend=\"redis\"}";

fn redis_check(ready: &Reply) -> String {
    let checks = ready.at("/checks").as_array().unwrap();
    let redis = checks.iter().find(|check| check["name"] == "redis").unwrap();
    redis["status"].as_str().unwrap().to_owned()
}

/// Lets the service's clock run until it has got Redis back.
async fn until_up(app: &TestApp) {
    for _ in 0..1_000 {
        if app.metric(UP).await == 1.0 {
            return;
        }
        app.hand.advance(Duration::from_millis(500));
    }
    panic!("Redis was not taken back");
}

#[tokio::test]
async fn when_redis_dies_each_replica_admits_its_share_until_it_is_back() {
    let Some(mut redis) = Redis::start() else { return };
    let app = TestApp::start_with(|config| {
        shared(config, &redis.url());
        config.rate_limit.burst = 6;
        config.redis.replicas = 3;
    })
    .await;
    let first = ask(&app).await;
    assert_eq!(first.header("ratelimit-policy"), "\"client\";q=6;w=360");
    assert_eq!(
        (decisions(&app, "allowed", "redis").await, app.metric(UP).await),
        (1.0, 1.0)
    );
    let ready = app.get("/api/v1/ready").await;
    assert_eq!(
        (ready.at("/status"), &*redis_check(&ready)),
        (&json!("ready"), "ok")
    );

    redis.kill();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(ask(&app).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 429, 429], "a third of six");
    assert_eq!(decisions(&app, "allowed", "fallback").await, 2.0);
    assert_eq!(decisions(&app, "limited", "fallback").await, 2.0);
    assert_eq!(app.metric(UP).await, 0.0);
    let ready = app.get("/api/v1/ready").await;
    assert_eq!(ready.status, 200, "an outage of Redis takes no replica away");
    assert_eq!(
        (ready.at("/status"), &*redis_check(&ready)),
        (&json!("degraded"), "degraded")
    );

    redis.restart();
    until_up(&app).await;
    assert_eq!(ask(&app).await.status, 200);
    assert_eq!(decisions(&app, "allowed", "redis").await, 2.0);
    assert_eq!(redis_check(&app.get("/api/v1/ready").await), "ok");
    app.stop().await;
}

/// Puts something else under this name.
async fn spoil(redis: &Redis, name: &str, with: &[&str]) {
    let mut connection = redis.connect().await;
    let _: i64 = ::redis::cmd("DEL")
        .arg(name)
        .query_async(&mut connection)
        .await
        .unwrap();
    let _: ::redis::Value = ::redis::cmd(with[0])
        .arg(name)
        .arg(&with[1..])
        .query_async(&mut connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_name_that_holds_something_else_is_the_trouble_of_its_client_alone() {
    let Some(redis) = Redis::start() else { return };
    let mut config = Config::default();
    shared(&mut config, &redis.url());
    config.rate_limit.burst = 100;
    let replica = Replica::start(&config).await;
    assert!(replica.admits(None, [192, 0, 2, 1]).await);
    let mut connection = redis.connect().await;
    let names: Vec<String> = ::redis::cmd("KEYS")
        .arg("switchboard:limit:*")
        .query_async(&mut connection)
        .await
        .unwrap();
    let name = names.iter().find(|name| !name.contains("probe")).unwrap();
    let counted_by = async |address: [u8; 4]| {
        let sender = replica.callers.sender(None, address.into()).unwrap();
        let decision = replica.limiter.check(&sender).await;
        assert!(decision.allowance.unwrap().admitted);
        decision.backend
    };
    for with in [&["LPUSH", "x"][..], &["SET", "a word"], &["HSET", "field", "1"]] {
        spoil(&redis, name, with).await;
        for _ in 0..2 {
            assert_eq!(counted_by([192, 0, 2, 1]).await, Backend::Fallback, "{with:?}");
            assert_eq!(counted_by([192, 0, 2, 2]).await, Backend::Redis, "{with:?}");
        }
        assert_eq!(
            replica.limiter.backend().await.state,
            BackendState::Up,
            "{with:?}"
        );
    }
    let _: i64 = ::redis::cmd("DEL")
        .arg(name)
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(
        counted_by([192, 0, 2, 1]).await,
        Backend::Redis,
        "all is well again"
    );
    replica.stop().await;

    // Nor does the probe's own name keep a service from Redis.
    spoil(&redis, "switchboard:limit:{probe}", &["LPUSH", "x"]).await;
    spoil(&redis, "switchboard:budget:{probe}:2026-03-02", &["LPUSH", "x"]).await;
    let replica = Replica::start(&config).await;
    assert!(replica.admits(None, [192, 0, 2, 1]).await);
    replica.stop().await;
}

#[tokio::test]
async fn a_service_whose_redis_is_not_there_starts_and_finds_it_later() {
    let Some(mut redis) = Redis::start() else { return };
    redis.kill();
    let app = TestApp::start_with(|config| shared(config, &redis.url())).await;
    assert_eq!(ask(&app).await.status, 200);
    assert_eq!(decisions(&app, "allowed", "fallback").await, 1.0);
    redis.restart();
    until_up(&app).await;
    assert_eq!(ask(&app).await.status, 200);
    assert_eq!(decisions(&app, "allowed", "redis").await, 1.0);
    app.stop().await;
}

#[tokio::test]
async fn a_slow_redis_costs_three_requests_20_ms_and_the_following_nothing() {
    let Some(redis) = Redis::start() else { return };
    let proxy = StallingProxy::before(redis.address()).await;
    let url = format!("redis://{}/0", proxy.address());
    let app = TestApp::start_with(|config| config.redis.url = Some(url.into())).await;
    assert_eq!(ask(&app).await.status, 200);
    assert_eq!(decisions(&app, "allowed", "redis").await, 1.0);

    proxy.stall(true);
    for _ in 0..3 {
        assert_eq!(app.metric(UP).await, 1.0, "a hiccup is no outage");
        let patience = app.hand.advance_once_awaited(Duration::from_millis(20));
        let (slow, ()) = tokio::join!(ask(&app), patience);
        assert_eq!(
            (slow.status.as_u16(), slow.header("x-process-time-ms")),
            (200, "20.000")
        );
    }
    // Time stands still from here: whoever waited for Redis would wait for ever.
    assert_eq!(ask(&app).await.header("x-process-time-ms"), "0.000");
    assert_eq!(decisions(&app, "allowed", "fallback").await, 4.0);
    assert_eq!(app.metric(UP).await, 0.0);

    proxy.stall(false);
    until_up(&app).await;
    assert_eq!(ask(&app).await.status, 200);
    assert_eq!(decisions(&app, "allowed", "redis").await, 2.0);
    app.stop().await;
}

#[tokio::test]
async fn over_a_shared_limit_a_safety_report_still_gets_in() {
    let Some(redis) = Redis::start() else { return };
    let app = TestApp::start_with(|config| {
        shared(config, &redis.url());
        config.rate_limit.burst = 1;
        config.safety_lane.client_burst = 2;
        config.safety_lane.client_per_minute = 1;
    })
    .await;
    assert_eq!(ask(&app).await.status, 200);
    assert_eq!(ask(&app).await.status, 429);
    let report = app.say("I can't breathe after taking the new tablets").await;
    assert_eq!(
        (report.status.as_u16(), report.at("/category")),
        (200, &json!("safety_compliance"))
    );
    let again = app.say("I can't breathe after taking the new tablets").await;
    assert_eq!(again.status, 429, "one client does not fill the lane");
    assert_eq!(decisions(&app, "safety_lane", "redis").await, 1.0);
    assert_eq!(decisions(&app, "limited", "redis").await, 2.0);
    for (outcome, count) in [("accepted", 1.0), ("refused", 1.0), ("client_full", 1.0)] {
        let series = format!("switchboard_safety_lane_total{{outcome=\"{outcome}\"}}");
        assert_eq!(app.metric(&series).await, count, "{outcome}");
    }
    let invalid = app
        .request(Method::POST, "/api/v1/classify")
        .body("x")
        .send()
        .await;
    assert_eq!(
        invalid.unwrap().status(),
        429,
        "the client's share of the lane is used up"
    );
    app.stop().await;
}
