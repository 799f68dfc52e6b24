//! What keeping a record costs: commits with and without company, on a real file with every flush, and the sealing alone.
//!
//! `cargo bench --bench store`. Group commit shows as the difference between `commit/1` and `commit/64` per record.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first error"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::Bencher;
use divan::counter::ItemsCount;
use secrecy::SecretString;
use switchboard::clock::Clock;
use switchboard::config::StoreConfig;
use switchboard::privacy::Sealer;
use switchboard::store::{NewRecord, RecordKind, Store, Unit};
use switchboard::telemetry::metrics::Metrics;

fn main() {
    divan::main();
}

static REFERENCES: AtomicU64 = AtomicU64::new(0);
const TEXT: &str =
    "I took two of the tablets this morning and since then my face is swollen and I cannot breathe properly.";

fn report(clock: &Clock) -> NewRecord {
    let now = clock.now();
    NewRecord {
        reference: format!("SAF-{:012}", REFERENCES.fetch_add(1, Ordering::Relaxed)),
        kind: RecordKind::Compliance,
        queue: "pharmacovigilance".to_owned(),
        received_at: now,
        due_at: Some(now + std::time::Duration::from_secs(900)),
        severity: Some("urgent"),
        category: "safety_compliance",
        intent: None,
        channel: "chat",
        request_id: "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b".to_owned(),
        client_id: "shop".to_owned(),
        summary: "Swelling and shortness of breath after a medicine".to_owned(),
        redacted_text: TEXT.to_owned(),
        verbatim: SecretString::from(TEXT),
        details: serde_json::json!({ "criteria": { "reporter": true, "patient": true, "product": false, "event": true },
            "missing": ["product"], "day_zero": now.to_string() }).to_string(),
        jobs: Vec::new(),
        same_event: None,
    }
}

#[divan::bench(args = [1, 8, 64])]
fn commit(bencher: Bencher<'_, '_>, at_once: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let dir = tempfile::tempdir_in(".").unwrap();
    let config = StoreConfig {
        data_dir: dir.path().join("data"),
        ..StoreConfig::default()
    };
    let clock = Clock::system();
    let sealer = Sealer::configured(&config).unwrap();
    let store = runtime
        .block_on(Store::open(
            &config,
            sealer,
            clock.clone(),
            Arc::new(Metrics::off()),
        ))
        .unwrap();
    bencher.counter(ItemsCount::new(at_once)).bench_local(|| {
        runtime.block_on(async {
            let tasks = switchboard::lifecycle::Tasks::default();
            let (sent, mut received) = tokio::sync::mpsc::unbounded_channel();
            for _ in 0..at_once {
                let (store, clock, sent) = (store.clone(), clock.clone(), sent.clone());
                tasks.spawn(async move {
                    let records = vec![report(&clock)];
                    store
                        .commit(Unit {
                            records,
                            ..Unit::default()
                        })
                        .await
                        .unwrap();
                    sent.send(()).unwrap();
                });
            }
            drop(sent);
            while received.recv().await.is_some() {}
        });
    });
    runtime.block_on(store.close());
}

#[divan::bench]
fn seal(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let sealer = Sealer::kept_in(dir.path(), &[]).unwrap();
    bencher.bench_local(|| sealer.seal("SAF-000000000000", TEXT).unwrap());
}
