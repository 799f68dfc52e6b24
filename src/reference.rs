//! The written form of a reference, a record's public id: `SAF-7Q2M9ZK4XWB1`, `TKT-...`.
//!
//! The store makes them; customers and agents quote them, so redaction leaves them readable, the embedded model reads "ticket" for one, and the
//! workflows know a request about one. A reference identifies a record and nobody.

/// What a compliance record's reference begins with.
pub const COMPLIANCE: &str = "SAF";
/// What a ticket's reference begins with.
pub const TICKET: &str = "TKT";
/// Crockford's base 32: no letter that is mistaken for a digit when a reference is read over the phone.
pub const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols behind the prefix.
pub const LENGTH: usize = 12;

/// What stands between them, as the store writes it.
pub const HYPHEN: &str = "-";
/// What people make of it when they copy a reference, as a regular expression.
pub const HYPHEN_AS_COPIED: &str = "[- ]?";

/// A reference as a regular expression, with `between` for what stands between prefix and symbols: [`HYPHEN`] or [`HYPHEN_AS_COPIED`].
#[must_use]
pub fn pattern(between: &str) -> String {
    pattern_of(&format!("(?:{COMPLIANCE}|{TICKET})"), between)
}

/// [`pattern`] for references that begin with `prefix`: [`COMPLIANCE`], or [`TICKET`].
#[must_use]
pub fn pattern_of(prefix: &str, between: &str) -> String {
    format!(r"\b{prefix}{between}[0-9A-HJKMNP-TV-Z]{{{LENGTH}}}\b")
}

/// `pattern` in any case. References are ASCII: so few beginnings are left that a text without one is passed over at a glance.
#[must_use]
pub fn in_any_case(pattern: &str) -> String {
    format!("(?i-u:{pattern})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_the_form() {
        let pattern = regex::Regex::new(&pattern(HYPHEN)).unwrap();
        for prefix in [COMPLIANCE, TICKET] {
            for symbol in (0..=u8::MAX).filter(u8::is_ascii).map(char::from) {
                let reference = format!("{prefix}-{}", String::from(symbol).repeat(LENGTH));
                let is_one = pattern
                    .find(&reference)
                    .is_some_and(|found| found.as_str() == reference);
                assert_eq!(is_one, SYMBOLS.contains(&(symbol as u8)), "{reference}");
            }
        }
        assert!(!pattern.is_match(&format!("{TICKET}-{}", "7".repeat(LENGTH + 1))));
    }
}
