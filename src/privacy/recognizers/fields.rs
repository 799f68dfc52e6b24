//! Labelled fields: `"firstName": "Ines"`, `dob=05061972&zip=60614`, and lines of forms ("Middle Initial: B").
//!
//! The key says what the value is, by the table that structured metadata is masked with (`keys.rs`), so a name in a field needs no
//! list of names. A field needs a colon or an equals sign, a key of its own (it begins a line, or follows a bracket, comma or bar)
//! and a value that can be what the key says; "Phone: none" stays.

use super::names::word::word_at;
use super::pattern::{Detector, Hit};
use super::words::{is_common, is_given, is_no_name, is_surname};
use crate::privacy::keys::{MAX_KEY_BYTES, masked_key};
use crate::privacy::kind::IdentifierKind;
use crate::privacy::kind::IdentifierKind::{
    Address, Age, Biometric, CardExpiry, Credential, Date, Dob, Email, Fax, Ip, Location, Mac, Name, Phone,
    Photo, Url, Username,
};
use crate::privacy::scan::Scan;

pub(super) static DETECTORS: &[Detector] = &[Detector {
    name: "labelled_field",
    kind: IdentifierKind::Id,
    find,
}];

/// Longest value, in bytes.
const MAX_VALUE_BYTES: usize = 120;

/// What people write where they have nothing to say.
const NOTHING: &[&str] = &[
    "null",
    "none",
    "n/a",
    "na",
    "nil",
    "unknown",
    "true",
    "false",
    "yes",
    "no",
    "undefined",
    "required",
    "optional",
    "same",
    "see",
    "not",
    "blank",
    "pending",
    "tbd",
    "invalid",
    "missing",
    "wrong",
    "empty",
    "error",
    "failed",
    "string",
];

fn find(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    if scan.traits.angles {
        elements(text, hits);
    }
    if scan.traits.colons == 0 && !scan.traits.equals {
        return;
    }
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, _) in bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b':' | b'='))
    {
        if at < done || scan.speakers.binary_search(&(at as u32)).is_ok() {
            continue;
        }
        let Some(field) = Field::around(text, at) else {
            continue;
        };
        let Some(kind) = masked_key(field.key) else {
            continue;
        };
        if let Some((start, end)) = field.value(text, kind) {
            let mut hit = Hit::new(start, end, 0.7);
            hit.kind = Some(kind);
            hits.push(hit);
            done = end;
        }
    }
}

/// `<name>Clement Adjei</name>`: an element whose name is a key.
fn elements(text: &str, hits: &mut Vec<Hit>) {
    for (close, _) in text.match_indices("</") {
        let floor = text.ceil_char_boundary(close.saturating_sub(MAX_VALUE_BYTES + 1));
        let start = text[floor..close].rfind('>').map_or(0, |open| floor + open + 1);
        let value = &text[start..close];
        if start == 0 || value.is_empty() || value.len() > MAX_VALUE_BYTES || value.contains('<') {
            continue;
        }
        let rest = &text[close + 2..text.floor_char_boundary(close + 2 + MAX_KEY_BYTES + 1)];
        let key = &rest[..rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | ':'))
            .unwrap_or(rest.len())];
        if key.is_empty() || key.len() > MAX_KEY_BYTES {
            continue;
        }
        if let Some(kind) = masked_key(key)
            && let Some(length) = strict_length(value, kind)
            && !NOTHING.iter().any(|word| value.eq_ignore_ascii_case(word))
        {
            let mut hit = Hit::new(start, start + length, 0.7);
            hit.kind = Some(kind);
            hits.push(hit);
        }
    }
}

/// A key and where its value begins.
struct Field<'t> {
    key: &'t str,
    /// First byte of the value.
    start: usize,
    /// The quote that closes the value.
    quote: Option<u8>,
    /// Written for a machine: quoted, or `key=value`.
    strict: bool,
}

impl<'t> Field<'t> {
    /// The field whose separator is at `at`.
    fn around(text: &'t str, at: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut key_end = at;
        while key_end > 0 && matches!(bytes[key_end - 1], b' ' | b'"' | b'\'' | b'*' | b')' | b'\\') {
            key_end -= 1;
        }
        let floor = key_end.saturating_sub(MAX_KEY_BYTES);
        let key_start = (floor..key_end)
            .rev()
            .find(|at| {
                !is_key(bytes[*at])
                    || bytes[*at] == b' ' && at.checked_sub(1).is_some_and(|before| bytes[before] == b' ')
            })
            .map_or(floor, |before| before + 1);
        if key_start == floor && floor > 0 || key_start >= key_end {
            return None;
        }
        let quoted_key = matches!(bytes[at.checked_sub(1)?], b'"' | b'\'' | b'\\');
        let mut start = at + 1;
        while start < bytes.len()
            && matches!(bytes[start], b' ' | b'\t' | b'*' | b'>' | b'=' | b'\\' | b'[')
            && start < at + 6
        {
            start += 1;
        }
        let quote = bytes
            .get(start)
            .copied()
            .filter(|byte| matches!(byte, b'"' | b'\''));
        start += usize::from(quote.is_some());
        Some(Self {
            key: text.get(key_start..key_end)?,
            start,
            quote,
            strict: quoted_key || bytes[at] == b'=' && start == at + 1 || quote.is_some(),
        })
    }

    /// Where the value lies, if it can be of this kind.
    fn value(&self, text: &str, kind: IdentifierKind) -> Option<(usize, usize)> {
        let rest = text.get(self.start..text.floor_char_boundary(self.start + MAX_VALUE_BYTES + 8))?;
        let open = |at: usize, byte: u8| match self.quote {
            Some(quote) => byte == quote || byte == b'\\',
            None => {
                matches!(byte, b';' | b'&' | b'|' | b'"' | b'}' | b'{' | b'\t' | b'<')
                    || byte == b',' && kind != Address
                    || byte == b' ' && rest.as_bytes().get(at + 1) == Some(&b' ')
                    || byte == b' ' && self.strict
            }
        };
        let length = rest
            .bytes()
            .enumerate()
            .position(|(at, byte)| byte == b'\n' || byte == b'\r' || open(at, byte))
            .unwrap_or(rest.len());
        let value = rest
            .get(..length)?
            .trim_end_matches([' ', '.', ',', ']', ')', '*']);
        if value.is_empty() || value.len() > MAX_VALUE_BYTES {
            return None;
        }
        let first = value.split([' ', ',', '.']).next().unwrap_or(value);
        if NOTHING.iter().any(|word| first.eq_ignore_ascii_case(word)) {
            return None;
        }
        if !self.strict && kind == Name && is_role(text, self.key, self.start) {
            return None;
        }
        let length = if self.strict {
            strict_length(value, kind)
        } else {
            loose_length(text, self.start, value, kind)
        }?;
        Some((self.start, self.start + length))
    }
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'.' | b'\'' | b'#' | b'-' | b'/' | b'(')
}

fn has_digit(value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_digit())
}

/// How much of a value that a machine wrote is of `kind`.
fn strict_length(value: &str, kind: IdentifierKind) -> Option<usize> {
    let telling = match kind {
        Name | Location | Address | Username | Credential | Url | Photo | Email => {
            value.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80)
        }
        Age => over_89(value),
        _ => has_digit(value),
    };
    telling.then_some(value.len())
}

fn over_89(value: &str) -> bool {
    value
        .trim()
        .parse::<u32>()
        .is_ok_and(|age| (90..=125).contains(&age))
}

/// How much of a value that a person wrote is of `kind`.
fn loose_length(text: &str, start: usize, value: &str, kind: IdentifierKind) -> Option<usize> {
    match kind {
        Name => names(text, start, value),
        Location => {
            let words = value.split(' ').count();
            let capital = value.starts_with(char::is_uppercase);
            (words <= 4 && (capital || value.starts_with(|c: char| c.is_ascii_digit() || c == '-')))
                .then_some(value.len())
        }
        Address => (has_digit(value) && value.split(' ').count() <= 14).then_some(value.len()),
        Credential | Username => {
            let token = value.split(' ').next()?;
            let alone = token.len() == value.len();
            // No word of the language, whatever follows.
            if kind == Username
                && token.len() >= 5
                && token.is_ascii()
                && !is_common(token)
                && !is_no_name(token)
            {
                return Some(token.len());
            }
            (alone
                && token.len() >= 3
                && token
                    .bytes()
                    .any(|b| b.is_ascii_digit() || b.is_ascii_punctuation()))
            .then_some(token.len())
        }
        Age => over_89(value).then_some(value.len()),
        // Their own patterns know better.
        CardExpiry | Photo | Url | Email | Ip | Mac | Phone | Fax => None,
        Dob | Date => {
            (has_digit(value) && value.split(' ').count() <= 4 && value.len() <= 24).then_some(value.len())
        }
        Biometric => (has_digit(value) && !value.contains(' ')).then_some(value.len()),
        _ => code(value),
    }
}

/// Whether a field says what somebody is, or names an office: "Patient: Adult", "Attn: Billing". A name is a word of the language, and no
/// frequent surname, far more seldom.
fn is_role(text: &str, key: &str, start: usize) -> bool {
    const ROLES: [&str; 7] = [
        "patient",
        "customer",
        "caller",
        "prescriber",
        "physician",
        "attn",
        "attention",
    ];
    let named = |word: &str| is_given(word) || is_surname(word) || !is_common(word);
    ROLES.iter().any(|role| key.trim().eq_ignore_ascii_case(role))
        && word_at(text, start).is_some_and(|first| {
            let next = text[first.end..]
                .strip_prefix([' ', ','])
                .map(|rest| rest.trim_start_matches(' '))
                .and_then(|rest| word_at(text, text.len() - rest.len()));
            !named(first.text)
                && !next.is_some_and(|next| next.text.starts_with(char::is_uppercase) && named(next.text))
        })
}

/// The codes that begin a value: words with digits, or of capitals alone ("PCN: ILDR").
fn code(value: &str) -> Option<usize> {
    let mut length = 0;
    let mut characters = 0;
    for word in value.split(' ') {
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric());
        let coded = has_digit(plain)
            || plain.len() >= 2
                && plain.bytes().all(|b| b.is_ascii_uppercase())
                && !is_common(&plain.to_ascii_lowercase());
        let measured =
            plain.starts_with(|c: char| c.is_ascii_digit()) && plain.ends_with("mg") | plain.ends_with("ml");
        if !coded || measured {
            break;
        }
        characters += plain.len();
        length += word.len() + usize::from(length > 0);
    }
    (characters >= 3).then_some(length)
}

/// The words of a name that begin a value; none of them is an ordinary word in lower case.
fn names(text: &str, start: usize, value: &str) -> Option<usize> {
    let mut end = start;
    let mut words = 0;
    while words < 5 {
        let gap = usize::from(words > 0) + usize::from(text[end..].starts_with('.') && words > 0);
        let Some(word) = word_at(text, end + gap).filter(|word| word.end <= start + value.len()) else {
            break;
        };
        let capital = word.text.starts_with(char::is_uppercase);
        if words > 0 && !text[end..].starts_with([' ', '.'])
            || is_no_name(word.text)
            || (!capital && is_common(word.text))
        {
            break;
        }
        end = word.end;
        words += 1;
    }
    // "Oyelaran, Temitope", to the end of the line.
    if words > 0
        && let Some(rest) = text[end..].strip_prefix(", ")
        && let Some(given) = word_at(text, text.len() - rest.len())
        && given.text.starts_with(char::is_uppercase)
        && !is_no_name(given.text)
        && text[given.end..]
            .chars()
            .take_while(|c| *c != '\n')
            .take(8)
            .filter(|c| c.is_alphanumeric())
            .count()
            <= 2
    {
        return Some(given.end - start);
    }
    let length = end - start;
    // The whole value, or a name before a bracket or a number.
    let rest = value.get(length..)?.trim_start();
    let closes = rest.is_empty() || rest.starts_with(|c: char| !c.is_alphabetic());
    (words > 0 && closes).then_some(length)
}
