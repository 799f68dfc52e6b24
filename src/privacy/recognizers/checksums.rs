//! Check digits and ranges that tell an identifier from a number that only looks like one.

use super::pattern::digits;

/// Luhn (ISO/IEC 7812-1, annex B), on the digits of `text`.
pub(super) fn luhn(text: &str) -> bool {
    let sum: u32 = digits(text)
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO 7064 mod 97-10, as IBANs use it (ISO 13616): the first four characters moved to the end, letters as 10 to 35.
pub(super) fn mod97(text: &str) -> bool {
    let code: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    if code.len() < 5 {
        return false;
    }
    let remainder = code[4..].iter().chain(&code[..4]).fold(0_u32, |rest, byte| {
        let value = (*byte as char).to_digit(36).unwrap_or(0);
        (if value < 10 { rest * 10 } else { rest * 100 } + value) % 97
    });
    remainder == 1
}

/// An ABA routing number: weights 3, 7, 1 and a first pair that the Federal Reserve assigned.
pub(super) fn aba(text: &str) -> bool {
    let number: Vec<u32> = digits(text).collect();
    let &[a, b, c, d, e, f, g, h, i] = number.as_slice() else {
        return false;
    };
    let prefix = a * 10 + b;
    matches!(prefix, 0..=12 | 21..=32 | 61..=72 | 80)
        && (3 * (a + d + g) + 7 * (b + e + h) + c + f + i).is_multiple_of(10)
}

/// A National Provider Identifier: Luhn with the constant prefix 80840 (45 CFR 162.406).
pub(super) fn npi(text: &str) -> bool {
    let number: String = text.chars().filter(char::is_ascii_digit).collect();
    number.len() == 10 && number.starts_with(['1', '2']) && luhn(&format!("80840{number}"))
}

/// A DEA registration number: two letters, six digits and (d1+d3+d5) + 2(d2+d4+d6) modulo 10.
pub(super) fn dea(text: &str) -> bool {
    let number: Vec<u32> = digits(text).collect();
    let Some(&[a, b, c, d, e, f, check]) = number
        .get(number.len().saturating_sub(7)..)
        .and_then(|n| n.first_chunk::<7>())
    else {
        return false;
    };
    (a + c + e + 2 * (b + d + f)) % 10 == check
}

/// A British NHS number: weights 10 to 2 modulo 11.
pub(super) fn nhs(text: &str) -> bool {
    let number: Vec<u32> = digits(text).collect();
    if number.len() != 10 {
        return false;
    }
    let sum: u32 = number
        .iter()
        .zip((2..=10).rev())
        .map(|(digit, weight)| digit * weight)
        .sum();
    match 11 - sum % 11 {
        11 => number[9] == 0,
        check => number[9] == check,
    }
}

/// A vehicle identification number's check digit (49 CFR 565.15).
pub(super) fn vin(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |byte: u8| match byte.to_ascii_uppercase() {
        digit @ b'0'..=b'9' => Some(u32::from(digit - b'0')),
        letter @ b'A'..=b'H' => Some(u32::from(letter - b'A') + 1),
        letter @ b'J'..=b'N' => Some(u32::from(letter - b'J') + 1),
        b'P' => Some(7),
        b'R' => Some(9),
        letter @ b'S'..=b'Z' => Some(u32::from(letter - b'S') + 2),
        _ => None,
    };
    let bytes = text.as_bytes();
    if bytes.len() != 17 {
        return false;
    }
    let sum: Option<u32> = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| Some(value(*byte)? * weight))
        .sum();
    let check = if bytes[8].eq_ignore_ascii_case(&b'x') {
        Some(10)
    } else {
        value(bytes[8])
    };
    sum.is_some_and(|sum| Some(sum % 11) == check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_pass_and_their_neighbours_fail() {
        assert!(luhn("4111 1111 1111 1111") && !luhn("4111 1111 1111 1112"));
        assert!(mod97("GB82 WEST 1234 5698 7654 32") && !mod97("GB82 WEST 1234 5698 7654 33"));
        assert!(aba("021000021") && !aba("021000022"));
        assert!(npi("1234567893") && !npi("1234567890"));
        assert!(dea("AB1234563") && !dea("AB1234567"));
        assert!(nhs("943 476 5919") && !nhs("943 476 5918"));
        assert!(vin("1M8GDM9AXKP042788") && !vin("1M8GDM9A1KP042788"));
    }
}
