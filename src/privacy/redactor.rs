//! Finds identifiers in a text and replaces each with its placeholder.
//!
//! How: the text is folded into the view that a reader sees (`normalise.rs`, `spoken.rs`), cue words are found once, and each
//! pattern whose needs the text meets is run. **Overlap rule**: findings that overlap are merged into one that spans them all
//! and takes the kind of the highest score, then of the longest, then of the first; so nothing that any recognizer found is
//! left visible. Placeholders already in the text are opaque, and passes repeat until one finds nothing, so redacting twice
//! changes nothing.
//!
//! Every step is linear in the text. Redaction has no failing path; a text that is too large to index, or that does not
//! settle, is withheld whole.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::{Regex, RegexBuilder};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::cues::{Cue, Cues, Lexicon, Verdict, has_context, judge, mask as mask_of};
use super::kind::IdentifierKind;
use super::normalise::{OPAQUE, View};
use super::recognizers::{self, FAMILIES, Needs, Pattern, Place, Sense, THRESHOLD};
use super::spoken;
use crate::config::privacy::CustomRecognizer;

/// What stands for a text that could not be redacted.
const WITHHELD: &str = "[TEXT_WITHHELD]";
/// Passes before a text that still changes is withheld. Two settle anything seen so far.
const MAX_PASSES: usize = 6;

/// Longest rejected match inside which another is looked for; a street address with everything has some 120 bytes.
const MAX_RETRIED_BYTES: usize = 160;
/// Largest compiled pattern.
const MAX_PATTERN_BYTES: usize = 1 << 22;

/// Text that may leave the record: made only in this module's parent, from a text that was redacted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Redacted(pub(super) String);

impl Redacted {
    /// The redacted text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first `chars` characters: redact first, cut afterwards, so that no half of an identifier slips by.
    #[must_use]
    pub fn truncate_chars(&self, chars: usize) -> Self {
        let end = self
            .0
            .char_indices()
            .nth(chars)
            .map_or(self.0.len(), |(at, _)| at);
        Self(self.0[..end].to_owned())
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One identifier found.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// First character, in Unicode code points of the original.
    pub start: usize,
    /// One past the last character, in Unicode code points of the original.
    pub end: usize,
    /// What it is.
    pub kind: IdentifierKind,
    /// The name in its placeholder: the kind's, or the operator's own.
    pub label: Arc<str>,
    /// Which recognizer found it.
    pub recognizer: Arc<str>,
    /// How sure that is, from 0.5 to 1.
    pub score: f32,
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut span = serializer.serialize_struct("Span", 5)?;
        span.serialize_field("start", &self.start)?;
        span.serialize_field("end", &self.end)?;
        span.serialize_field("type", &*self.label)?;
        span.serialize_field("recognizer", &*self.recognizer)?;
        // Two decimals: 0.85 is not 0.8500000238418579.
        span.serialize_field("score", &(f64::from((self.score * 100.0).round()) / 100.0))?;
        span.end()
    }
}

/// A redacted text and what was found in it.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// The text with placeholders.
    pub text: Redacted,
    /// What was masked, in order, without overlaps.
    pub spans: Vec<Span>,
}

impl Redaction {
    /// Whether the text could not be redacted and was replaced whole.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.text.as_str() == WITHHELD
    }
}

/// Why a configured recognizer was refused.
#[derive(Debug, thiserror::Error)]
pub enum RecognizerError {
    /// The pattern is not a regular expression that this service can run.
    #[error("privacy.recognizers: `pattern` of `{name}` is not a valid regular expression")]
    Pattern {
        /// The recognizer's name.
        name: String,
        /// What is wrong with it.
        #[source]
        source: Box<regex::Error>,
    },
    /// A setting is empty, too long or malformed.
    #[error("privacy.recognizers: `{setting}` of `{name}` {problem}")]
    Setting {
        /// The recognizer's name.
        name: String,
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A pattern, compiled.
#[derive(Debug)]
struct Compiled {
    regex: Regex,
    groups: bool,
    /// The kinds of cue that confirm it, and those that must be in the text, as bits.
    cues: u64,
    beside: u64,
    pattern: Pattern,
}

/// A recognizer of the operator's, compiled.
#[derive(Debug)]
struct Operator {
    regex: Regex,
    needs_context: bool,
}

/// What is told about a recognizer.
#[derive(Debug)]
struct Recognizer {
    name: Arc<str>,
    /// The name in the placeholder.
    label: Arc<str>,
}

/// A finding, in bytes of the original.
#[derive(Debug, Clone, Copy)]
struct Finding {
    start: usize,
    end: usize,
    kind: IdentifierKind,
    recognizer: usize,
    score: f32,
}

/// The recognizers, compiled once and shared.
#[derive(Debug)]
pub struct Redactor {
    patterns: Arc<[Compiled]>,
    operator: Vec<Operator>,
    /// Every recognizer: the patterns, the detectors, the operator's own.
    recognizers: Vec<Recognizer>,
    /// The kinds to mask; empty means all.
    only: Vec<IdentifierKind>,
    lexicon: Arc<Lexicon>,
    placeholders: Regex,
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl Redactor {
    /// The built-in recognizers.
    #[must_use]
    pub fn new() -> Self {
        Self::with_custom(&[]).expect("the built-in recognizers compile: a test builds them")
    }

    /// The built-in recognizers and the operator's own.
    ///
    /// # Errors
    /// [`RecognizerError`] names the recognizer and the setting that is wrong.
    pub fn with_custom(custom: &[CustomRecognizer]) -> Result<Self, RecognizerError> {
        let builtin = &*BUILTIN;
        let mut recognizers: Vec<Recognizer> = recognizers::patterns()
            .map(|pattern| (pattern.name, pattern.kind))
            .chain(recognizers::detectors().map(|detector| (detector.name, detector.kind)))
            .map(|(name, kind)| Recognizer {
                name: name.into(),
                label: kind.as_str().into(),
            })
            .collect();
        let mut operator = Vec::new();
        let mut labels: Vec<&str> = IdentifierKind::ALL.iter().map(|kind| kind.as_str()).collect();
        for own in custom {
            check(own, &recognizers)?;
            let regex = compile(&own.pattern, &own.name)?;
            if regex.is_match("") {
                return Err(setting(own, "pattern", "must not match the empty text"));
            }
            operator.push(Operator {
                regex,
                needs_context: !own.context.is_empty(),
            });
            recognizers.push(Recognizer {
                name: own.name.as_str().into(),
                label: own.placeholder.as_str().into(),
            });
            labels.push(&own.placeholder);
        }
        let words = FAMILIES
            .iter()
            .flat_map(|family| family.cues)
            .flat_map(|(sense, words)| words.split(',').map(|word| (*sense, word.trim())));
        let context = custom.iter().enumerate().flat_map(|(own, custom)| {
            custom
                .context
                .iter()
                .map(move |word| (Sense::Operator(own), word.as_str()))
        });
        let lexicon = if custom.is_empty() {
            Arc::clone(&builtin.lexicon)
        } else {
            Arc::new(lexicon(words.chain(context)))
        };
        let placeholders = compile_exact(&format!(
            r"\[(?:(?:{})_(?:REDACTED|[0-9]{{1,3}})|TEXT_WITHHELD)\]",
            labels.join("|")
        ));
        Ok(Self {
            patterns: Arc::clone(&builtin.patterns),
            operator,
            recognizers,
            only: Vec::new(),
            lexicon,
            placeholders,
        })
    }

    /// Masks these kinds only. For the command line: nothing that leaves the record may go through it.
    #[must_use]
    pub fn only(mut self, kinds: &[IdentifierKind]) -> Self {
        self.only = kinds.to_vec();
        self
    }

    /// Every recognizer: its name, and the name in its placeholder (its cue may say it more exactly).
    pub fn recognizers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.recognizers
            .iter()
            .map(|recognizer| (&*recognizer.name, &*recognizer.label))
    }

    /// Replaces every identifier found in `text` with `[KIND_REDACTED]`.
    #[must_use]
    pub fn redact(&self, text: &str) -> Redaction {
        match self.detect(text) {
            None => withheld(),
            Some(findings) => self.render(text, &findings, |finding, _, out| self.redacted(finding, out)),
        }
    }

    /// Replaces every identifier found in `text` with a pseudonym that is stable within the text, such as `[EMAIL_1]`: the
    /// same identifier, however it is cased and spaced, gets the same one.
    #[must_use]
    pub fn pseudonymise(&self, text: &str) -> Redaction {
        match self.detect(text) {
            None => withheld(),
            Some(findings) => self.render(text, &findings, self.pseudonyms()),
        }
    }

    /// Both of [`Self::redact`] and [`Self::pseudonymise`], in this order, for the price of one.
    #[must_use]
    pub fn redact_both(&self, text: &str) -> (Redaction, Redaction) {
        match self.detect(text) {
            None => (withheld(), withheld()),
            Some(findings) => (
                self.render(text, &findings, |finding, _, out| self.redacted(finding, out)),
                self.render(text, &findings, self.pseudonyms()),
            ),
        }
    }

    fn redacted(&self, finding: &Finding, out: &mut String) {
        if finding.kind == IdentifierKind::Custom {
            out.push('[');
            out.push_str(&self.recognizers[finding.recognizer].label);
            out.push_str("_REDACTED]");
        } else {
            out.push_str(finding.kind.placeholder());
        }
    }

    /// Writes the pseudonyms of one text.
    fn pseudonyms(&self) -> impl FnMut(&Finding, &str, &mut String) {
        let mut known: HashMap<(Arc<str>, String), usize> = HashMap::new();
        let mut counts: HashMap<Arc<str>, usize> = HashMap::new();
        move |finding, identifier, out| {
            let label = self.label(finding);
            let key: String = identifier
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            let number = *known.entry((Arc::clone(&label), key)).or_insert_with(|| {
                let count = counts.entry(Arc::clone(&label)).or_default();
                *count += 1;
                *count
            });
            let _ = write!(out, "[{label}_{number}]");
        }
    }

    /// What is to be masked in `text`; `None` when it has to be withheld whole.
    fn detect(&self, text: &str) -> Option<Vec<Finding>> {
        u32::try_from(text.len()).ok()?;
        let mut findings = self.find(text);
        if findings.is_empty() {
            return Some(findings);
        }
        // A masked identifier may have hidden the cue of the next: look again, at the text as it would go out.
        for _ in 1..MAX_PASSES {
            let (masked, map) = mask(text, &findings, |finding, _, out| self.redacted(finding, out));
            let more = self.find(&masked);
            if more.is_empty() {
                return Some(findings);
            }
            findings.extend(more.into_iter().map(|finding| Finding {
                start: back(&map, finding.start),
                end: back_end(&map, finding.end),
                ..finding
            }));
            merge(&mut findings);
        }
        None
    }

    fn render(
        &self,
        text: &str,
        findings: &[Finding],
        mut placeholder: impl FnMut(&Finding, &str, &mut String),
    ) -> Redaction {
        if findings.is_empty() {
            return Redaction {
                text: Redacted(text.to_owned()),
                spans: Vec::new(),
            };
        }
        let (masked, _) = mask(text, findings, &mut placeholder);
        Redaction {
            spans: self.spans(text, findings),
            text: Redacted(masked),
        }
    }

    /// The name in a finding's placeholder.
    fn label(&self, finding: &Finding) -> Arc<str> {
        if finding.kind == IdentifierKind::Custom {
            Arc::clone(&self.recognizers[finding.recognizer].label)
        } else {
            finding.kind.as_str().into()
        }
    }

    /// Findings in bytes, to code points.
    fn spans(&self, text: &str, findings: &[Finding]) -> Vec<Span> {
        let (mut bytes, mut chars) = (0, 0);
        let mut count = |to: usize| {
            chars += text[bytes..to].chars().count();
            bytes = to;
            chars
        };
        findings
            .iter()
            .map(|finding| Span {
                start: count(finding.start),
                end: count(finding.end),
                kind: finding.kind,
                label: self.label(finding),
                recognizer: Arc::clone(&self.recognizers[finding.recognizer].name),
                score: finding.score,
            })
            .collect()
    }

    /// One pass over `text`: merged findings, in order.
    fn find(&self, text: &str) -> Vec<Finding> {
        let opaque: Vec<Range<usize>> = if text.contains('[') {
            self.placeholders
                .find_iter(text)
                .map(|found| found.range())
                .collect()
        } else {
            Vec::new()
        };
        let view = View::fold(text);
        let view = if opaque.is_empty() {
            view
        } else {
            view.hiding(&opaque)
        };
        let mut traits = Traits::of(view.text());
        let mut cues = self.lexicon.find(view.text());
        let edits = spoken::edits(view.text(), cues.numbers, traits.digits > 0);
        let view = if edits.is_empty() {
            view
        } else {
            let view = view.edited(&edits);
            traits = Traits::of(view.text());
            cues = self.lexicon.find(view.text());
            view
        };
        let seen = view.text();
        let mut findings = Vec::new();
        for (at, compiled) in self.patterns.iter().enumerate() {
            if compiled.is_worth_running(&traits, &cues) {
                if compiled.pattern.place == Place::AfterCue {
                    after_cues(seen, &cues.all, at, compiled, &mut findings);
                } else {
                    anywhere(seen, &cues.all, at, compiled, &mut findings);
                }
            }
        }
        let cues = cues.all;
        let mut hits = Vec::new();
        for (at, detector) in recognizers::detectors().enumerate() {
            (detector.find)(seen, &cues, &mut hits);
            findings.extend(
                hits.drain(..)
                    .filter(|hit| !seen[hit.start..hit.end].contains(OPAQUE as char))
                    .map(|hit| Finding {
                        start: hit.start,
                        end: hit.end,
                        kind: detector.kind,
                        recognizer: self.patterns.len() + at,
                        score: hit.score,
                    }),
            );
        }
        for (own, operator) in self.operator.iter().enumerate() {
            let recognizer = self.patterns.len() + recognizers::detectors().count() + own;
            for captures in operator.regex.captures_iter(seen) {
                let Some(found) = captures
                    .get(1)
                    .or_else(|| captures.get(0))
                    .filter(|found| !found.is_empty())
                else {
                    continue;
                };
                let (start, end) = (found.start(), found.end());
                if !found.as_str().contains(OPAQUE as char)
                    && (!operator.needs_context || has_context(&cues, own, start, end))
                {
                    // The operator knows best.
                    findings.push(Finding {
                        start,
                        end,
                        kind: IdentifierKind::Custom,
                        recognizer,
                        score: 1.0,
                    });
                }
            }
        }
        if !self.only.is_empty() {
            findings.retain(|finding| self.only.contains(&finding.kind));
        }
        for finding in &mut findings {
            (finding.start, finding.end) = view.original(finding.start, finding.end);
        }
        merge(&mut findings);
        findings
    }
}

/// The built-in recognizers, compiled once in a process.
struct Builtin {
    patterns: Arc<[Compiled]>,
    lexicon: Arc<Lexicon>,
}

static BUILTIN: LazyLock<Builtin> = LazyLock::new(|| {
    let patterns = recognizers::patterns().map(|pattern| {
        let anchor = if pattern.place == Place::AfterCue { "^" } else { "" };
        let regex = compile_exact(&format!("{anchor}(?:{})", ascii(pattern.shape)));
        Compiled {
            groups: regex.captures_len() > 1,
            regex,
            cues: mask_of(pattern.cues),
            beside: mask_of(pattern.beside),
            pattern: *pattern,
        }
    });
    let words = FAMILIES
        .iter()
        .flat_map(|family| family.cues)
        .flat_map(|(sense, words)| words.split(',').map(|word| (*sense, word.trim())));
    Builtin {
        patterns: patterns.collect(),
        lexicon: Arc::new(lexicon(words)),
    }
});

/// Compiles a pattern of our own.
fn compile_exact(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .expect("built-in patterns are valid: every test compiles them")
}

/// Compiles a pattern of the operator's.
fn compile(pattern: &str, name: &str) -> Result<Regex, RecognizerError> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(|source| RecognizerError::Pattern {
            name: name.to_owned(),
            source: Box::new(source),
        })
}

fn lexicon<'w>(words: impl Iterator<Item = (Sense, &'w str)>) -> Lexicon {
    Lexicon::new(
        words.chain(
            spoken::NUMBER_WORDS
                .split(',')
                .map(|word| (Sense::Number, word.trim())),
        ),
    )
}

fn setting(own: &CustomRecognizer, setting: &'static str, problem: &'static str) -> RecognizerError {
    RecognizerError::Setting {
        name: own.name.clone(),
        setting,
        problem,
    }
}

/// Checks the settings of one of the operator's recognizers, the pattern's syntax left out.
fn check(own: &CustomRecognizer, known: &[Recognizer]) -> Result<(), RecognizerError> {
    let name = |text: &str, first: fn(&u8) -> bool, rest: fn(&u8) -> bool| {
        text.as_bytes().first().is_some_and(first) && text.bytes().all(|b| rest(&b))
    };
    if own.name.len() > 64
        || !name(&own.name, u8::is_ascii_lowercase, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_'
        })
    {
        return Err(setting(
            own,
            "name",
            "must be 1 to 64 lower case letters, digits and `_`, a letter first",
        ));
    }
    if known.iter().any(|known| *known.name == *own.name) {
        return Err(setting(own, "name", "is taken by another recognizer"));
    }
    if own.placeholder.len() > 40
        || !name(&own.placeholder, u8::is_ascii_uppercase, |b| {
            b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_'
        })
    {
        return Err(setting(
            own,
            "placeholder",
            "must be 1 to 40 capitals, digits and `_`, a capital first",
        ));
    }
    if own.placeholder.ends_with("_REDACTED") {
        return Err(setting(
            own,
            "placeholder",
            "must not end in `_REDACTED`, which is added",
        ));
    }
    if own.pattern.is_empty() || own.pattern.len() > 4096 {
        return Err(setting(own, "pattern", "must have 1 to 4096 bytes"));
    }
    if own
        .context
        .iter()
        .any(|word| word.trim().is_empty() || word.len() > 64)
    {
        return Err(setting(own, "context", "must hold words of 1 to 64 bytes"));
    }
    Ok(())
}

/// The shape with ASCII digits and word bounds: the view has no other digits, and Unicode's tables cost memory and speed.
fn ascii(shape: &str) -> String {
    shape.replace(r"\d", "[0-9]").replace(r"\b", r"(?-u:\b)")
}

fn withheld() -> Redaction {
    Redaction {
        text: Redacted(WITHHELD.to_owned()),
        spans: Vec::new(),
    }
}

/// The kind that `sense` confirms for `pattern`.
fn confirms(pattern: &Pattern, sense: Sense) -> Option<IdentifierKind> {
    match sense {
        Sense::Confirms(kind) | Sense::Suggests(kind) if pattern.cues.contains(&kind) => Some(kind),
        _ => None,
    }
}

fn after_cues(text: &str, cues: &[Cue<'_>], at: usize, compiled: &Compiled, findings: &mut Vec<Finding>) {
    for cue in cues {
        let Some(kind) = cue
            .senses
            .iter()
            .find_map(|sense| confirms(&compiled.pattern, *sense))
        else {
            continue;
        };
        let Some(captures) = compiled.regex.captures(&text[cue.end..]) else {
            continue;
        };
        let Some(found) = captures.get(1).or_else(|| captures.get(0)) else {
            continue;
        };
        if !found.as_str().contains(OPAQUE as char) && (compiled.pattern.valid)(found.as_str()) {
            findings.push(Finding {
                start: cue.end + found.start(),
                end: cue.end + found.end(),
                kind,
                recognizer: at,
                score: compiled.pattern.confirmed,
            });
        }
    }
}

fn anywhere(text: &str, cues: &[Cue<'_>], at: usize, compiled: &Compiled, findings: &mut Vec<Finding>) {
    let pattern = &compiled.pattern;
    let bytes = text.as_bytes();
    let mut from = 0;
    while from <= text.len() {
        let Some(whole) = compiled.regex.find_at(text, from) else {
            return;
        };
        let found = if compiled.groups {
            compiled
                .regex
                .captures_at(text, whole.start())
                .and_then(|captures| captures.get(1))
                .unwrap_or(whole)
        } else {
            whole
        };
        let value = found.as_str().trim_end_matches([' ', ',', '\n', '-']);
        let (start, end) = (found.start(), found.start() + value.len());
        let glued = || cues.binary_search_by(|cue| cue.end.cmp(&start)).is_ok();
        let bounded = pattern.place == Place::Unbounded
            || (starts_apart(bytes, start) || glued()) && ends_apart(bytes, end);
        let mut accepted = false;
        if bounded && start < end && !value.contains(OPAQUE as char) && (pattern.valid)(value) {
            let (kind, score) = match judge(text, cues, pattern.cues, start, end) {
                Verdict::Confirmed(kind) => (kind, pattern.confirmed),
                Verdict::Denied => (pattern.kind, pattern.denied),
                Verdict::Silent => (pattern.kind, pattern.bare),
            };
            if score >= THRESHOLD {
                findings.push(Finding {
                    start,
                    end,
                    kind,
                    recognizer: at,
                    score,
                });
                accepted = true;
            }
        }
        from = if accepted {
            end
        } else {
            // Another match may begin inside this one, but not before the next word; and inside a long one not at all, or a text
            // of nothing but beginnings would be read again from each.
            let mut next = if whole.len() > MAX_RETRIED_BYTES {
                whole.end()
            } else {
                whole.start()
            } + 1;
            while next < bytes.len() && (bytes[next].is_ascii_alphanumeric() || bytes[next] >= 0x80) {
                next += 1;
            }
            next
        };
    }
}

/// Whether no letter or digit, sign or decimal point runs into a value that begins at `start`.
fn starts_apart(bytes: &[u8], start: usize) -> bool {
    let digit_at = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    match start.checked_sub(1).and_then(|at| bytes.get(at)) {
        None => true,
        Some(b) if *b >= 0x80 => !has_words(&bytes[..start]),
        Some(b) if b.is_ascii_alphanumeric() || *b == b'$' => false,
        Some(b'.' | b'-') => !digit_at(start.checked_sub(2)),
        Some(_) => true,
    }
}

/// First UTF-8 byte of U+2000 and on: symbols, scripts without spaces between words, pictures. A number needs no space beside them.
const SPACELESS: u8 = 0xE2;

/// Whether the last character, not ASCII, is of a script that parts words by spaces, so that a number beside it is of the same word.
fn has_words(before: &[u8]) -> bool {
    let lead = before.iter().rev().take(4).find(|b| **b >= 0xC0);
    lead.is_some_and(|lead| *lead < SPACELESS)
}

/// Whether no letter or digit runs out of a value that ends at `end`.
fn ends_apart(bytes: &[u8], end: usize) -> bool {
    match bytes.get(end) {
        None => true,
        Some(b) if b.is_ascii_alphanumeric() || (0x80..SPACELESS).contains(b) || *b == b'%' => false,
        Some(b'.' | b'-') => !bytes.get(end + 1).is_some_and(u8::is_ascii_digit),
        Some(_) => true,
    }
}

impl Compiled {
    /// Whether the text can hold a match that scores enough.
    fn is_worth_running(&self, traits: &Traits, cues: &Cues<'_>) -> bool {
        let cued = cues.kinds & self.cues != 0;
        let needs = match self.pattern.needs {
            Needs::Digits(least) => traits.digits >= least,
            Needs::Run(least) => traits.longest_run >= least,
            Needs::AtSign => traits.at_sign,
            Needs::Colons(least) => traits.colons >= least,
            Needs::Dots(least) => traits.dots >= least && traits.digits > least,
            Needs::Address => traits.slash || traits.www || cues.slash,
            Needs::Mixed(least) => traits.longest_mixed >= least || traits.mixed > 1,
            Needs::Masked => traits.masked && traits.digits >= 4,
            Needs::Cue => cued,
            Needs::CueAndDigits(least) => cued && traits.digits >= least,
            Needs::Street => (cues.street || cued) && traits.digits > 0,
        };
        needs
            && (cued || self.pattern.bare >= THRESHOLD)
            && (self.beside == 0 || cues.kinds & self.beside != 0)
            && !(cues.product && self.beside == 0 && self.pattern.kind == IdentifierKind::CardExpiry)
    }
}

/// What a text holds, counted in one scan.
#[derive(Debug, Default)]
struct Traits {
    digits: usize,
    /// Digits in the longest row.
    longest_run: usize,
    /// Words of letters and digits, and the length of the longest.
    mixed: usize,
    longest_mixed: usize,
    colons: usize,
    dots: usize,
    at_sign: bool,
    slash: bool,
    www: bool,
    masked: bool,
}

impl Traits {
    fn of(text: &str) -> Self {
        let mut traits = Self::default();
        let bytes = text.as_bytes();
        let (mut run, mut letters, mut digits) = (0, 0, 0);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    traits.digits += 1;
                    digits += 1;
                    run += 1;
                    traits.longest_run = traits.longest_run.max(run);
                    continue;
                }
                b'a'..=b'z' | b'A'..=b'Z' => {
                    letters += 1;
                    run = 0;
                    traits.masked |= *byte | 0x20 == b'x' && at > 0 && bytes[at - 1] | 0x20 == b'x';
                    continue;
                }
                b'@' => traits.at_sign = true,
                b':' => traits.colons += 1,
                b'.' => {
                    traits.dots += 1;
                    // Not quite "www.", but nothing else ends in it.
                    traits.www |= at > 1 && bytes[at - 1] | 0x20 == b'w' && bytes[at - 2] | 0x20 == b'w';
                }
                b'/' => traits.slash = true,
                b'*' | b'#' => traits.masked |= at > 0 && bytes[at - 1] == *byte,
                _ => {}
            }
            traits.close_word(letters, digits);
            (run, letters, digits) = (0, 0, 0);
        }
        traits.close_word(letters, digits);
        // A hyphenated code counts whole.
        if traits.mixed > 1 || (traits.mixed > 0 && traits.colons > 1) {
            traits.mixed = traits.mixed.max(2);
        }
        traits
    }

    fn close_word(&mut self, letters: usize, digits: usize) {
        if letters > 0 && digits > 0 {
            self.mixed += 1;
            self.longest_mixed = self.longest_mixed.max(letters + digits);
        }
    }
}

/// Sorts findings and merges those that overlap, by the overlap rule.
fn merge(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    // How long the finding was that gave the merged one its kind.
    let mut longest = 0;
    for finding in findings.drain(..) {
        match merged.last_mut() {
            Some(last) if finding.start < last.end => {
                let length = finding.end - finding.start;
                if finding.score > last.score || (finding.score == last.score && length > longest) {
                    (last.kind, last.recognizer, last.score) =
                        (finding.kind, finding.recognizer, finding.score);
                    longest = length;
                }
                last.end = last.end.max(finding.end);
            }
            _ => {
                longest = finding.end - finding.start;
                merged.push(finding);
            }
        }
    }
    *findings = merged;
}

/// One piece of a masked text: where it begins there, and the original bytes it stands for.
struct Piece {
    at: usize,
    original: Range<usize>,
    verbatim: bool,
}

/// The text with every finding replaced, and where each piece came from.
fn mask(
    text: &str,
    findings: &[Finding],
    mut placeholder: impl FnMut(&Finding, &str, &mut String),
) -> (String, Vec<Piece>) {
    let mut masked = String::with_capacity(text.len() + 16 * findings.len());
    let mut pieces = Vec::with_capacity(2 * findings.len() + 1);
    let mut done = 0;
    for finding in findings {
        pieces.push(Piece {
            at: masked.len(),
            original: done..finding.start,
            verbatim: true,
        });
        masked.push_str(&text[done..finding.start]);
        pieces.push(Piece {
            at: masked.len(),
            original: finding.start..finding.end,
            verbatim: false,
        });
        placeholder(finding, &text[finding.start..finding.end], &mut masked);
        done = finding.end;
    }
    pieces.push(Piece {
        at: masked.len(),
        original: done..text.len(),
        verbatim: true,
    });
    masked.push_str(&text[done..]);
    (masked, pieces)
}

/// The original position of the masked position `at`, where a finding begins.
fn back(pieces: &[Piece], at: usize) -> usize {
    let piece = &pieces[pieces.partition_point(|piece| piece.at <= at).saturating_sub(1)];
    if piece.verbatim {
        piece.original.start + (at - piece.at)
    } else {
        piece.original.start
    }
}

/// The original position of the masked position `at`, where a finding ends.
fn back_end(pieces: &[Piece], at: usize) -> usize {
    let piece = &pieces[pieces.partition_point(|piece| piece.at < at).saturating_sub(1)];
    if piece.verbatim {
        piece.original.start + (at - piece.at)
    } else {
        piece.original.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact(text: &str) -> String {
        Redactor::new().redact(text).text.0
    }

    #[test]
    fn each_family_wears_its_placeholder() {
        for (text, redacted) in [
            ("My ssn is 123-45-6789", "My ssn is [SSN_REDACTED]"),
            ("MRN: 123456789 please", "MRN: [MRN_REDACTED] please"),
            ("a@b.com|c@d.com", "[EMAIL_REDACTED]|[EMAIL_REDACTED]"),
            ("card 4111 1111 1111 1111 ok", "card [CARD_REDACTED] ok"),
            ("call (415) 555-0123 now", "call [PHONE_REDACTED] now"),
            ("dob 03/14/1985", "dob [DOB_REDACTED]"),
            ("from 203.0.113.7", "from [IP_REDACTED]"),
            ("passport C01234567", "passport [PASSPORT_REDACTED]"),
            (
                "driver's license D1234567",
                "driver's license [DRIVERS_LICENSE_REDACTED]",
            ),
            (
                "my social is one two three, four five, six seven eight nine",
                "my social is [SSN_REDACTED]",
            ),
            (
                "order 123456789 and order 4155550123",
                "order 123456789 and order 4155550123",
            ),
        ] {
            assert_eq!(redact(text), redacted);
        }
    }

    fn own() -> CustomRecognizer {
        CustomRecognizer {
            name: "clinic_id".into(),
            pattern: r"\bQX\d{4}\b".into(),
            context: vec!["clinic".into()],
            placeholder: "CLINIC_ID".into(),
        }
    }

    #[test]
    fn an_operators_recognizer_works_beside_its_context_only() {
        let redactor = Redactor::with_custom(&[own()]).unwrap();
        let redaction = redactor
            .redact("clinic id qx1234, shelf QX1234 in the very last row of the whole long building, ok");
        assert_eq!(
            redaction.text.as_str(),
            "clinic id [CLINIC_ID_REDACTED], shelf [CLINIC_ID_REDACTED] in the very last row of the whole long building, ok"
        );
        assert_eq!(redactor.redact("shelf QX1234").text.as_str(), "shelf QX1234");
        assert_eq!(
            redactor.pseudonymise("clinic QX1234").text.as_str(),
            "clinic [CLINIC_ID_1]"
        );
        assert_eq!(
            redactor.redact("clinic [CLINIC_ID_REDACTED]").text.as_str(),
            "clinic [CLINIC_ID_REDACTED]"
        );
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let refused = |change: fn(&mut CustomRecognizer)| {
            let mut own = own();
            change(&mut own);
            Redactor::with_custom(&[own]).unwrap_err().to_string()
        };
        assert_eq!(
            refused(|own| own.pattern = "(".into()),
            "privacy.recognizers: `pattern` of `clinic_id` is not a valid regular expression"
        );
        assert!(
            refused(|own| own.pattern = "x*".into())
                .contains("`pattern` of `clinic_id` must not match the empty text")
        );
        assert!(refused(|own| own.placeholder = "clinic".into()).contains("`placeholder` of `clinic_id`"));
        assert!(refused(|own| own.context = vec![" ".into()]).contains("`context`"));
        assert!(refused(|own| own.name = "email".into()).contains("`name` of `email` is taken"));
    }

    #[test]
    fn pseudonyms_tell_two_mentions_of_one_identifier() {
        let redaction = Redactor::new().pseudonymise("a@b.com or c@d.com, no: A@B.com");
        assert_eq!(redaction.text.as_str(), "[EMAIL_1] or [EMAIL_2], no: [EMAIL_1]");
        assert_eq!((redaction.spans[1].start, redaction.spans[1].end), (11, 18));
        let (masked, named) = Redactor::new().redact_both("a@b.com or c@d.com, no: A@B.com");
        assert_eq!(named.text, redaction.text);
        assert_eq!(
            masked.text.as_str(),
            "[EMAIL_REDACTED] or [EMAIL_REDACTED], no: [EMAIL_REDACTED]"
        );
    }
}
