//! A record's public id: what customers are told and operators ask for. Short, readable over the phone, and in order of time.

use jiff::Timestamp;
use uuid::Uuid;

use crate::reference::{HYPHEN, LENGTH, RecordKind, SYMBOLS};

/// Symbols that tell the time, in steps of 2^14 microseconds, and begin anew after 2^30 of them, 203 days.
const TIME_CHARS: usize = 6;
const STEP_BITS: u32 = 14;
/// Random symbols behind them, 30 bits: of a hundred records made within one step, 16 ms, two are the same once in 200,000 times; the
/// store's unique key refuses the second.
const RANDOM_CHARS: usize = LENGTH - TIME_CHARS;

/// A new public reference, such as `SAF-7Q2M9ZK4XWB1`: when it was made, which keeps what is made together together in the store's index
/// (as RFC 9562, section 6.13, has it of UUIDs), and what is random, so that no reference follows from another.
pub fn new_reference(kind: RecordKind, made_at: Timestamp) -> String {
    let prefix = kind.prefix();
    let time = made_at.as_microsecond() >> STEP_BITS;
    // The version and variant bits of a UUID are fixed; the low 62 bits are random.
    let random = Uuid::new_v4().as_u128();
    let symbol = |five_bits: usize| char::from(SYMBOLS[five_bits & 31]);
    let mut reference = String::with_capacity(prefix.len() + 1 + TIME_CHARS + RANDOM_CHARS);
    reference.push_str(prefix);
    reference.push_str(HYPHEN);
    reference.extend(
        (0..TIME_CHARS)
            .rev()
            .map(|at| symbol((time >> (5 * at)) as usize)),
    );
    reference.extend((0..RANDOM_CHARS).map(|at| symbol((random >> (5 * at)) as usize)));
    reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_short_random_and_readable_over_the_phone() {
        let made_at = "2026-11-22T10:15:30Z".parse().unwrap();
        let new = |_| new_reference(RecordKind::Compliance, made_at);
        let references: std::collections::BTreeSet<String> = (0..100).map(new).collect();
        assert_eq!(references.len(), 100);
        for reference in references {
            let (prefix, id) = reference.split_once('-').unwrap();
            assert_eq!((prefix, id.len()), ("SAF", TIME_CHARS + RANDOM_CHARS));
            assert!(id.bytes().all(|b| SYMBOLS.contains(&b)), "{id}");
        }
    }

    #[test]
    fn references_sort_by_the_time_they_were_made_at() {
        let at = |us: i64| {
            let made_at = Timestamp::from_microsecond(us).unwrap();
            new_reference(RecordKind::Ticket, made_at)[..4 + TIME_CHARS].to_owned()
        };
        let step = 1 << STEP_BITS;
        assert_eq!(at(0), "TKT-000000");
        assert_eq!(at(step - 1), "TKT-000000");
        assert_eq!(at(33 * step), "TKT-000011");
        assert!(at(1_000_000_000) < at(1_000_000_000 + step));
        assert_eq!(at(step << 30), at(0), "it begins anew");
    }
}
