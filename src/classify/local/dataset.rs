//! Labelled messages: JSON lines in, checked rows out.
//!
//! A line is `{"text", "category", "severity"?, "intent"?, "channel"?, "id"?, "source"?, "soft"?}`. Severity counts for
//! safety messages, intent for the others that have one; a missing one teaches that head nothing. A line that is not
//! of that shape is refused with its number: a silently skipped row would be a silently worse model.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::classify::label::{Category, Intent, Severity};
use crate::message::Channel;

/// One labelled message.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    /// Name of the row, for predictions.
    #[serde(default)]
    pub id: String,
    /// The customer's words.
    pub text: String,
    /// What it is.
    pub category: Category,
    /// How urgent a safety message is.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// What is wanted.
    #[serde(default)]
    pub intent: Option<Intent>,
    /// Where it came from.
    #[serde(default)]
    pub channel: Channel,
    /// Where the row is from, as the model card counts them.
    #[serde(default)]
    pub source: String,
    /// Probability of each of the 12 outputs, where a larger model was asked instead of a person.
    #[serde(default)]
    pub soft: Option<Vec<f32>>,
    /// Whether the row was written to be hard to decide.
    #[serde(default)]
    pub hard: bool,
}

/// Why labelled messages were refused.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A line is not a labelled message.
    #[error("{}, line {line}: not a labelled message", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A file without a single row.
    #[error("{} holds no labelled message", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// Every row of a file; blank lines are skipped.
///
/// # Errors
/// [`DatasetError`] naming the file and the line.
pub fn read(path: &Path) -> Result<Vec<Row>, DatasetError> {
    let text = std::fs::read_to_string(path).map_err(|source| DatasetError::Read {
        path: path.to_owned(),
        source,
    })?;
    let rows = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|source| DatasetError::Line {
                path: path.to_owned(),
                line: index + 1,
                source,
            })
        })
        .collect::<Result<Vec<Row>, _>>()?;
    if rows.is_empty() {
        return Err(DatasetError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(rows)
}
