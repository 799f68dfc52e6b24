//! Privacy: the redacted copy of a text, the only one that may leave the record.
//!
//! `redactor.rs` is the engine, `recognizers/` the tables, `normalise.rs` and `spoken.rs` undo disguises, `metadata.rs` redacts
//! structured facts, `message_hash.rs` names a message without telling it, `encryption.rs` seals
//! the verbatim text that the record keeps.

mod cues;
pub mod encryption;
pub mod kind;
pub mod message_hash;
pub mod metadata;
mod normalise;
mod recognizers;
pub mod redactor;
mod spoken;

pub use encryption::{EncryptionError, Sealed, Sealer};
pub use kind::IdentifierKind;
pub use message_hash::MessageHasher;
pub use metadata::RedactedMetadata;
pub use redactor::{RecognizerError, Redacted, Redaction, Redactor, Span};
