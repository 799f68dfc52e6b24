//! The keys file: read at start, and again whenever its content changes.
//!
//! A file that is wrong at start ends the start. One that becomes wrong later (a mistake, no keys, gone) changes nothing: the keys that
//! were read last stay valid, and one log line says what is wrong. Write it whole and move it into place, so that no half of it is
//! ever read.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::Callers;
use crate::clock::Clock;
use crate::config::keys::parse_keys_file;
use crate::config::{Config, InvalidSetting, KeyConfig};
use crate::telemetry::metrics::AdmissionMetrics;

/// How often the file is looked at: often enough for whoever withdraws a key, and a page of text costs nothing to read.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Some thousand keys; more is a mistake.
const MAX_BYTES: u64 = 1024 * 1024;

/// What the file held, or why it could not be read.
type Content = Result<String, String>;

/// The keys file as it was read last.
#[derive(Debug)]
pub struct KeysFile {
    /// Its keys; none where no file is configured.
    pub keys: Vec<KeyConfig>,
    content: Content,
}

impl KeysFile {
    /// Reads `auth.keys_file`, where there is one.
    ///
    /// # Errors
    /// [`InvalidSetting`] for `auth.keys_file` when it cannot be read or is wrong.
    pub fn read(config: &Config) -> Result<Self, InvalidSetting> {
        let Some(path) = &config.auth.keys_file else {
            return Ok(Self {
                keys: Vec::new(),
                content: Err(String::new()),
            });
        };
        let content = read_small(path).map_err(|error| error.to_string());
        let keys = keys_of(&content, path, config)?;
        Ok(Self { keys, content })
    }

    /// Keeps `callers` up with the file until told to stop.
    pub async fn watch(
        self,
        config: Config,
        callers: Arc<Callers>,
        clock: Clock,
        metrics: AdmissionMetrics,
        stopping: CancellationToken,
    ) {
        let Some(path) = &config.auth.keys_file else {
            return;
        };
        let mut last = self.content;
        let work = async {
            loop {
                clock.sleep(LOOK_EVERY).await;
                let now = read_small_later(path).await;
                if now == last {
                    continue;
                }
                match keys_of(&now, path, &config) {
                    Ok(keys) => {
                        callers.replace_file_keys(&keys);
                        metrics.keys_reload(true);
                        info!(
                            keys = keys.len(),
                            "the keys file changed: its keys are valid from now on"
                        );
                    }
                    Err(wrong) => {
                        metrics.keys_reload(false);
                        error!(%wrong, "the keys file is wrong: the keys that were read before stay valid");
                    }
                }
                last = now;
            }
        };
        tokio::select! {
            () = work => {}
            () = stopping.cancelled() => {}
        }
    }
}

fn read_small(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX_BYTES {
        return Err(too_large());
    }
    std::fs::read_to_string(path)
}

/// The same, without holding up the thread.
async fn read_small_later(path: &Path) -> Content {
    let read = async {
        if tokio::fs::metadata(path).await?.len() > MAX_BYTES {
            return Err(too_large());
        }
        tokio::fs::read_to_string(path).await
    };
    read.await.map_err(|error| error.to_string())
}

fn too_large() -> std::io::Error {
    std::io::Error::new(ErrorKind::FileTooLarge, "it is larger than 1 MiB")
}

fn keys_of(content: &Content, path: &Path, config: &Config) -> Result<Vec<KeyConfig>, InvalidSetting> {
    let wrong = |problem: String| InvalidSetting::new("auth.keys_file", problem);
    let text = content.as_ref().map_err(|why| {
        wrong(format!(
            "names a file that cannot be read: {}: {why}",
            path.display()
        ))
    })?;
    let keys = parse_keys_file(text, &config.auth.known(&config.operator))?;
    if keys.is_empty() {
        return Err(wrong(
            "holds no keys; to withdraw the last one, let it expire".to_owned(),
        ));
    }
    config.check_budgets(&keys)?;
    Ok(keys)
}
