//! Privacy: the redacted copy of a text, the only one that may leave the record.
//!
//! Read `redactor.rs` first: it folds a text into what a reader sees (`normalise.rs`, `spoken/`), scans it once for cue words and what else
//! recognizers want to know (`scan.rs`, `lexicon.rs`, `traits.rs`, `cues.rs`), runs the recognizers (`recognizers/` are the tables,
//! `compiled.rs` matches them, `custom.rs` holds the operator's own) and masks what they found (`findings.rs`). `keys.rs` knows which keys
//! of JSON and forms name an identifier, `encryption.rs` seals the verbatim text that the record keeps.

mod compiled;
mod cues;
mod custom;
pub mod encryption;
mod findings;
mod keys;
pub mod kind;
mod lexicon;
mod normalise;
mod recognizers;
mod redaction;
pub mod redactor;
mod scan;
mod sense;
mod spoken;
mod traits;
mod word_hash;

pub use custom::RecognizerError;
pub use encryption::{EncryptionError, Sealed, Sealer};
pub use kind::IdentifierKind;
pub use recognizers::is_card_number;
pub use redaction::{Redacted, Redaction, Span};
pub use redactor::Redactor;
