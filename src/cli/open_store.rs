//! Opens the configured store for one command, and closes it after. The service may run meanwhile: both see one database.
//!
//! Only the service makes a store and its data key. A command that finds none says so: an empty list from the wrong folder looks as if nobody
//! had reported anything, and a new key as if the old one had never been.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

use anyhow::Context as _;

use crate::clock::Clock;
use crate::config::store::StoreConfig;
use crate::config::{Config, InvalidSetting};
use crate::privacy::Sealer;
use crate::store::{Listed, NewAuditEntry, Page, Store};
use crate::telemetry::metrics::Metrics;

/// Runs `work` on the store.
pub(super) fn with_store<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        Store::check(&config.store)?;
        let exists = Store::exists(&config.store).await;
        let unopened = || format!("the store could not be opened: {}", config.store.place());
        if !exists.with_context(unopened)? {
            return Err(no_records(&config.store).into());
        }
        let Some(sealer) = Sealer::existing(&config.store)? else {
            return Err(InvalidSetting::new(
                "store.data_dir",
                "holds records, but no data.key to read them with: put it back there, or set SWITCHBOARD_DATA_KEY",
            )
            .into());
        };
        // Nobody scrapes a command.
        let metrics = Arc::new(Metrics::off());
        let store = Store::open(&config.store, sealer, Clock::system(), metrics)
            .await
            .with_context(unopened)?;
        let outcome = work(&store).await;
        store.close().await;
        outcome
    })
}

fn no_records(config: &StoreConfig) -> InvalidSetting {
    match config.database_url {
        Some(_) => InvalidSetting::new(
            "store.database_url",
            "leads to a database that holds no records: is it the one that the service uses?",
        ),
        None => {
            let problem = format!(
                "is {}, which holds no records: run this where the service runs, or with its settings",
                config.data_dir.display()
            );
            InvalidSetting::new("store.data_dir", problem)
        }
    }
}

/// Tells on standard error that a list goes on where it was cut.
pub(super) fn told_of_the_cut<R>(listed: &Listed<R>) -> std::io::Result<()> {
    match listed.next {
        None => Ok(()),
        Some(_) => writeln!(
            std::io::stderr(),
            "these are {}, there are more: see --limit",
            listed.items.len()
        ),
    }
}

/// Reads a `--limit`: what a page may hold.
pub(super) fn page_limit() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(Page::MAX))
}

/// Has the audit trail say that whoever runs the command does `action`, before it is done: what cannot be noted is not done.
pub(super) async fn note(
    store: &Store,
    action: &'static str,
    subject: &str,
    detail: &serde_json::Value,
) -> anyhow::Result<()> {
    let entry = NewAuditEntry::new(actor(), action, subject.to_owned(), detail);
    Ok(store.audit(entry).await?)
}

/// Who runs the command, for the audit trail: the user that the operating system knows, which nobody can make up.
pub(super) fn actor() -> String {
    match std::fs::metadata("/proc/self") {
        Ok(this) => format!("cli:uid-{}", this.uid()),
        Err(_) => "cli".to_owned(),
    }
}
