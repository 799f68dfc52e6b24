//! Ten processes share one PostgreSQL: they start at once on an empty database, deliver every record once, and announce a breach
//! once.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchboard::clock::Clock;
use switchboard::privacy::Sealer;
use switchboard::store::{JobFilter, JobState, Page, Routes, Store};

use crate::crash::Served;
use crate::database::{Database, report, uncounted, unit};
use crate::harness::client;
use crate::outside::{Outside, answer};

const REPLICAS: usize = 10;
const MESSAGES: usize = 40;
const BREACHES: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_processes_on_one_postgres_do_everything_once() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    std::fs::create_dir_all(&database.config.data_dir).unwrap();
    let ticketing = Outside::start(|_| answer(200, json!({}))).await;
    let compliance = Outside::start(|_| answer(200, json!({}))).await;
    // Each in a thread of its own: starting waits for the address, and all must race for the migrations.
    let replicas: Vec<Served> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..REPLICAS)
            .map(|_| {
                scope.spawn(|| Served::start_patient(&database, &ticketing.url, &compliance.url, 25_000))
            })
            .collect();
        starting
            .into_iter()
            .map(|replica| replica.join().unwrap())
            .collect()
    });
    let http = client();
    let posts = join_all((0..MESSAGES).map(|n| {
        let request = http.post(&replicas[n % REPLICAS].url);
        let message = "I took the new tablets and now my throat is swelling and I can't breathe";
        request.json(&json!({ "message": message })).send()
    }))
    .await;
    let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
    for post in posts {
        let body: Value = serde_json::from_str(&post.unwrap().text().await.unwrap()).unwrap();
        let reference = body["next_step"]["reference"].as_str().unwrap();
        wanted.insert(format!("{reference}:compliance:create"), 1);
    }
    // Reports that are overdue already when they are stored.
    let clock = Clock::system();
    let sealer = Sealer::configured(&database.config).unwrap();
    let store = Store::open(&database.config, sealer, clock.clone(), uncounted())
        .await
        .unwrap();
    let routes = Routes {
        compliance: true,
        ..Routes::default()
    };
    for n in 0..BREACHES {
        let mut late = report(&format!("LATE-{n}"), clock.now() - Duration::from_secs(3600));
        late.jobs = routes.jobs(late.kind);
        store.commit(unit([late])).await.unwrap();
        wanted.insert(format!("LATE-{n}:compliance:create"), 1);
        wanted.insert(format!("LATE-{n}:compliance:sla_breached"), 1);
    }
    let done = async || {
        let filter = JobFilter {
            state: Some(JobState::Done),
            ..JobFilter::default()
        };
        let page = Page {
            before: None,
            limit: Page::MAX,
        };
        store.list_jobs(&filter, page).await.unwrap().items.len()
    };
    while done().await < wanted.len() {
        clock.sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(compliance.keys(), wanted, "each once");
    assert!(ticketing.received().is_empty());
    let verified = store.audit_verify().await.unwrap().unwrap();
    assert!(
        verified.heads.len() > REPLICAS,
        "a chain each: {}",
        verified.heads.len()
    );
    let (mut chain, mut seq, mut breached) = (String::new(), 0, 0);
    loop {
        let page = store.audit_page(&chain, seq).await.unwrap();
        let Some(last) = page.last() else { break };
        (chain, seq) = (last.chain.clone(), last.seq);
        breached += page.iter().filter(|entry| entry.action == "sla.breached").count();
    }
    assert_eq!(breached, BREACHES, "each marked once");
    store.close().await;
    drop(replicas);
}
