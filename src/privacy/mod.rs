//! Privacy: the redacted copy of a text, the only one that may leave the record.

pub mod redactor;

pub use redactor::{Redacted, Redaction, Redactor};
