//! How values become words that are safe to show: one line, no markup, no command, times that keep their promise.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use crate::privacy::is_card_number;

/// Longest excerpt of a message in a summary, in characters.
const EXCERPT_CHARS: usize = 120;

/// Customer text as one line of plain words: control and invisible direction characters dropped, white space joined,
/// the characters that markup and templates are made of replaced by look-alikes that nothing interprets.
#[must_use]
pub(super) fn plain_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let c = match c {
            '<' => '\u{2039}',
            '>' => '\u{203a}',
            '`' => '\u{2019}',
            '|' => '\u{a6}',
            '{' => '(',
            '}' => ')',
            '*' => '\u{2217}',
            '@' => '\u{ff20}',
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                continue;
            }
            c if c.is_control() || c.is_whitespace() => ' ',
            c => c,
        };
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out.trim().to_owned()
}

/// The beginning of a redacted text as a quotation, so that it can never begin a line of its own.
#[must_use]
pub(super) fn excerpt(redacted: &str) -> String {
    let line = plain_line(redacted);
    let mut chars = line.char_indices();
    match chars.nth(EXCERPT_CHARS) {
        None => format!("\u{201c}{line}\u{201d}"),
        Some((at, _)) => format!("\u{201c}{}\u{2026}\u{201d}", line[..at].trim_end()),
    }
}

/// A span of minutes in words.
#[must_use]
pub(super) fn minutes(minutes: u32) -> String {
    let count = |n: u32, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match minutes {
        m if m % 1440 == 0 && m > 1440 => count(m / 1440, "day"),
        m if m % 60 == 0 => count(m / 60, "hour"),
        m => count(m, "minute"),
    }
}

/// A point in time to the minute, rounded up: a promise of 14:15:30 must not read as 14:15.
#[must_use]
pub(super) fn moment(at: Timestamp) -> String {
    let up = TimestampRound::new().smallest(Unit::Minute).mode(RoundMode::Ceil);
    at.round(up)
        .unwrap_or(at)
        .strftime("%H:%M UTC on %-d %B %Y")
        .to_string()
}

/// An id from metadata, when it looks like one: a caller may have put a mail address or a Social Security number there.
#[must_use]
pub(super) fn plain_id(id: &str) -> Option<String> {
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
    let digits = id.chars().filter(char::is_ascii_digit).count();
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    let like_ssn = digits == 9 && parts == [3, 2, 4];
    (id.len() <= 64 && !id.is_empty() && id.chars().all(ok) && !like_ssn).then(|| id.to_owned())
}

/// A customer's id from metadata: as [`plain_id`], and no payment card's number. Orders keep numbers of that form, as they do in a text. A
/// telephone number without separators passes: ten digits in a row are as good an account number, and many systems count that far.
#[must_use]
pub(super) fn plain_customer_id(id: &str) -> Option<String> {
    plain_id(id).filter(|id| !is_card_number(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customer_text_becomes_one_harmless_line() {
        assert_eq!(
            plain_line("a\n\n<b>hi</b>\u{202e} {{x}} `y`"),
            "a \u{2039}b\u{203a}hi\u{2039}/b\u{203a} ((x)) \u{2019}y\u{2019}"
        );
        assert_eq!(excerpt("=1+1"), "\u{201c}=1+1\u{201d}");
        let (whole, longer) = ("x".repeat(EXCERPT_CHARS), "x".repeat(EXCERPT_CHARS + 1));
        assert_eq!(excerpt(&whole), format!("\u{201c}{whole}\u{201d}"));
        assert_eq!(excerpt(&longer), format!("\u{201c}{whole}\u{2026}\u{201d}"));
    }

    #[test]
    fn times_are_rounded_up_and_spans_are_words() {
        assert_eq!(
            moment("2026-12-31T23:59:01Z".parse().unwrap()),
            "00:00 UTC on 1 January 2027"
        );
        assert_eq!(
            moment("2026-11-22T14:15:00Z".parse().unwrap()),
            "14:15 UTC on 22 November 2026"
        );
        assert_eq!(
            [15, 60, 120, 1440, 4320, 90].map(minutes),
            [
                "15 minutes",
                "1 hour",
                "2 hours",
                "24 hours",
                "3 days",
                "90 minutes"
            ]
        );
    }

    #[test]
    fn only_ids_pass_as_ids() {
        assert_eq!(plain_id("C-1001").as_deref(), Some("C-1001"));
        for id in ["jo@example.com", "123-45-6789", "a b", "", "<x>"] {
            assert_eq!(plain_id(id), None, "{id}");
        }
        for id in [
            "4111111111111111",
            "4111-1111-1111-1111",
            "378282246310005",
            "jo@example.com",
        ] {
            assert_eq!(plain_customer_id(id), None, "{id}");
        }
        for id in [
            "C-1001",
            "4111111111111112",
            "5550102345",
            "100000000017",
            "C-4111111111111111",
        ] {
            assert_eq!(plain_customer_id(id).as_deref(), Some(id));
        }
        assert!(
            plain_id("4111111111111111").is_some(),
            "an order may be numbered so"
        );
    }
}
