//! The hash by which lists of words are searched, the same for a word in any case.
//!
//! Words are short and the lists are ours, so nobody gains by a collision; it has to be quick and well spread, and no more.

/// The hash of a word of any case, as of its lower case.
pub(super) fn hash(word: &str) -> u64 {
    if word.is_ascii() {
        hash_ascii(word.as_bytes())
    } else {
        let lower: String = word.chars().flat_map(char::to_lowercase).collect();
        hash_bytes(lower.as_bytes(), 0)
    }
}

/// [`hash`] of a word known to be ASCII.
#[inline]
pub(super) fn hash_ascii(word: &[u8]) -> u64 {
    // Letters, apostrophes and hyphens are all that words hold; this bit only tells the letters' case.
    hash_bytes(word, u64::from_ne_bytes([0x20; 8]))
}

/// Folds 8 bytes at a time, with the bits of `case` set in each.
#[inline]
fn hash_bytes(bytes: &[u8], case: u64) -> u64 {
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ (word | case)) * 0x9E37_79B9_7F4A_7C15;
        (product >> 64) as u64 ^ product as u64
    };
    let seed = 0x517C_C1B7_2722_0A95 ^ (bytes.len() as u64) << 56;
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let mut hash = mix(seed, u64::from_le_bytes(*first));
        let mut rest = bytes.get(8..).unwrap_or_default();
        while let Some(next) = rest.first_chunk::<8>().filter(|_| rest.len() > 8) {
            hash = mix(hash, u64::from_le_bytes(*next));
            rest = &rest[8..];
        }
        return mix(hash, u64::from_le_bytes(*last));
    }
    let word = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
        (Some(first), Some(last), _) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        (_, _, [first, .., last]) => {
            u64::from(*first) << 16 | u64::from(bytes[bytes.len() / 2]) << 8 | u64::from(*last)
        }
        (_, _, [only]) => u64::from(*only),
        _ => 0,
    };
    mix(seed, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_differ_in_case_alone_hash_alike() {
        for word in [
            "a",
            "ann",
            "anna",
            "o'brien",
            "mcallister",
            "kowalczykowna-nowakowska",
            "müller",
        ] {
            assert_eq!(hash(word), hash(&word.to_uppercase()));
            assert_ne!(hash(word), hash(&format!("{word}s")));
        }
    }
}
