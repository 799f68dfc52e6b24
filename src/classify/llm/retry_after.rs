//! How long a service asks us to wait, read from its response headers.
//!
//! `retry-after-ms` (OpenAI, Azure), `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), and
//! `x-ratelimit-reset-requests` / `-tokens` (OpenAI: `1s`, `6m0s`, `20ms`) of the limits that are used up.

use std::time::Duration;

use hyper::header::HeaderMap;
use jiff::Timestamp;

use crate::retry_after;

/// The longest wait that any header asks for; `None` when none does or none can be read.
pub(super) fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let explicit = text("retry-after-ms")
        .and_then(|ms| retry_after::seconds(ms).map(|d| d / 1000))
        .or_else(|| text("retry-after").and_then(|value| retry_after::parse(value, now)));
    if explicit.is_some() {
        return explicit;
    }
    let reset = |limit: &str| {
        let used_up = text(&format!("x-ratelimit-remaining-{limit}")).is_none_or(|left| left == "0");
        let reset = text(&format!("x-ratelimit-reset-{limit}"))?;
        used_up.then(|| go_duration(reset)).flatten()
    };
    reset("requests").max(reset("tokens"))
}

/// `6m0s`, `1.5s`, `20ms`, `1h2m`: how Go prints durations.
fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, from_unit) = rest.split_at(digits);
        let letters = from_unit
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(from_unit.len());
        let (unit, after) = from_unit.split_at(letters);
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number.parse::<f64>().ok()? * scale).ok()?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = [(&'static str, &'static str)];

    fn from(pairs: &Pairs) -> Option<Duration> {
        let headers = pairs
            .iter()
            .map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap()))
            .collect();
        wait(&headers, "2026-11-22T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn every_form_of_wait_is_read() {
        let ms = Duration::from_millis;
        let cases: [(&Pairs, Option<Duration>); 12] = [
            (&[], None),
            (&[("retry-after", "2")], Some(ms(2000))),
            (&[("retry-after", "0.25")], Some(ms(250))),
            (
                &[("retry-after", "Sun, 22 Nov 2026 12:00:05 GMT")],
                Some(ms(5000)),
            ),
            (&[("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], Some(ms(0))),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-3")], None),
            (&[("retry-after-ms", "120"), ("retry-after", "1")], Some(ms(120))),
            (&[("x-ratelimit-reset-requests", "6m0s")], Some(ms(360_000))),
            (
                &[
                    ("x-ratelimit-remaining-requests", "0"),
                    ("x-ratelimit-reset-requests", "20ms"),
                    ("x-ratelimit-remaining-tokens", "900"),
                    ("x-ratelimit-reset-tokens", "8s"),
                ],
                Some(ms(20)),
            ),
            (
                &[
                    ("x-ratelimit-reset-tokens", "1.5s"),
                    ("x-ratelimit-reset-requests", "1s"),
                ],
                Some(ms(1500)),
            ),
            (&[("x-ratelimit-reset-tokens", "1 fortnight")], None),
        ];
        for (headers, expected) in cases {
            assert_eq!(from(headers), expected, "{headers:?}");
        }
    }
}
