//! Findings: how those that overlap become one, and how a text is masked with them.
//!
//! **Overlap rule**: findings that overlap are merged into one that spans them all and takes the kind of the highest score, then of
//! the longest, then of the first; so nothing that any recognizer found is left visible.

use std::ops::Range;

use super::kind::IdentifierKind;
use super::normalise::Hidden;

/// How far from a new finding others may come to light, in bytes.
const NEAR: usize = 512;
/// How much text beyond that is read, so that nothing is judged without what stands beside it.
const MARGIN: usize = 512;

/// A finding, in bytes of the original.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finding {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: IdentifierKind,
    pub(super) recognizer: usize,
    pub(super) score: f32,
}

impl Finding {
    /// A finding in `part` of a text of `length` bytes, as one of the text; `None` near an edge where the part was cut out, since
    /// what stands beyond could have spoken for it or against.
    pub(super) fn within(self, part: &Range<usize>, length: usize) -> Option<Self> {
        let (start, end) = (part.start + self.start, part.start + self.end);
        let clear =
            (part.start == 0 || self.start >= MARGIN) && (part.end == length || end + MARGIN <= part.end);
        clear.then_some(Self { start, end, ..self })
    }
}

/// Sorts findings and merges those that overlap, by the overlap rule.
pub(super) fn merge(findings: &mut Vec<Finding>) {
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

/// Adds `more` findings to those that are known.
pub(super) fn add(findings: &mut Vec<Finding>, more: Vec<Finding>) {
    if !more.is_empty() {
        findings.extend(more);
        merge(findings);
    }
}

/// What no recognizer may read in the bytes `part` of a text, counted from its beginning: `placeholders` and findings, in order.
pub(super) fn hidden(placeholders: &[Hidden], findings: &[Finding], part: Range<usize>) -> Vec<Hidden> {
    let findings = &findings[findings.partition_point(|finding| finding.end <= part.start)..];
    let findings = &findings[..findings.partition_point(|finding| finding.start < part.end)];
    let placeholders = &placeholders[placeholders.partition_point(|held| held.range.end <= part.start)..];
    let mut held = placeholders
        .iter()
        .take_while(|held| held.range.start < part.end)
        .peekable();
    let within = |range: &Range<usize>, is_place| Hidden {
        range: range.start - part.start..range.end - part.start,
        is_place,
    };
    let mut hidden = Vec::with_capacity(findings.len() + held.size_hint().0);
    for finding in findings {
        while let Some(before) = held.next_if(|held| held.range.start < finding.start) {
            hidden.push(within(&before.range, before.is_place));
        }
        let is_place = matches!(finding.kind, IdentifierKind::Address | IdentifierKind::Location);
        hidden.push(within(&(finding.start..finding.end), is_place));
    }
    hidden.extend(held.map(|held| within(&held.range, held.is_place)));
    hidden
}

/// The parts of a text, apart and in order, that lie near its newest findings; none cuts a placeholder or a finding in two.
pub(super) fn neighbourhoods(
    text: &str,
    placeholders: &[Hidden],
    findings: &[Finding],
    newest: &[Finding],
) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for new in newest {
        let start = text.floor_char_boundary(new.start.saturating_sub(NEAR + MARGIN));
        let end = text.ceil_char_boundary(new.end + NEAR + MARGIN);
        match parts.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => parts.push(start..end),
        }
    }
    let whole = |at: usize| {
        let held = placeholders.get(placeholders.partition_point(|held| held.range.end <= at));
        let found = findings.get(findings.partition_point(|finding| finding.end <= at));
        let held = held.map(|held| held.range.clone());
        let found = found.map(|finding| finding.start..finding.end);
        held.into_iter().chain(found).find(|range| range.start < at)
    };
    for part in &mut parts {
        part.start = whole(part.start).map_or(part.start, |range| range.start);
        part.end = whole(part.end).map_or(part.end, |range| range.end);
    }
    parts
}

/// The text with every finding replaced.
pub(super) fn mask(
    text: &str,
    findings: &[Finding],
    mut placeholder: impl FnMut(&Finding, &str, &mut String),
) -> String {
    let mut masked = String::with_capacity(text.len() + 12 * findings.len());
    let mut done = 0;
    for finding in findings {
        masked.push_str(&text[done..finding.start]);
        placeholder(finding, &text[finding.start..finding.end], &mut masked);
        done = finding.end;
    }
    masked.push_str(&text[done..]);
    masked
}
