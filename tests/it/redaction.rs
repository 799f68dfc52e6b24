//! Redaction, measured on a corpus of invented messages, and its properties on any text.
//!
//! Every set was written before the recognizers were measured on it, then joined the regression tests; what counts for a text never seen
//! before is the first reading. Leaks of patterned, contextual and spoken identifiers then, in percent, each after what the one before had
//! shown: `redaction_holdout` 7.8, 11.5, 6.2; `redaction_first_read_1` 6.0, 22.1, 9.5; `_2` 6.2, 10.2, 15.8; `_3` 5.1, 12.5, 6.5 and its last
//! 194 messages 2.5, 5.7, 2.8; then by another hand, with rarer names and places, `_4` 4.5, 18.3, 13.9; `_5` 1.7, 12.9, 6.5; `_6` 5.9, 9.7,
//! 5.2; `_7` 1.1, 9.3, 6.6; `_8` 4.8, 10.7, 7.7; `_9` 2.6, 13.6, 1.8; `_10`, whose first 251 messages seek what was known to leak, 3.4, 23.9,
//! 12.9, then 115 ordinary ones 4.8, 10.2, 4.0, and its last 65 0.0, 10.7, 0.0; then by a third hand `_11` 2.4, 19.4, 9.1; `_12` 0.0, 19.7, 20.0
//! (of 15 spoken ones); of the small `_13` to `_16` contextual
//! ones alone 4.9, 2.9, 19.6 and 3.5, of which the recognizers before `_11` leaked 8.2, 15.7, 25.0 and 12.3; the last 94 messages of `_15` are negatives
//! made to be taken for names and towns, 13 of which were. `redaction_tuning` was looked at from the beginning. All hold messages
//! with exact spans, and negatives that must stay as they are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde::Deserialize;
use switchboard::privacy::{Redaction, Redactor};

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);

#[derive(Deserialize)]
struct Message {
    text: String,
    category: String,
    spans: Vec<GoldSpan>,
}

#[derive(Deserialize)]
struct GoldSpan {
    start: usize,
    end: usize,
}

/// What a corpus came out at.
#[derive(Debug, Default)]
struct Scores {
    /// Identifiers, and those with a letter or digit left, by category.
    leaks: BTreeMap<String, (usize, usize)>,
    negatives: usize,
    touched_negatives: usize,
    other_characters: usize,
    over_redacted: usize,
    found: usize,
    found_rightly: usize,
}

impl Scores {
    fn of(corpus: &str) -> Self {
        let mut scores = Self::default();
        for line in corpus.lines() {
            scores.add(&serde_json::from_str(line).expect("the corpus is JSON lines"));
        }
        scores
    }

    fn add(&mut self, message: &Message) {
        let characters: Vec<char> = message.text.chars().collect();
        let redaction = REDACTOR.redact(&message.text);
        let mut masked = vec![false; characters.len()];
        let mut gold = vec![false; characters.len()];
        for span in &redaction.spans {
            masked[span.start..span.end].fill(true);
        }
        for span in &message.spans {
            gold[span.start..span.end].fill(true);
            let (all, leaked) = self.leaks.entry(message.category.clone()).or_default();
            *all += 1;
            *leaked +=
                usize::from((span.start..span.end).any(|at| characters[at].is_alphanumeric() && !masked[at]));
        }
        for span in &redaction.spans {
            self.found += 1;
            self.found_rightly += usize::from(gold[span.start..span.end].contains(&true));
        }
        if message.spans.is_empty() {
            self.negatives += 1;
            self.touched_negatives += usize::from(!redaction.spans.is_empty());
        } else {
            for at in (0..characters.len()).filter(|at| !gold[*at] && !characters[*at].is_whitespace()) {
                self.other_characters += 1;
                self.over_redacted += usize::from(masked[at]);
            }
        }
    }

    fn assert_within_targets(&self) {
        let rate = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        for (category, target) in [("patterned", 0.02), ("contextual", 0.08), ("spoken", 0.08)] {
            let (all, leaked) = self.leaks[category];
            assert!(
                all > 50 && rate(leaked, all) <= target,
                "{category}: {leaked} of {all} leak"
            );
        }
        assert!(self.negatives > 50, "too few negatives");
        assert!(rate(self.touched_negatives, self.negatives) <= 0.04, "{self:?}");
        assert!(
            rate(self.over_redacted, self.other_characters) <= 0.02,
            "{self:?}"
        );
        assert!(rate(self.found_rightly, self.found) >= 0.97, "{self:?}");
    }
}

#[test]
fn every_corpus_is_within_the_targets() {
    for corpus in [
        include_str!("../corpus/redaction_tuning.jsonl"),
        include_str!("../corpus/redaction_holdout.jsonl"),
        include_str!("../corpus/redaction_first_read_1.jsonl"),
        include_str!("../corpus/redaction_first_read_2.jsonl"),
        include_str!("../corpus/redaction_first_read_3.jsonl"),
        include_str!("../corpus/redaction_first_read_4.jsonl"),
        include_str!("../corpus/redaction_first_read_5.jsonl"),
        include_str!("../corpus/redaction_first_read_6.jsonl"),
        include_str!("../corpus/redaction_first_read_7.jsonl"),
        include_str!("../corpus/redaction_first_read_8.jsonl"),
        include_str!("../corpus/redaction_first_read_9.jsonl"),
        include_str!("../corpus/redaction_first_read_10.jsonl"),
        // Too small alone for a share of it to say much.
        &[
            include_str!("../corpus/redaction_first_read_11.jsonl"),
            include_str!("../corpus/redaction_first_read_12.jsonl"),
            include_str!("../corpus/redaction_first_read_13.jsonl"),
            include_str!("../corpus/redaction_first_read_14.jsonl"),
            include_str!("../corpus/redaction_first_read_15.jsonl"),
            include_str!("../corpus/redaction_first_read_16.jsonl"),
        ]
        .concat(),
    ] {
        Scores::of(corpus).assert_within_targets();
    }
}

#[test]
fn a_text_cut_at_every_length_leaks_no_digit() {
    // Cut before redaction, as a sender's own limit would.
    let text = "My ssn is 123-45-6789";
    for chars in 0..=text.len() {
        let cut = REDACTOR.redact(&text[..chars]).text;
        assert!(
            !cut.as_str().contains(|c: char| c.is_ascii_digit()),
            "{chars}: {cut}"
        );
    }
}

#[test]
fn one_canary_of_each_kind_is_masked() {
    #[derive(Deserialize)]
    struct Canary {
        kind: String,
        text: String,
        canary: String,
    }
    let canaries: Vec<Canary> = include_str!("../corpus/canaries.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: std::collections::BTreeSet<&str> =
        canaries.iter().map(|canary| canary.kind.as_str()).collect();
    assert_eq!(
        kinds.len(),
        18,
        "one of each of the eighteen identifiers of 45 CFR 164.514(b)(2)"
    );
    let all: String = canaries
        .iter()
        .map(|canary| canary.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let together = REDACTOR.redact(&all).text;
    for canary in &canaries {
        assert!(canary.text.contains(&canary.canary), "{}", canary.kind);
        let alone = REDACTOR.redact(&canary.text).text;
        assert!(
            !alone.as_str().contains(&canary.canary),
            "{}: {alone}",
            canary.kind
        );
        assert!(
            !together.as_str().contains(&canary.canary),
            "{}: {together}",
            canary.kind
        );
    }
}

/// Texts made of what recognizers look at, so that chance finds their edges.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => any::<String>().prop_map(|text| text.chars().take(12).collect()),
        3 => "[0-9]{1,12}",
        3 => "[ .,:;@/()\\[\\]{}#+*_|~-]{1,3}",
        4 => proptest::sample::select(vec![
            "ssn", "my ssn is ", "order ", "a@b.com", " at ", " dot ", "com", "gmail", "123-45-6789", "4111 1111 1111 1111", "one", " two ", "double ", "oh", "my name is ",
            "John", " Smith", "Dr. ", "born ", "03/14/1985", "march ", "2026", "[SSN_REDACTED]", "[EMAIL_1]", "[", "]", "http://", "www.", "::1", "is", " my ", "call ", "é", "\u{200b}",
            "１", "٣", "\u{336}", "\n", "Thanks,\n", "i live in ", " street", "12 ", "zip ", "mrn", "rx", "ninety ", "hundred ", "a as in apple ", "\u{1}", "x", "(415) 555-0132", "passport ",
        ]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn assert_well_formed(text: &str, redaction: &Redaction) {
    let chars: Vec<char> = text.chars().collect();
    let mut rest = String::new();
    let mut done = 0;
    for span in &redaction.spans {
        assert!(
            span.start >= done && span.start < span.end && span.end <= chars.len(),
            "{text:?}: {span:?}"
        );
        assert!((0.5..=1.0).contains(&span.score), "{text:?}: {span:?}");
        rest.extend(&chars[done..span.start]);
        rest.push_str(&format!("[{}_REDACTED]", span.label));
        done = span.end;
    }
    rest.extend(&chars[done..]);
    assert_eq!(rest, redaction.text.as_str(), "{text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn spans_are_in_order_and_in_range_and_redacting_twice_changes_nothing(text in texts()) {
        let redaction = REDACTOR.redact(&text);
        prop_assert!(!redaction.is_withheld(), "{text:?}");
        assert_well_formed(&text, &redaction);
        let again = REDACTOR.redact(redaction.text.as_str());
        prop_assert_eq!(again.text.as_str(), redaction.text.as_str());
        let named: Vec<Range<usize>> = REDACTOR.pseudonymise(&text).spans.iter().map(|span| span.start..span.end).collect();
        let masked: Vec<Range<usize>> = redaction.spans.iter().map(|span| span.start..span.end).collect();
        prop_assert_eq!(named, masked);
    }

    #[test]
    fn an_ssn_beside_its_cue_never_survives(a in 1u32..=899, b in 1u32..=99, c in 1u32..=9999, before in "[a-z ]{0,20}", separator in "[-. ]") {
        prop_assume!(a != 666);
        let digits = format!("{a:03}{separator}{b:02}{separator}{c:04}");
        let redacted = REDACTOR.redact(&format!("{before} ssn {digits} ok")).text;
        prop_assert!(!redacted.as_str().contains(&digits), "{}", redacted);
    }
}
