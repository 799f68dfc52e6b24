//! Shows texts of customers on a terminal without letting them act on it: an escape sequence clears a screen, a carriage return writes over
//! what stands before it, and a change of direction shows words in another order than they were written in.
//!
//! Such characters are written as `\\u` and four hexadecimal digits, as JSON writes them, so that what was JSON is JSON still. Line breaks and
//! tabs stay. Whoever wants the exact text asks for `--json`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every character that would act on the terminal written out.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // The end of a line, as mail has it.
            '\r' if rest.peek() == Some(&'\n') => {}
            c if acts(c) => {
                // Writing to a string does not fail; all of them have four digits.
                let _ = write!(shown, "\\u{:04x}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Control characters but for line feed and tab, Unicode's marks, embeddings, overrides and isolates of direction, and its two separators.
fn acts(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out_and_all_else_stays() {
        for (text, shown) in [
            ("two lines\n\tof plain text, Zoë \u{1f468}\u{200d}\u{1f469}", None),
            ("a mail's\r\nlines\r\n", Some("a mail's\nlines\n")),
            ("all is well\rit burns", Some("all is well\\u000dit burns")),
            ("\u{1b}[2Jgone", Some("\\u001b[2Jgone")),
            ("\u{202e}pets eht\u{202c}", Some("\\u202epets eht\\u202c")),
            (
                "\u{2066}\u{200f}\u{9b}1m\u{7f}",
                Some("\\u2066\\u200f\\u009b1m\\u007f"),
            ),
        ] {
            assert_eq!(visible(text), shown.unwrap_or(text), "{text:?}");
        }
    }
}
