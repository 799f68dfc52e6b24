//! Finds identifiers in a text and replaces each with its placeholder.
//!
//! How: the text is folded into the view that a reader sees (`normalise.rs`, `spoken/`), cue words are found once, and each
//! pattern whose needs the text meets is run (`compiled.rs`); findings that overlap are merged (`findings.rs`). Placeholders already in the text
//! are opaque, as are our own references and what was found, and passes repeat until one finds nothing, so redacting twice changes nothing. What
//! was found is then looked for wherever it is said again (`recognizers/repeats.rs`).
//!
//! Every step is linear in the text. Redaction has no failing path; a text that is too large to index, or that does not
//! settle, is withheld whole.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use regex::Regex;

use super::compiled::{BUILTIN, Compiled, compile_exact, cue_words, lexicon};
use super::cues::has_context;
use super::custom::{Operator, RecognizerError};
use super::findings::{Finding, add, hidden, mask, merge, neighbourhoods};
use super::kind::IdentifierKind;
use super::lexicon::{Cues, Lexicon};
use super::normalise::{Hidden, OPAQUE, View};
use super::recognizers::{self, Hit, repeats};
use super::redaction::{Redacted, Redaction, Span};
use super::scan::Scan;
use super::spoken;
use crate::config::privacy::CustomRecognizer;
use crate::privacy::sense::Sense;
use crate::reference::{self, HYPHEN};

/// Passes before a text that still changes is withheld. Two settle almost any; a cue before a row of values can need one for each.
const MAX_PASSES: usize = 16;
/// The same for texts of more than [`LONG_BYTES`], where every pass costs; between them, it is read only where something changed.
const MAX_PASSES_OF_LONG: usize = 4;
/// The largest share of a long text, one in so many bytes, that is read again without the rest.
const MAX_SHARE_NEAR: usize = 8;
/// Longest text that many passes cost little.
const LONG_BYTES: usize = 16 * 1024;

/// What is told about a recognizer.
#[derive(Debug)]
struct Recognizer {
    name: Arc<str>,
    /// The name in the placeholder.
    label: Arc<str>,
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
    /// Placeholders and our own references.
    opaque: Regex,
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
            operator.push(Operator::new(own, |name| {
                recognizers.iter().any(|known: &Recognizer| *known.name == *name)
            })?);
            recognizers.push(Recognizer {
                name: own.name.as_str().into(),
                label: own.placeholder.as_str().into(),
            });
            labels.push(&own.placeholder);
        }
        let context = (0..=u16::MAX).zip(custom).flat_map(|(own, custom)| {
            custom
                .context
                .iter()
                .map(move |word| (Sense::Operator(own), word.as_str()))
        });
        let lexicon = if custom.is_empty() {
            Arc::clone(&builtin.lexicon)
        } else {
            Arc::new(lexicon(cue_words().chain(context)))
        };
        let opaque = compile_exact(&format!(
            r"\[(?:(?:{})_(?:REDACTED|[0-9]{{1,3}})|TEXT_WITHHELD)\]|{}",
            labels.join("|"),
            reference::pattern(HYPHEN)
        ));
        Ok(Self {
            patterns: Arc::clone(&builtin.patterns),
            operator,
            recognizers,
            only: Vec::new(),
            lexicon,
            opaque,
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
            None => Redaction::withheld(),
            Some(findings) => self.render(text, &findings, |finding, _, out| self.redacted(finding, out)),
        }
    }

    /// Replaces every identifier found in `text` with a pseudonym that is stable within the text, such as `[EMAIL_1]`: the
    /// same identifier, however it is cased and spaced, gets the same one.
    #[must_use]
    pub fn pseudonymise(&self, text: &str) -> Redaction {
        match self.detect(text) {
            None => Redaction::withheld(),
            Some(findings) => self.render(text, &findings, self.pseudonyms()),
        }
    }

    /// Both of [`Self::redact`] and [`Self::pseudonymise`], in this order, for the price of one.
    #[must_use]
    pub fn redact_both(&self, text: &str) -> (Redaction, Redaction) {
        match self.detect(text) {
            None => (Redaction::withheld(), Redaction::withheld()),
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
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let mut key = String::new();
        move |finding, identifier, out| {
            let label = &**self.label(finding);
            key.clear();
            key.push_str(label);
            key.push(' ');
            key.extend(
                identifier
                    .chars()
                    .filter(|c| c.is_alphanumeric())
                    .flat_map(char::to_lowercase),
            );
            let number = known.get(&key).copied().unwrap_or_else(|| {
                let count = counts.entry(label).or_default();
                *count += 1;
                known.insert(key.clone(), *count);
                *count
            });
            let _ = write!(out, "[{label}_{number}]");
        }
    }

    /// What is to be masked in `text`; `None` when it has to be withheld whole.
    fn detect(&self, text: &str) -> Option<Vec<Finding>> {
        u32::try_from(text.len()).ok()?;
        let opaque = self.opaque_in(text);
        let mut findings = self.find(text, &opaque);
        let is_long = text.len() > LONG_BYTES;
        let passes = if is_long { MAX_PASSES_OF_LONG } else { MAX_PASSES };
        let mut found = !findings.is_empty();
        let mut is_said_again = found;
        for _ in 1..passes {
            if !found {
                // What all passes found together is looked for once more, and what that brings to light.
                if !std::mem::take(&mut is_said_again) {
                    break;
                }
                let held = hidden(&opaque, &findings, 0..text.len());
                let again = repeats::find(text, &findings, &held);
                if again.is_empty() {
                    break;
                }
                add(&mut findings, again);
            }
            // A masked identifier may have hidden the cue of the next: look again, at the text as it would go out.
            let more = self.find(text, &hidden(&opaque, &findings, 0..text.len()));
            found = !more.is_empty();
            if is_long {
                self.settle(text, &opaque, &mut findings, more)?;
            } else {
                add(&mut findings, more);
            }
        }
        (!found).then_some(findings)
    }

    /// Adds `more` to the findings of a long text, and what that brings to light near by: little, so that the rest need not be read again
    /// each time. `None` when it does not settle.
    fn settle(
        &self,
        text: &str,
        opaque: &[Hidden],
        findings: &mut Vec<Finding>,
        mut more: Vec<Finding>,
    ) -> Option<()> {
        for _ in 0..MAX_PASSES {
            let near = neighbourhoods(text, opaque, findings, &more);
            add(findings, more);
            // Where much is new, the whole is read again anyway.
            if near.iter().map(Range::len).sum::<usize>() > text.len() / MAX_SHARE_NEAR {
                return Some(());
            }
            more = Vec::new();
            for part in near {
                let inside = self.find(&text[part.clone()], &hidden(opaque, findings, part.clone()));
                more.extend(
                    inside
                        .into_iter()
                        .filter_map(|finding| finding.within(&part, text.len())),
                );
            }
            if more.is_empty() {
                return Some(());
            }
        }
        None
    }

    /// What of a text no recognizer reads: the placeholders that it holds already, and our own references.
    fn opaque_in(&self, text: &str) -> Vec<Hidden> {
        if !text.contains(['[', '-']) {
            return Vec::new();
        }
        // A part of something longer, such as a mail address, is no reference.
        let joins = |c: char| matches!(c, '@' | '-' | '_');
        self.opaque
            .find_iter(text)
            .map(|found| found.range())
            .filter(|found| {
                text[found.start..].starts_with('[')
                    || !text[..found.start].ends_with(joins) && !text[found.end..].starts_with(joins)
            })
            .map(|range| Hidden {
                is_place: ["[ADDRESS_", "[LOCATION_"]
                    .iter()
                    .any(|place| text[range.start..].starts_with(place)),
                range,
            })
            .collect()
    }

    fn render(
        &self,
        text: &str,
        findings: &[Finding],
        placeholder: impl FnMut(&Finding, &str, &mut String),
    ) -> Redaction {
        Redaction {
            text: Redacted(mask(text, findings, placeholder)),
            spans: self.spans(text, findings),
        }
    }

    /// The name in a finding's placeholder.
    fn label(&self, finding: &Finding) -> &Arc<str> {
        if finding.kind == IdentifierKind::Custom {
            &self.recognizers[finding.recognizer].label
        } else {
            &BUILTIN.labels[finding.kind as usize]
        }
    }

    /// Findings in bytes, to code points.
    fn spans(&self, text: &str, findings: &[Finding]) -> Vec<Span> {
        let (mut bytes, mut chars) = (0, 0);
        let is_ascii = text.is_ascii();
        let mut count = |to: usize| {
            chars += if is_ascii {
                to - bytes
            } else {
                text[bytes..to].chars().count()
            };
            bytes = to;
            chars
        };
        findings
            .iter()
            .map(|finding| Span {
                start: count(finding.start),
                end: count(finding.end),
                kind: finding.kind,
                label: Arc::clone(self.label(finding)),
                recognizer: Arc::clone(&self.recognizers[finding.recognizer].name),
                score: finding.score,
            })
            .collect()
    }

    /// One pass over `text`, but for what is `hidden` (in order): merged findings, in order.
    fn find(&self, text: &str, hidden: &[Hidden]) -> Vec<Finding> {
        let view = View::fold(text).hiding(hidden);
        let mut scan = Scan::of(view.text(), &self.lexicon);
        let view = if scan.traits.hesitates {
            let edits = spoken::fillers(view.text());
            let view = view.edited(&edits);
            scan = Scan::of(view.text(), &self.lexicon);
            view
        } else {
            view
        };
        let edits = spoken::edits(view.text(), &scan);
        let view = if edits.is_empty() {
            view
        } else {
            let view = view.edited(&edits);
            scan = Scan::of(view.text(), &self.lexicon);
            scan.traits.said = true;
            view
        };
        let mut findings = Vec::new();
        for at in BUILTIN.choice.of(&scan) {
            self.patterns[at].find(view.text(), &scan, at, &mut findings);
        }
        self.run_detectors(view.text(), &scan, &mut findings);
        self.run_operators(view.text(), &scan.cues, &mut findings);
        if !self.only.is_empty() {
            findings.retain(|finding| self.only.contains(&finding.kind));
        }
        for finding in &mut findings {
            (finding.start, finding.end) = view.original(finding.start, finding.end);
        }
        merge(&mut findings);
        findings
    }

    fn run_detectors(&self, seen: &str, scan: &Scan<'_>, findings: &mut Vec<Finding>) {
        let mut hits: Vec<Hit> = Vec::new();
        for (at, detector) in recognizers::detectors().enumerate() {
            (detector.find)(seen, scan, &mut hits);
            findings.extend(
                hits.drain(..)
                    .filter(|hit| !seen[hit.start..hit.end].contains(OPAQUE))
                    .map(|hit| Finding {
                        start: hit.start,
                        end: hit.end,
                        kind: hit.kind.unwrap_or(detector.kind),
                        recognizer: self.patterns.len() + at,
                        score: hit.score,
                    }),
            );
        }
    }

    fn run_operators(&self, seen: &str, cues: &Cues<'_>, findings: &mut Vec<Finding>) {
        let first = self.recognizers.len() - self.operator.len();
        for (own, operator) in (0..=u16::MAX).zip(&self.operator) {
            for captures in operator.regex.captures_iter(seen) {
                let Some(found) = captures
                    .get(1)
                    .or_else(|| captures.get(0))
                    .filter(|found| !found.is_empty())
                else {
                    continue;
                };
                let (start, end) = (found.start(), found.end());
                if !found.as_str().contains(OPAQUE)
                    && (!operator.needs_context || has_context(&cues.all, own, start, end))
                {
                    // The operator knows best.
                    findings.push(Finding {
                        start,
                        end,
                        kind: IdentifierKind::Custom,
                        recognizer: first + usize::from(own),
                        score: 1.0,
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact(text: &str) -> String {
        Redactor::new().redact(text).text.to_string()
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
            ("Kreditkarte 4929123456789012", "Kreditkarte [CARD_REDACTED]"),
            (
                "carta di credito 4929123456789012",
                "carta di credito [CARD_REDACTED]",
            ),
            (
                "karta kredytowa 4929123456789012",
                "karta kredytowa [CARD_REDACTED]",
            ),
            ("https://pharm.example/r/f8a7b6c5d4e3f2a1b0", "[URL_REDACTED]"),
            (
                "https://pharm.example/aspirin-500mg-tablets-2024",
                "https://pharm.example/aspirin-500mg-tablets-2024",
            ),
            (
                "dob uh april um twenty second uh nineteen sixty seven",
                "dob uh [DOB_REDACTED]",
            ),
            ("i uh took um two er tablets", "i uh took um two er tablets"),
            ("carte d'identité 12AB34567", "carte d'identité [ID_REDACTED]"),
            (
                "permis de conduire 14AB12345",
                "permis de conduire [DRIVERS_LICENSE_REDACTED]",
            ),
            ("paszport AB1234567", "paszport [PASSPORT_REDACTED]"),
            ("plaque AB-123-CD", "plaque [VEHICLE_REDACTED]"),
            ("rego ABC12D", "rego [VEHICLE_REDACTED]"),
            ("latitude 52.5200 longitude 13.4050", "[LOCATION_REDACTED]"),
            (
                "plaque psoriasis since 2019, Humira 40 mg",
                "plaque psoriasis since 2019, Humira 40 mg",
            ),
            (
                "mein Führerschein ist weg, Bestellung 4492012",
                "mein Führerschein ist weg, Bestellung 4492012",
            ),
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

    #[test]
    fn what_is_encoded_wrapped_or_said_in_another_language_is_found() {
        for (text, redacted) in [
            ("ssn 123%2D45%2D6789", "ssn [SSN_REDACTED]"),
            ("123&#45;45&#45;6789 ssn", "[SSN_REDACTED] ssn"),
            (
                "<p>SSN: <b>123</b>-<b>45</b>-<b>6789</b></p>",
                "<p>SSN: <b>[SSN_REDACTED]</b></p>",
            ),
            ("4111%201111%201111%201111", "[CARD_REDACTED]"),
            ("jane.roe%40example.com", "[EMAIL_REDACTED]"),
            ("jane.roe&#64;example.com", "[EMAIL_REDACTED]"),
            ("4111-1111-\n1111-1111", "[CARD_REDACTED]"),
            ("ssn 123 45\n6789", "ssn [SSN_REDACTED]"),
            ("or 02 1234 5678", "or [PHONE_REDACTED]"),
            ("手机 138 1234 5678", "手机 [PHONE_REDACTED]"),
            ("mi movil es 666 123 456", "mi movil es [PHONE_REDACTED]"),
            ("geboren am 14. März 1984", "geboren am [DOB_REDACTED]"),
            (
                "mein Reisepass ist A1234567",
                "mein Reisepass ist [PASSPORT_REDACTED]",
            ),
            ("PLZ 10115", "PLZ [LOCATION_REDACTED]"),
            ("contraseña: Tr0ub4dor", "contraseña: [CREDENTIAL_REDACTED]"),
            ("née le 14 mars 1984", "née le [DOB_REDACTED]"),
            ("nacida el 14 de marzo de 1984", "nacida el [DOB_REDACTED]"),
        ] {
            assert_eq!(redact(text), redacted, "{text}");
        }
        for text in [
            "100%20mg of it, 5% cream & 3 <b>10 mg</b> tablets",
            "lot AB1234 &amp; exp 05/2027",
            "orders 10093552\n10097788\n10094411",
            "seit dem 14. März 2026 Ausschlag",
            "desde el 3 de noviembre con 20 mg",
            "mot de passe oublié, passwort vergessen, olvidé mi contraseña",
            "have it handy: order 10093552",
            "the portable one, 1200 units",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn our_own_references_stay_readable_wherever_they_stand() {
        for text in [
            "Re: SAF-2W9JXQRHB1V4 the rash is worse",
            "RE: TKT-0123456789AB",
            "my name is SAF-2W9JXQRHB1V4",
            "my member id is SAF-2W9JXQRHB1V4, ssn TKT-123456789012",
            "regards,\nsaf-2w9jxqrhb1v4",
            "signed by TKT-2W9JXQRHB1V4.",
        ] {
            assert_eq!(redact(text), text);
        }
        assert_eq!(
            redact("Re: SAF-2W9JXQRHB1V4, from Ada Lovelace, ssn 123-45-6789"),
            "Re: SAF-2W9JXQRHB1V4, from [NAME_REDACTED], ssn [SSN_REDACTED]"
        );
        // Nothing hides behind one.
        for text in [
            "SAF-2W9JXQRHB1V4@example.com",
            "ada-SAF-2W9JXQRHB1V4@example.com",
            "my member id is SAF-2W9JXQRHB1V",
        ] {
            assert!(redact(text).ends_with("_REDACTED]"), "{text}: {}", redact(text));
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
    fn a_row_of_values_behind_one_cue_settles() {
        // Each value that is masked brings the next within reach of the cue.
        let text = "passport a@b.com12 ]oh12 ]000i live in 0012 00Dr. \u{1940}\u{16A40}0  \u{CDD}a\u{1F300}a\u{1F300}AA00";
        assert!(!Redactor::new().redact(text).is_withheld());
    }

    #[test]
    fn a_long_text_settles_where_it_changed() {
        let row = "passport 12AB 12AC 12AD 12AE 12AF 12AG, thanks. ";
        let rest = "The parcel came on time and the tablets are fine. ";
        let before = rest.repeat(1000);
        let text = format!("{before}{row}{}é [EMAIL_REDACTED] {row}", rest.repeat(50));
        let redactor = Redactor::new();
        let alone = redactor.redact(row).text;
        let redacted = redactor.redact(&text).text;
        assert_eq!(
            redacted.as_str(),
            format!("{before}{alone}{}é [EMAIL_REDACTED] {alone}", rest.repeat(50))
        );
        assert_eq!(redactor.redact(redacted.as_str()).text, redacted);
    }

    #[test]
    fn numbers_in_a_row_are_found_one_by_one() {
        for number in ["00491 22 333333", "+49 30 12345678"] {
            assert_eq!(
                redact(&[number; 40].join(" ")),
                ["[PHONE_REDACTED]"; 40].join(" ")
            );
        }
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
