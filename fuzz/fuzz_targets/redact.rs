//! Redacts any text: no panic, spans in order and in range, and a second redaction changes nothing.
#![no_main]
#![allow(dead_code, unused_imports, unreachable_pub)]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[macro_use]
#[path = "../../src/closed_set.rs"]
mod closed_set;

/// The redaction half of `src/privacy`; sealing texts needs half the service.
#[path = "../../src/privacy"]
mod privacy {
    mod compiled;
    mod cues;
    mod custom;
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

    pub use redactor::Redactor;
}

#[path = "../../src/config"]
mod config {
    pub mod privacy;
}

#[path = "../../src/reference.rs"]
mod reference;

static REDACTOR: LazyLock<privacy::Redactor> = LazyLock::new(privacy::Redactor::new);

fuzz_target!(|text: &str| {
    let redaction = REDACTOR.redact(text);
    let characters = text.chars().count();
    let mut done = 0;
    for span in &redaction.spans {
        assert!(span.start >= done && span.start < span.end && span.end <= characters, "{span:?}");
        done = span.end;
    }
    if !redaction.is_withheld() {
        assert_eq!(REDACTOR.redact(redaction.text.as_str()).text, redaction.text);
    }
});
