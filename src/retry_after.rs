//! `Retry-After` (RFC 9110, section 10.2.3): how long a service that we call asks to be left alone, in seconds or until an HTTP date.
//!
//! Seconds with a fraction, which some send against the RFC, are read too: half a second is no reason to come back at once. What cannot be read
//! is no wait. How much of a wait is granted is for who asked to say.

use std::time::Duration;

use jiff::Timestamp;

/// The wait that the field's value `text` asks for; a date in the past is none.
pub(crate) fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    // HTTP/2 leaves the blanks.
    let text = text.trim();
    seconds(text).or_else(|| {
        let then = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
    })
}

/// A number of seconds, or of something else that is to be divided.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let number: f64 = text.parse().ok()?;
    Duration::try_from_secs_f64(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read() {
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        let ms = Duration::from_millis;
        for (text, expected) in [
            ("120", Some(ms(120_000))),
            (" 120 ", Some(ms(120_000))),
            ("1.5", Some(ms(1_500))),
            ("0", Some(ms(0))),
            ("Mon, 02 Mar 2026 09:01:00 GMT", Some(ms(60_000))),
            ("Mon, 02 Mar 2026 08:00:00 GMT", Some(ms(0))),
            ("99999999999999999999", None),
            ("-3", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse(text, now), expected, "{text:?}");
        }
    }
}
