//! The Request Tracker client against the real thing: Request Tracker 5 from Debian's packages, on SQLite, in a temporary directory.
//!
//! Skipped, and saying so, where it is not installed; `docs/records.md` says how to install and run it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use switchboard::breaker_state::BreakerState;
use switchboard::clock::Clock;
use switchboard::config::{DeliveryConfig, SystemKind, TicketingConfig};
use switchboard::delivery::{Round, Unobserved, Worker};
use switchboard::integrations::error::CallError;
use switchboard::integrations::event::{Event, EventType};
use switchboard::integrations::http_client::HttpClient;
use switchboard::integrations::outbound::OutsideSystem;
use switchboard::integrations::request_tracker::RequestTracker;
use switchboard::store::{JobFilter, JobState, Page, TICKETING};
use tokio_util::sync::CancellationToken;

use crate::database::{Database, job, report, unit};
use crate::harness::client;
use crate::outside_systems::event;

const SERVER: &str = "/usr/share/request-tracker5/libexec/standalone_httpd";
const SETUP: &str = "/usr/sbin/rt-setup-database-5";

/// Makes the site, then serves it until standard input closes: $1 directory, $2 port, $3 setup, $4 server.
const SCRIPT: &str = r#"
    set -e
    mkdir -p "$1/etc/site.d" "$1/var"
    cat >"$1/etc/RT_SiteConfig.pm" <<END
Set(\$rtname, 'contact.test'); Set(\$Organization, 'contact.test');
Set(\$WebDomain, '127.0.0.1'); Set(\$WebPort, $2); Set(\$WebPath, ''); Set(\$WebBaseURL, 'http://127.0.0.1:$2');
Set(\$DatabaseType, 'SQLite'); Set(\$DatabaseName, '$1/var/rt5.sqlite'); Set(\$DatabaseHost, '');
Set(\$WebSessionClass, 'Apache::Session::File'); Set(\$LogToSyslog, undef); Set(\$LogToSTDERR, 'error');
Set(\$MailCommand, 'testfile'); Set(\$RestrictReferrer, 0);
1;
END
    export RT_SITE_CONFIG="$1/etc/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR="$1/etc/site.d"
    [ -s "$1/var/rt5.sqlite" ] || "$3" --action init --skip-create --dba root --dba-password '' </dev/null >"$1/log" 2>&1 \
        || { cat "$1/log" >&2; exit 1; }
    perl -I/usr/share/request-tracker5/lib -MRT -e '
        RT::LoadConfig(); RT::Init(); require RT::AuthToken;
        my $root = RT::User->new(RT->SystemUser); $root->Load("root");
        my ($ok, $message, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $root->Id, Description => "test");
        print "$token\n";' 2>>"$1/log"
    "$4" --host 127.0.0.1 --port "$2" >>"$1/log" 2>&1 &
    server=$!
    cat >/dev/null || true
    exec 2>/dev/null
    kill "$server"
    wait "$server" || true
"#;

/// A running Request Tracker; stopped when dropped.
struct Tracker {
    url: String,
    token: String,
    http: reqwest::Client,
    child: Child,
}

impl Tracker {
    async fn start(dir: &Path, port: u16) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", SCRIPT, "request-tracker-for-tests"])
            .arg(dir)
            .args([&port.to_string(), SETUP, SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut token = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut token)
            .unwrap();
        let tracker = Self {
            url: format!("http://127.0.0.1:{port}"),
            token: token.trim().to_owned(),
            http: client(),
            child,
        };
        assert!(tracker.token.starts_with("1-"), "no token, so no Request Tracker");
        let clock = Clock::system();
        while tracker.http.get(&tracker.url).send().await.is_err() {
            clock.sleep(Duration::from_millis(50)).await;
        }
        tracker
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/REST/2.0/{path}", self.url));
        let response = request.basic_auth("root", Some("password")).send().await.unwrap();
        response.json().await.unwrap()
    }

    /// How many tickets name this reference.
    async fn tickets(&self, reference: &str) -> u64 {
        let found = self
            .get(&format!("tickets?query=Subject%20LIKE%20%27{reference}%27"))
            .await;
        found["total"].as_u64().unwrap()
    }

    fn client(&self, queue: &str, user: Option<&str>, secret: &str) -> RequestTracker {
        let http = HttpClient::new(Clock::system(), Duration::from_secs(60)).unwrap();
        RequestTracker::new(
            &self.url,
            queue.to_owned(),
            user.map(str::to_owned),
            secret.into(),
            http,
        )
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn about(reference: &str, event_type: EventType, maybe_sent: bool) -> Event {
    let mut event = event(event_type, maybe_sent);
    event.record.reference = reference.to_owned();
    event.key = format!(
        "{reference}:ticketing:{}",
        if event_type == EventType::Created {
            "create"
        } else {
            "breach"
        }
    );
    event
}

#[tokio::test]
async fn a_real_request_tracker_takes_each_record_once_and_its_breach_once() {
    if !Path::new(SERVER).is_file() || !Path::new(SETUP).is_file() {
        eprintln!(
            "SKIPPED: Request Tracker 5 is not installed (docs/records.md), its contract was not checked"
        );
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let tracker = Tracker::start(dir.path(), port).await;

    // By password and by token: a ticket each, found again when it may have been sent before.
    let by_password = tracker.client("General", Some("root"), "password");
    let by_token = tracker.client("General", None, &tracker.token);
    for (reference, system) in [("SAF-1", &by_password), ("SAF-11", &by_token)] {
        let made = system
            .deliver(&about(reference, EventType::Created, false))
            .await
            .unwrap();
        let again = system
            .deliver(&about(reference, EventType::Created, true))
            .await
            .unwrap();
        assert_eq!(made, again);
        let ticket = tracker.get(&format!("ticket/{made}")).await;
        assert_eq!(
            ticket["Subject"],
            json!(format!("[{reference}] Reaction after a medicine"))
        );
        assert_eq!(ticket["Queue"]["id"], "1");
        assert_eq!(ticket["Status"], "new");
        assert_eq!(tracker.tickets(&format!("[{reference}]")).await, 1, "{reference}");
    }
    // Never sent, although it might have been: made now, and SAF-1 is not mistaken for it.
    let third = by_token
        .deliver(&about("SAF-111", EventType::Created, true))
        .await
        .unwrap();
    assert_eq!(third, "3");

    // A breach is one comment, whose text an agent can read.
    for maybe_sent in [false, true] {
        assert_eq!(
            by_token
                .deliver(&about("SAF-1", EventType::SlaBreached, maybe_sent))
                .await
                .unwrap(),
            "1"
        );
    }
    let history = tracker.get("ticket/1/history?fields=Type&per_page=100").await;
    let of_type = |wanted: &str| {
        let items = history["items"].as_array().unwrap();
        items.iter().filter(|item| item["Type"] == wanted).count()
    };
    assert_eq!((of_type("Create"), of_type("Comment")), (1, 1), "{history}");
    let no_ticket = by_token
        .deliver(&about("SAF-9", EventType::SlaBreached, false))
        .await
        .unwrap_err();
    assert_eq!(
        no_ticket,
        CallError::GiveUp {
            code: "no_ticket".to_owned()
        }
    );

    // What only a change of the configuration mends.
    for (system, code) in [
        (tracker.client("General", Some("root"), "wrong"), "http_401"),
        (tracker.client("General", None, "1-2-abc"), "http_401"),
        (tracker.client("Nowhere", Some("root"), "password"), "http_403"),
    ] {
        let error = system
            .deliver(&about("SAF-2", EventType::Created, false))
            .await
            .unwrap_err();
        assert_eq!(
            error,
            CallError::Reconfigure {
                code: code.to_owned()
            }
        );
    }
    assert_eq!(tracker.tickets("[SAF-2]").await, 0);

    let tracker = outage(dir.path(), port, tracker).await;
    eprintln!(
        "Request Tracker {}: {} tickets, each record once",
        tracker.get("rt").await["Version"],
        tracker.tickets("[").await
    );
}

/// The whole way from the outbox, with the tracker gone in between: nothing is lost and nothing is made twice.
async fn outage(dir: &Path, port: u16, tracker: Tracker) -> Tracker {
    let database = Database::sqlite().await.unwrap();
    let store = database.open().await;
    let config = TicketingConfig {
        system: SystemKind::RequestTracker,
        url: Some(tracker.url.clone()),
        secret: Some("password".into()),
        user: Some("root".to_owned()),
        queue: Some("General".to_owned()),
    };
    let http = HttpClient::new(database.clock.clone(), Duration::from_secs(60)).unwrap();
    let system = OutsideSystem::ticketing(&config, &http).unwrap().unwrap();
    let (clock, delivery) = (database.clock.clone(), DeliveryConfig::default());
    let mut worker = Worker::new(
        TICKETING,
        system,
        store.clone(),
        clock,
        &delivery,
        Arc::new(Unobserved),
    );
    let go = CancellationToken::new();
    let record = |n: usize| {
        let mut record = report(&format!("OUT-{n}"), database.clock.now());
        record.jobs.push(job(TICKETING));
        record
    };

    drop(tracker);
    store.commit(unit((0..4).map(record))).await.unwrap();
    let round = worker.round(&go).await.unwrap();
    assert_eq!(
        round,
        Round {
            retried: 4,
            ..Round::default()
        }
    );
    let tracker = Tracker::start(dir, port).await;
    assert_eq!(worker.breaker(), BreakerState::Closed);
    database.hand.advance(Duration::from_secs(60));
    let round = worker.round(&go).await.unwrap();
    assert_eq!(
        round,
        Round {
            done: 4,
            ..Round::default()
        }
    );
    for n in 0..4 {
        assert_eq!(tracker.tickets(&format!("[OUT-{n}]")).await, 1);
    }
    let filter = JobFilter {
        state: Some(JobState::Done),
        ..JobFilter::default()
    };
    let done = store.list_jobs(&filter, Page::default()).await.unwrap().items;
    let mut ids: Vec<String> = done.into_iter().filter_map(|job| job.outcome).collect();
    ids.sort();
    assert_eq!(ids, ["4", "5", "6", "7"], "the tracker's numbers are kept");
    store.close().await;
    tracker
}
