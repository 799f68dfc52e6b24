//! What the customer wrote now, without what is quoted below it.
//!
//! A mail carries its history: an old "I can't breathe" quoted under "thanks, all good" is not today's emergency.
//! Forwarded messages stay, since a forwarded report is a report. When nothing would be left, everything stays: it is
//! better to read too much than to lose a report. The signature block after `-- ` goes too, unless something is forwarded:
//! that stands below the signature. Linear in the text, whatever is written; still, a decision asks once and hands the answer on.

use std::borrow::Cow;

use crate::classify::local::reading::is_forward;

/// `text` without quoted history and signature block.
#[must_use]
pub(super) fn own_words(text: &str) -> Cow<'_, str> {
    // A single line quotes nothing that could be left out without leaving nothing.
    if !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let mut kept: Vec<&str> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let forward = lines.iter().position(|line| is_forward(line));
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim();
        let forwarded = forward.is_some_and(|forward| forward <= at);
        if !forwarded
            && (is_attribution(&lines, at) || is_original_message(trimmed) || is_reply_header(&lines, at))
        {
            // What was written between or under quotes still counts, where the history is marked by `>`.
            if lines.iter().any(|line| is_quoted(line)) {
                kept.extend(lines[at + 1..].iter().filter(|line| is_inline_reply(line)));
            }
            break;
        }
        if forward.is_none() && (*line == "-- " || (*line == "--" && at + 6 >= lines.len())) {
            break;
        }
        if is_quoted(trimmed) && !forwarded {
            continue;
        }
        kept.push(line);
    }
    if kept.len() == lines.len() {
        return Cow::Borrowed(text);
    }
    let own = kept.join("\n").trim().to_owned();
    if own.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
        return Cow::Borrowed(text);
    }
    Cow::Owned(own)
}

fn is_original_message(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    line.starts_with("--") && (lower.contains("original message") || lower.contains("original appointment"))
}

/// How mail programs begin the line over a quoted message, and end it.
const ATTRIBUTIONS: [(&str, &[&str]); 5] = [
    ("On ", &["wrote:"]),
    ("Le ", &["a écrit :", "a écrit\u{a0}:", "a écrit:"]),
    ("El ", &["escribió:"]),
    ("Il ", &["ha scritto:"]),
    ("Em ", &["escreveu:"]),
];
/// Those that end with the sender instead: "Am 23.11.2026 um 10:12 schrieb Example Pharmacy <...>:".
const ATTRIBUTIONS_TO: [(&str, &str); 2] = [("Am ", " schrieb "), ("Op ", " schreef ")];
/// What the header block over a reply begins with, and what one of its next lines does.
const HEADERS: [&str; 6] = ["From:", "Von:", "De:", "De :", "Da:", "Van:"];
const HEADER_DATES: [&str; 9] = [
    "Sent:",
    "Date:",
    "Gesendet:",
    "Datum:",
    "Envoyé",
    "Enviado:",
    "Inviato:",
    "Data:",
    "Verzonden:",
];

/// "On Tue, 3 March 2026 at 10:12, Example Pharmacy wrote:", on one line or wrapped onto a second.
fn is_attribution(lines: &[&str], at: usize) -> bool {
    let line = lines[at].trim();
    let next = lines.get(at + 1).map_or("", |next| next.trim());
    if !line.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let ends = |end: &&str| line.ends_with(end) || next.ends_with(end);
    let to_sender = |verb: &str| {
        let whole = if line.ends_with(':') {
            line.to_owned()
        } else {
            format!("{line} {next}")
        };
        whole.ends_with(">:") && whole.contains(verb)
    };
    ATTRIBUTIONS
        .iter()
        .any(|(start, end)| line.starts_with(start) && end.iter().any(ends))
        || ATTRIBUTIONS_TO
            .iter()
            .any(|(start, verb)| line.starts_with(start) && to_sender(verb))
}

/// The header block that some mail programs put over a reply.
fn is_reply_header(lines: &[&str], at: usize) -> bool {
    let begins = |line: &str, with: &[&str]| with.iter().any(|start| line.trim_start().starts_with(start));
    begins(lines[at], &HEADERS)
        && at > 0
        && lines[at + 1..]
            .iter()
            .take(3)
            .any(|line| begins(line, &HEADER_DATES))
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Below an attribution line, a line without `>` is the customer's own.
fn is_inline_reply(line: &str) -> bool {
    !is_quoted(line) && !line.trim_end().ends_with("wrote:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_history_is_left_out_and_forwards_are_kept() {
        for (text, own) in [
            (
                "All good now, thanks.\n\nOn Tue, 3 March 2026 at 10:12, Jo wrote:\n> I can't breathe",
                "All good now, thanks.",
            ),
            (
                "All good.\n\nOn Tue, 3 March 2026 at 10:12,\nJo wrote:\n> I can't breathe\n\nbut now a rash",
                "All good.\n\n\nbut now a rash",
            ),
            ("Fine.\n-----Original Message-----\nchest pain", "Fine."),
            ("Fine.\nFrom: Jo\nSent: Monday\nSubject: x\nchest pain", "Fine."),
            ("Gut.\nVon: Jo\nGesendet: Montag\nBetreff: x\nStorno 4471", "Gut."),
            (
                "Gut.\nAm 23.11.2026 um 10:12 schrieb Jo <[EMAIL_REDACTED]>:\nStorno 4471",
                "Gut.",
            ),
            (
                "Bien.\nLe lun. 23 nov. 2026 à 10:12, Jo a écrit :\nAnnuler 4471",
                "Bien.",
            ),
            (
                "Bien.\nEl lun, 23 nov 2026, Jo\n<[EMAIL_REDACTED]> escribió:\nAnnuler 4471",
                "Bien.",
            ),
            (
                "Am 3. Mai schrieb ich Ihnen schon:\nmein Hals schwillt zu",
                "Am 3. Mai schrieb ich Ihnen schon:\nmein Hals schwillt zu",
            ),
            (
                "Bitte.\n-------- Weitergeleitete Nachricht --------\nVon: Jo\nDatum: Montag\nAtemnot",
                "Bitte.\n-------- Weitergeleitete Nachricht --------\nVon: Jo\nDatum: Montag\nAtemnot",
            ),
            ("> chest pain\nthat is over", "that is over"),
            ("> chest pain", "> chest pain"),
            (
                "Please act.\n---------- Forwarded message ---------\nFrom: Jo\nDate: Monday\n> chest pain",
                "Please act.\n---------- Forwarded message ---------\nFrom: Jo\nDate: Monday\n> chest pain",
            ),
            ("Hi\n-- \nDr. A. Example, chest pain clinic", "Hi"),
            (
                "Please see below\n-- \nJo\n\n---------- Forwarded message ---------\nFrom: Jo\n> chest pain",
                "Please see below\n-- \nJo\n\n---------- Forwarded message ---------\nFrom: Jo\n> chest pain",
            ),
            (
                "On 3 days I had chest pain, I wrote: help",
                "On 3 days I had chest pain, I wrote: help",
            ),
        ] {
            assert_eq!(own_words(text), own);
        }
    }

    #[test]
    fn a_history_of_any_length_is_walked_once() {
        // To look at every line again for each would take hours.
        let text = format!("where is my order\nOn 1 wrote:\n{}x", "\n".repeat(1_000_000));
        assert_eq!(own_words(&text), "where is my order");
        let forward = format!("see below\n{}Fwd: x", "-- \n".repeat(100_000));
        assert_eq!(own_words(&forward), forward);
    }
}
