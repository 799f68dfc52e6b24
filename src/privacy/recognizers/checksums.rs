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

/// A Swiss AHV number: thirteen digits with the check digit of an EAN-13.
pub(super) fn ahv(text: &str) -> bool {
    let weighted = digits(text)
        .enumerate()
        .map(|(place, digit)| digit * if place % 2 == 0 { 1 } else { 3 });
    digits(text).count() == 13 && weighted.sum::<u32>().is_multiple_of(10)
}

/// A French number of social security: 97 less the rest of the first thirteen digits by 97, Corsica's departments 2A and 2B counted as 19
/// and 18.
pub(super) fn nir(text: &str) -> bool {
    let text: String = text.split(' ').collect();
    let number = text.to_ascii_uppercase().replace("2A", "19").replace("2B", "18");
    let Some((number, key)) = number.split_at_checked(13) else {
        return false;
    };
    match (number.parse::<u64>(), key.parse::<u64>()) {
        (Ok(number), Ok(key)) => key == 97 - number % 97,
        _ => false,
    }
}

/// A Belgian number of the national register: 97 less the rest of the first nine digits by 97, for those born from 2000 on with a 2 before.
pub(super) fn rrn(text: &str) -> bool {
    let number = digits(text).fold(0_u64, |number, digit| number * 10 + u64::from(digit));
    let (number, key) = (number / 100, number % 100);
    [number, 2_000_000_000 + number]
        .iter()
        .any(|number| key == 97 - number % 97)
}

/// A Spanish DNI or NIE: its letter is the rest by 23, X, Y and Z before an NIE counted as 0, 1 and 2.
pub(super) fn dni(text: &str) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let before = match text.as_bytes().first().map(u8::to_ascii_uppercase) {
        Some(b'Y') => 1,
        Some(b'Z') => 2,
        _ => 0,
    };
    let number = digits(text).fold(before, |number, digit| number * 10 + digit as usize);
    let letter = text.bytes().last().map(|byte| byte.to_ascii_uppercase());
    letter == Some(LETTERS[number % 23])
}

/// A Finnish identity code: its last character is the rest of its nine digits by 31.
pub(super) fn hetu(text: &str) -> bool {
    const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let Some((code, check)) = text.split_at_checked(text.len().saturating_sub(1)) else {
        return false;
    };
    let number = digits(code).fold(0_usize, |number, digit| number * 10 + digit as usize);
    check.to_ascii_uppercase().as_bytes() == [CHARACTERS[number % 31]]
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

    #[test]
    fn a_sum_that_is_right_is_not_enough() {
        assert!(
            aba("800000006") && !aba("500000005"),
            "a pair that nobody was assigned"
        );
        assert!(
            nhs("1000000060") && !nhs("1000000061"),
            "a rest of 0 has the digit 0"
        );
    }
}
