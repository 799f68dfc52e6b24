//! Finding reviewed terms in a report: whole words, any case, not negated just before.
//!
//! The terms are data (`data/safety_terms.toml`). A match keeps the customer's (redacted) words, so that a person can
//! judge the suggestion. Broken data fails the tests.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde::Deserialize;

use crate::workflow::patterns::{Pattern, PatternList, PatternSet, Scan, regex};

/// The reviewed terms.
const BUILT_IN: &str = include_str!("../data/safety_terms.toml");
/// Most words quoted for one finding.
const MAX_QUOTES: usize = 5;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seriousness: BTreeMap<String, Vec<String>>,
    situations: BTreeMap<String, Vec<String>>,
    severity: BTreeMap<String, Vec<String>>,
    affected: BTreeMap<String, Vec<String>>,
    events: BTreeMap<String, Vec<String>>,
    outcome: BTreeMap<String, Vec<String>>,
    not_meant: BTreeMap<String, Vec<String>>,
}

/// One pattern for each code of each group.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) seriousness: Group,
    pub(super) situations: Group,
    pub(super) severity: Group,
    pub(super) affected: Group,
    pub(super) events: Group,
    pub(super) outcome: Group,
    not_meant: Group,
}

/// The codes of a group with their patterns.
#[derive(Debug)]
pub(super) struct Group(BTreeMap<String, PatternList>);

/// A negation in the few words before a term, in the same clause.
static NEGATION: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:no|not|never|without|denies|denied|none|nor|isn['’]?t|wasn['’]?t|aren['’]?t|doesn['’]?t|don['’]?t|didn['’]?t|haven['’]?t|hasn['’]?t|won['’]?t|free of|any signs? of)\s+(?:(?:have|has|had|having|been|any|a|an|the|feel(?:ing)?|get(?:ting)?|signs? of|sort of|kind of|more|my|his|her|or|really|even)\s+){0,3}(?:\w+,? (?:or|and|nor) )?$",
    )
});
/// Every negation holds one of these.
static MAYBE_NEGATED: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build([
            "no", "never", "without", "deni", "nt", "n't", "n’t", "free", "sign",
        ])
        .expect("a few short literals")
});
/// Somebody who may have died, and is not only the owner of a thing ("my mother's pump").
static SOMEBODY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:he|she|who|mum|mom|mother|dad|father|parents?|husband|wife|spouse|partner|son|daughter|baby|child|kid|boy|girl|brother|sister|twin|grand\w+|gran|granny|nana?|aunt|auntie|uncle|cousin|niece|nephew|friend|neighbou?r|patient|man|woman|guy|lady|person|people|somebody|someone|dog|cat)(?:[\s,)]|$)",
    )
});
/// How far back a negation is looked for, in bytes; about eight words.
const NEGATION_WINDOW: usize = 60;

impl Terms {
    /// The built-in terms, added to `patterns`.
    pub(super) fn built_in(patterns: &mut PatternSet) -> Self {
        let file: File =
            toml::from_str(BUILT_IN).expect("the built-in terms are a constant, read by the tests");
        Self {
            seriousness: Group::compile(file.seriousness, patterns),
            situations: Group::compile(file.situations, patterns),
            severity: Group::compile(file.severity, patterns),
            affected: Group::compile(file.affected, patterns),
            events: Group::compile(file.events, patterns),
            outcome: Group::compile(file.outcome, patterns),
            not_meant: Group::compile(file.not_meant, patterns),
        }
    }

    /// The text without words that only look like a harm, such as the "seizure" of a seizure medicine, and with things that died as broken.
    pub(super) fn without_look_alikes<'t>(&self, scan: &Scan<'t>) -> Cow<'t, str> {
        let text = scan.text();
        let things = self.not_meant.hits("broken", scan);
        let broken = things.filter(|hit| !SOMEBODY.is_match(clause_before(text, hit.start)));
        let mut changes: Vec<(Range<usize>, &str)> = self
            .not_meant
            .hits("terms", scan)
            .map(|hit| (hit, "it"))
            // The last word of each is "died" or "dead".
            .chain(broken.map(|hit| (hit.end - "died".len()..hit.end, "broken")))
            .collect();
        changes.sort_by_key(|(hit, _)| hit.start);
        let mut plain = String::new();
        let mut copied = 0;
        for (hit, instead) in changes {
            if hit.start < copied {
                continue;
            }
            plain.push_str(&text[copied..hit.start]);
            plain.push_str(instead);
            copied = hit.end;
        }
        match copied {
            0 => Cow::Borrowed(text),
            _ => Cow::Owned(plain + &text[copied..]),
        }
    }
}

impl Group {
    fn compile(terms: BTreeMap<String, Vec<String>>, all: &mut PatternSet) -> Self {
        let mut compiled = BTreeMap::new();
        for (code, mut terms) in terms {
            // The longest term first: "dry cough" is taken down as that, not as "cough".
            terms.sort_by_key(|term| std::cmp::Reverse(term.len()));
            let pattern = |term: String| {
                // An apostrophe may be typographic, or missing.
                let term = term.replace('\'', "['’]?");
                format!(r"(?i)\b(?:{term})\b")
            };
            compiled.insert(code, all.add_all(terms.into_iter().map(pattern)));
        }
        Self(compiled)
    }

    /// The words of a text that match `code`, in order, each once, at most [`MAX_QUOTES`]; negated ones left out.
    pub(super) fn words(&self, code: &str, scan: &Scan<'_>) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for hit in self.hits(code, scan) {
            let words: Vec<&str> = scan.text()[hit.clone()].split_whitespace().collect();
            let words = words.join(" ");
            let known = found.iter().any(|known| known.eq_ignore_ascii_case(&words));
            if !known && !negated(scan.text(), hit.start) {
                found.push(words);
                if found.len() == MAX_QUOTES {
                    break;
                }
            }
        }
        found
    }

    /// Whether `code` matches at all.
    pub(super) fn has(&self, code: &str, scan: &Scan<'_>) -> bool {
        self.places(code, scan).next().is_some()
    }

    /// Where `code` matches, in order; negated ones left out.
    pub(super) fn places<'p>(&'p self, code: &str, scan: &'p Scan<'_>) -> impl Iterator<Item = Range<usize>> {
        self.hits(code, scan)
            .filter(|hit| !negated(scan.text(), hit.start))
    }

    /// Where the terms of `code` stand in a text, as one alternation of them would find them.
    fn hits<'p, 't>(&'p self, code: &str, scan: &'p Scan<'t>) -> Hits<'p, 't> {
        let terms = self
            .0
            .get(code)
            .expect("the codes asked for are those of the file, checked by a test");
        let next = terms
            .that_may_match(scan)
            .filter_map(|term| Some((term, term.find_at(scan, 0)?)));
        Hits {
            next: next.collect(),
            scan,
            from: 0,
        }
    }

    /// Every code of the group.
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Matches of several terms, leftmost first, none overlapping; of two that begin at one place that of the earlier term.
struct Hits<'p, 't> {
    /// Each term with its next match.
    next: Vec<(&'p Pattern, Range<usize>)>,
    scan: &'p Scan<'t>,
    from: usize,
}

impl Iterator for Hits<'_, '_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let (scan, from) = (self.scan, self.from);
        self.next.retain_mut(|(term, hit)| {
            if hit.start >= from {
                return true;
            }
            let found = term.find_at(scan, from);
            found.is_some_and(|found| {
                *hit = found;
                true
            })
        });
        // `min_by_key` takes the first of equals: the longer term.
        let (_, first) = self.next.iter().min_by_key(|(_, hit)| hit.start)?;
        self.from = first.end;
        Some(first.clone())
    }
}

/// What stands before `start` in its clause.
fn clause_before(text: &str, start: usize) -> &str {
    let before = &text[..start];
    before
        .rfind(['.', '!', '?', ';', '\n'])
        .map_or(before, |at| &before[at + 1..])
}

/// Whether the term at `start` is negated just before it, within its clause.
fn negated(text: &str, start: usize) -> bool {
    let from = text.ceil_char_boundary(start.saturating_sub(NEGATION_WINDOW));
    let clause = clause_before(&text[from..start], start - from);
    MAYBE_NEGATED.is_match(clause) && NEGATION.is_match(clause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_match_whole_words_in_any_case_and_not_when_negated() {
        let mut patterns = PatternSet::default();
        let terms = Terms::built_in(&mut patterns);
        let prefilter = patterns.prefilter();
        let breathing = |text: &str| terms.severity.has("urgent", &prefilter.scan(text));
        for text in [
            "I can't breathe",
            "i cant breathe",
            "He CAN\u{2019}T BREATHE",
            "not breathing",
            "chest pain",
            "chest hurts so bad",
        ] {
            assert!(breathing(text), "{text}");
        }
        for text in [
            "no chest pain",
            "I don't have any chest pain",
            "never had a seizure",
            "no fever or chest pain",
            "stroked the cat",
            "the chest of drawers",
        ] {
            assert!(!breathing(text), "{text}");
        }
        assert!(
            breathing("No. Chest pain!"),
            "the negation belongs to another sentence"
        );
    }

    #[test]
    fn terms_are_found_in_messages_where_their_expressions_find_them() {
        #[derive(Deserialize)]
        struct Row {
            text: String,
        }
        let mut patterns = PatternSet::default();
        let terms = Terms::built_in(&mut patterns);
        let prefilter = patterns.prefilter();
        let groups = [
            &terms.seriousness,
            &terms.situations,
            &terms.severity,
            &terms.affected,
            &terms.events,
            &terms.outcome,
            &terms.not_meant,
        ];
        let patterns: Vec<&Pattern> = groups
            .iter()
            .flat_map(|group| group.0.values())
            .flat_map(PatternList::all)
            .collect();
        let mut found = 0;
        for line in include_str!("../../../models/data/train_f.jsonl")
            .lines()
            .step_by(4)
        {
            let row: Row = serde_json::from_str(line).unwrap();
            let scan = prefilter.scan(&row.text);
            for pattern in &patterns {
                let expected = pattern.regex().find(&row.text).map(|hit| hit.range());
                let hit = pattern
                    .may_match(&scan)
                    .then(|| pattern.find_at(&scan, 0))
                    .flatten();
                assert_eq!(hit, expected, "{pattern:?} in {:?}", row.text);
                found += usize::from(hit.is_some());
            }
        }
        assert!(found > 100, "{found}");
    }
}
