//! How fast texts are redacted: ordinary messages, messages full of identifiers, and texts made to be slow.
//!
//! Run with `cargo bench --bench redaction`. Bytes a second are the figure to watch: at least 20 MB/s on ordinary messages on one
//! core, and for the adversarial megabytes, both forms of each, about the same time.

use divan::{Bencher, counter::BytesCount};
use switchboard::privacy::Redactor;

fn main() {
    divan::main();
}

fn texts(corpus: &str) -> Vec<String> {
    corpus
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line)
                .ok()?
                .get("text")?
                .as_str()
                .map(str::to_owned)
        })
        .collect()
}

fn redact_all(bencher: Bencher<'_, '_>, corpus: &str) {
    let redactor = Redactor::new();
    let texts = texts(corpus);
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        texts
            .iter()
            .map(|text| redactor.redact(text).spans.len())
            .sum::<usize>()
    });
}

#[divan::bench]
fn ordinary_messages(bencher: Bencher<'_, '_>) {
    redact_all(bencher, include_str!("../models/data/train.jsonl"));
}

/// One message of a hundred characters, in both forms, as a request needs it.
#[divan::bench]
fn one_message(bencher: Bencher<'_, '_>) {
    let redactor = Redactor::new();
    let text = "Hi, my refill has not come yet and I only have tablets for two days. Could you tell me where it is ?";
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| redactor.redact_both(divan::black_box(text)).0.spans.len());
}

#[divan::bench]
fn messages_with_identifiers(bencher: Bencher<'_, '_>) {
    redact_all(bencher, include_str!("../tests/corpus/redaction_tuning.jsonl"));
}

/// One megabyte of each.
const ADVERSARIAL: [(&str, &str); 20] = [
    ("dotted_letters", "a."),
    ("brackets", "[[(("),
    ("digits", "1234567890"),
    ("single_digits", "1 2 "),
    ("number_words", "one two three "),
    ("at_signs", "a@"),
    ("emails", "a@b.com "),
    ("spoken_at", "a at b dot "),
    ("cues", "ssn dob mrn "),
    ("names", "My Name Is John "),
    ("colons", "a:"),
    ("grouped_digits", "123-45-67"),
    ("fields", "name="),
    ("names_alone", "John "),
    ("signatures", "regards\n"),
    ("names_beside_cues", "and Ann "),
    ("phones_in_a_row", "00491 22 333333 "),
    ("ssns", "123-45-6789 "),
    (
        "all_kinds",
        "call Ann at 415-555-0123 or a@b.com, ssn 123-45-6789 ",
    ),
    ("values_behind_a_cue", "passport 12AB 12AC 12AD 12AE 12AF\n"),
];

#[divan::bench(args = ADVERSARIAL.map(|(name, _)| name), sample_count = 5)]
fn a_megabyte_of(bencher: Bencher<'_, '_>, name: &str) {
    let redactor = Redactor::new();
    let unit = ADVERSARIAL
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("x", |(_, unit)| unit);
    let text = unit.repeat(1_000_000 / unit.len());
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| redactor.redact_both(&text).0.spans.len());
}
