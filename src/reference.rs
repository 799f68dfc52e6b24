//! The kinds of record, and the written form of a reference, a record's public id: `SAF-7Q2M9ZK4XWB1`, `TKT-...`.
//!
//! The store makes them; customers and agents quote them, so redaction leaves them readable, the embedded model reads "ticket" for one, and the
//! workflows know a request about one. A reference identifies a record and nobody.

closed_set! {
    /// What a record is.
    RecordKind {
        /// Something an agent has to do.
        Ticket = "ticket",
        /// A safety report.
        Compliance = "compliance",
    }
}

impl RecordKind {
    /// What the reference of such a record begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Ticket => "TKT",
            Self::Compliance => "SAF",
        }
    }
}

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
    let prefixes: Vec<&str> = RecordKind::ALL.iter().map(|kind| kind.prefix()).collect();
    beginning_with(&format!("(?:{})", prefixes.join("|")), between)
}

/// [`pattern`] for references of one kind of record.
#[must_use]
pub fn pattern_of(kind: RecordKind, between: &str) -> String {
    beginning_with(kind.prefix(), between)
}

fn beginning_with(prefix: &str, between: &str) -> String {
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
        for prefix in RecordKind::ALL.iter().map(|kind| kind.prefix()) {
            for symbol in (0..=u8::MAX).filter(u8::is_ascii).map(char::from) {
                let reference = format!("{prefix}-{}", String::from(symbol).repeat(LENGTH));
                let is_one = pattern
                    .find(&reference)
                    .is_some_and(|found| found.as_str() == reference);
                assert_eq!(is_one, SYMBOLS.contains(&(symbol as u8)), "{reference}");
            }
        }
        assert!(!pattern.is_match(&format!("TKT-{}", "7".repeat(LENGTH + 1))));
    }
}
