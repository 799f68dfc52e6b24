//! Findings: how those that overlap become one, and how a text is masked with them.
//!
//! **Overlap rule**: findings that overlap are merged into one that spans them all and takes the kind of the highest score, then of
//! the longest, then of the first; so nothing that any recognizer found is left visible.

use std::ops::Range;

use super::kind::IdentifierKind;

/// A finding, in bytes of the original.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finding {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: IdentifierKind,
    pub(super) recognizer: usize,
    pub(super) score: f32,
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

/// One piece of a masked text: where it begins there, and the original bytes it stands for.
pub(super) struct Piece {
    at: usize,
    original: Range<usize>,
    verbatim: bool,
}

/// The text with every finding replaced, and where each piece came from.
pub(super) fn mask(
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
pub(super) fn back(pieces: &[Piece], at: usize) -> usize {
    let piece = &pieces[pieces.partition_point(|piece| piece.at <= at).saturating_sub(1)];
    if piece.verbatim {
        piece.original.start + (at - piece.at)
    } else {
        piece.original.start
    }
}

/// The original position of the masked position `at`, where a finding ends.
pub(super) fn back_end(pieces: &[Piece], at: usize) -> usize {
    let piece = &pieces[pieces.partition_point(|piece| piece.at < at).saturating_sub(1)];
    if piece.verbatim {
        piece.original.start + (at - piece.at)
    } else {
        piece.original.end
    }
}
