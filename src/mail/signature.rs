//! How a mail is signed: names below a closing formula, and the block below `-- `.
//!
//! What somebody adds below ("PS my tongue tingles") is said. Nothing here fails.

use super::quotation::{is_forward, is_header};
use super::{FIRST_PERSON, Part, has_word, starts_with_ignore_case};

/// Marks the signatures.
pub(super) fn mark(lines: &[&str], parts: &mut [Part]) {
    mark_block(lines, parts);
    mark_closing(lines, parts);
}

/// From `-- ` up to what is said or forwarded below it. Without the space it is one only near the end.
fn mark_block(lines: &[&str], parts: &mut [Part]) {
    let is_end = |at: usize| lines[at] == "-- " || (lines[at] == "--" && at + 6 >= lines.len());
    let Some(start) = (0..lines.len()).find(|&at| parts[at] == Part::Said && is_end(at)) else {
        return;
    };
    for at in start..lines.len() {
        if parts[at] != Part::Said || adds(lines[at]) || is_forward(lines[at]) || is_header(lines[at]) {
            return;
        }
        parts[at] = Part::Signature;
    }
}

/// Whether somebody goes on here below the signature.
fn adds(line: &str) -> bool {
    const ADDING: [&str; 6] = ["ps ", "ps:", "ps.", "p.s", "also ", "oh "];
    let line = line.trim_start();
    ADDING.iter().any(|adding| starts_with_ignore_case(line, adding))
        || (line.split_whitespace().count() >= 6 && has_word(line, &FIRST_PERSON))
}

/// Most lines that a name, a title and a number take below a closing formula.
const NAME_LINES: usize = 3;

/// Names below the last closing formula of what is said.
fn mark_closing(lines: &[&str], parts: &mut [Part]) {
    // Somebody who writes all in capitals gives no sign of what is a name.
    if !lines.iter().any(|line| line.contains(char::is_lowercase)) {
        return;
    }
    let said: Vec<usize> = (0..lines.len())
        .filter(|&at| parts[at] == Part::Said && !lines[at].trim().is_empty())
        .collect();
    let closing = said
        .iter()
        .rev()
        .take(NAME_LINES + 1)
        .position(|&at| is_closing(lines[at].trim()));
    let Some(after) = closing else { return };
    let (before, closed) = said.split_at(said.len() - after - 1);
    if !before.is_empty() && closed[1..].iter().all(|&at| is_name(lines[at].trim())) {
        for &at in closed {
            parts[at] = Part::Closing;
        }
    }
}

/// Whether a line is no more than a name, a title or a number.
fn is_name(line: &str) -> bool {
    const PARTICLES: [&str; 12] = [
        "of", "and", "the", "de", "da", "del", "la", "van", "von", "der", "den", "for",
    ];
    let words = line.split_whitespace().count();
    let of_name =
        |word: &str| !word.starts_with(char::is_lowercase) || PARTICLES.contains(&word) || word.contains('@');
    // A line that is all capitals, longer than a name, may be anything.
    let shouts = words > 2 && !line.contains(char::is_lowercase) && line.contains(char::is_alphabetic);
    line.len() <= 40
        && words <= 4
        && line.split_whitespace().all(of_name)
        && !shouts
        && !adds(line)
        && !is_forward(line)
}

fn is_closing(line: &str) -> bool {
    let line = line.trim_end_matches([',', '!', '.']);
    line.len() <= 30
        && [
            "regards",
            "kind regards",
            "best regards",
            "warm regards",
            "best",
            "best wishes",
            "sincerely",
            "yours sincerely",
            "yours",
            "yours faithfully",
            "yours truly",
            "cheers",
            "many thanks",
            "thanks",
            "thank you",
            "with thanks",
            "respectfully",
            "cordially",
        ]
        .iter()
        .any(|closing| line.eq_ignore_ascii_case(closing))
}
