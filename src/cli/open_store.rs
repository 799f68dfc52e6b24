//! Opens the configured store for one command, and closes it after. The service may run meanwhile: both see one database.

use std::os::unix::fs::MetadataExt as _;

use anyhow::Context as _;

use crate::clock::Clock;
use crate::config::Config;
use crate::privacy::Sealer;
use crate::store::{Page, Store};

/// Runs `work` on the store.
pub(super) fn with_store<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let sealer = Sealer::configured(&config.store)?;
        Store::prepare(&config.store)?;
        let store = Store::open(&config.store, sealer, Clock::system())
            .await
            .context("the store could not be opened")?;
        let outcome = work(&store).await;
        store.close().await;
        outcome
    })
}

/// Reads a `--limit`: what a page may hold.
pub(super) fn page_limit() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(Page::MAX))
}

/// Who runs the command, for the audit trail: the user that the operating system knows, which nobody can make up.
pub(super) fn actor() -> String {
    match std::fs::metadata("/proc/self") {
        Ok(this) => format!("cli:uid-{}", this.uid()),
        Err(_) => "cli".to_owned(),
    }
}
