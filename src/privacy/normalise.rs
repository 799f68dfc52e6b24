//! The folded view of a text that recognizers read: what a person sees, in plain ASCII where possible, with a map back.
//!
//! Disguises are undone here, once, so that no recognizer has to know them: full-width and other scripts' digits, zero-width characters,
//! odd dashes and spaces, look-alike letters, combining marks, percent-encoding, character references, and HTML tags that only style what
//! stands in them. Spoken digits follow in `spoken/`. The view is never shown to anybody; a finding in it is mapped back to the text it
//! came from, and everything that was folded away inside a finding is masked with it.
//!
//! Plain ASCII text without spoken digits is borrowed as it is.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Stand in the view for something that no recognizer may read or span: a placeholder. The second is for one of a place.
pub(crate) const OPAQUE: [char; 2] = ['\x01', OPAQUE_PLACE];
/// Of [`OPAQUE`], the one for an address or a location.
pub(crate) const OPAQUE_PLACE: char = '\x02';

/// What is to be hidden from the recognizers, in bytes of the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hidden {
    pub(crate) range: Range<usize>,
    /// Whether it is an address or a location.
    pub(crate) is_place: bool,
}

/// A text as recognizers read it.
#[derive(Debug, Clone)]
pub(crate) struct View<'t> {
    text: Cow<'t, str>,
    /// For each byte of `text`, the bytes `start..end` of the original it stands for. Empty when the view is the original.
    map: Vec<(u32, u32)>,
}

impl<'t> View<'t> {
    /// Folds `original`.
    pub(crate) fn fold(original: &'t str) -> Self {
        if original.is_ascii() && !original.bytes().any(|byte| matches!(byte, b'%' | b'&' | b'<')) {
            return Self {
                text: Cow::Borrowed(original),
                map: Vec::new(),
            };
        }
        let mut builder = Builder::with_capacity(original.len());
        let mut rest = original;
        while let Some(c) = rest.chars().next() {
            let at = original.len() - rest.len();
            let taken = match c {
                '%' => percent_encoded(rest).map(|(c, taken)| (Some(c), taken)),
                '&' => character_reference(rest).map(|(c, taken)| (Some(c), taken)),
                '<' => styling_tag(rest).map(|taken| (None, taken)),
                _ => None,
            };
            let (seen, taken) = taken.unwrap_or((Some(c), c.len_utf8()));
            if let Some(seen) = seen {
                fold_char(seen, at as u32, (at + taken) as u32, &mut builder);
            }
            rest = &rest[taken..];
        }
        builder.finish()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The original bytes that the view's bytes `start..end` (not empty) stand for.
    pub(crate) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        if self.map.is_empty() {
            return (start, end);
        }
        let from = self.map.get(start).map_or(0, |range| range.0);
        let to = self.map.get(end.saturating_sub(1)).map_or(from, |range| range.1);
        (from as usize, to as usize)
    }

    /// The view with each `(start, end, replacement)` of `edits` (in order, apart) put in: every byte of a replacement
    /// stands for the whole of what it replaced, so that a finding which touches it masks all of it.
    pub(crate) fn edited(self, edits: &[(usize, usize, String)]) -> Self {
        if edits.is_empty() {
            return self;
        }
        let mut builder = Builder::with_capacity(self.text.len());
        let mut done = 0;
        for (start, end, replacement) in edits {
            self.copy(done, *start, &mut builder);
            let (from, to) = self.original(*start, *end);
            for c in replacement.chars() {
                builder.push(c, from as u32, to as u32);
            }
            done = *end;
        }
        self.copy(done, self.text.len(), &mut builder);
        builder.finish()
    }

    /// The view with each of `hidden` (in order, apart) replaced by one [`OPAQUE`] byte.
    pub(crate) fn hiding(self, hidden: &[Hidden]) -> Self {
        if hidden.is_empty() {
            return self;
        }
        let mut builder = Builder::with_capacity(self.text.len());
        let mut done = 0;
        for Hidden { range, is_place } in hidden {
            let edge = |from: usize, position: usize| {
                if self.map.is_empty() {
                    position
                } else {
                    from + self.map[from..].partition_point(|(start, _)| (*start as usize) < position)
                }
            };
            let start = edge(done, range.start);
            let end = edge(start, range.end);
            self.copy(done, start, &mut builder);
            let (from, to) = self.original(start, end);
            builder.push(OPAQUE[usize::from(*is_place)], from as u32, to as u32);
            done = end;
        }
        self.copy(done, self.text.len(), &mut builder);
        builder.finish()
    }

    fn copy(&self, start: usize, end: usize, builder: &mut Builder) {
        builder.text.push_str(&self.text[start..end]);
        if self.map.is_empty() {
            builder
                .map
                .extend((start as u32..end as u32).map(|at| (at, at + 1)));
        } else {
            builder.map.extend_from_slice(&self.map[start..end]);
        }
    }
}

/// A view in the making.
struct Builder {
    text: String,
    map: Vec<(u32, u32)>,
}

impl Builder {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            map: Vec::with_capacity(bytes),
        }
    }

    fn push(&mut self, c: char, from: u32, to: u32) {
        self.text.push(c);
        self.map.extend(std::iter::repeat_n((from, to), c.len_utf8()));
    }

    fn finish<'t>(self) -> View<'t> {
        View {
            text: Cow::Owned(self.text),
            map: self.map,
        }
    }
}

/// "%40": the character and how many bytes stand for it.
fn percent_encoded(rest: &str) -> Option<(char, usize)> {
    let code = u8::from_str_radix(rest.get(1..3)?, 16).ok()?;
    // "+5" is read as a number too.
    let digits = rest.as_bytes()[1..3].iter().all(u8::is_ascii_hexdigit);
    (digits && matches!(code, b' '..=b'~')).then_some((char::from(code), 3))
}

/// "&#64;", "&#x40;", "&nbsp;": the character and how many bytes stand for it.
fn character_reference(rest: &str) -> Option<(char, usize)> {
    /// Longest reference that is read, from the `&` to the `;`.
    const LONGEST: usize = 10;
    let end = rest.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = rest.get(1..end)?;
    let c = match name.strip_prefix('#') {
        Some(code) => char::from_u32(match code.strip_prefix(['x', 'X']) {
            Some(code) => u32::from_str_radix(code, 16).ok()?,
            None => code.parse().ok()?,
        })
        .filter(|c| !c.is_control())?,
        None => match name {
            "nbsp" => ' ',
            "amp" => '&',
            "commat" => '@',
            "period" => '.',
            "hyphen" | "dash" | "ndash" | "mdash" | "minus" => '-',
            "lowbar" => '_',
            "lpar" => '(',
            "rpar" => ')',
            "plus" => '+',
            "sol" => '/',
            "colon" => ':',
            "num" => '#',
            "shy" | "zwnj" | "zwj" => '\u{200B}',
            _ => return None,
        },
    };
    Some((c, end + 1))
}

/// How long an HTML tag is that only styles text within a line. One with an attribute that may hold somebody's data (`href`, `title`)
/// stays: what vanishes here is read by no recognizer.
fn styling_tag(rest: &str) -> Option<usize> {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"^(?i)</?(?:b|i|u|s|em|strong|span|font|small|big|sup|sub|mark|wbr|code|tt|ins|o:p)(?:\s+(?:style|class|lang|dir|color|face|size)\s*=\s*(?:"[^"<>@]*"|'[^'<>@]*'|[^\s"'<>@]+))*\s*/?>"#,
        )
        .expect("the pattern is a constant, compiled by the tests")
    });
    // Nothing that matches holds a second `<`, so reading on from each costs no more than the text is long.
    TAG.find(rest).map(|tag| tag.end())
}

/// Appends what `c`, which the bytes `from..to` stand for, looks like.
fn fold_char(c: char, from: u32, to: u32, out: &mut Builder) {
    if c.is_ascii() {
        return out.push(c, from, to);
    }
    if is_invisible(c) {
        return;
    }
    if let Some(plain) = look_alike(c).or_else(|| digit(c)) {
        return out.push(plain, from, to);
    }
    // Compatibility forms: full-width, mathematical, circled, superscript, ligatures. Decomposing also parts letters from
    // their marks; é stays é, because names are read by case and not by spelling.
    let mut folded = std::iter::once(c).nfkc();
    match (folded.next(), folded.next()) {
        (Some(one), None) => out.push(look_alike(one).or_else(|| digit(one)).unwrap_or(one), from, to),
        _ => {
            for one in std::iter::once(c).nfkc() {
                out.push(one, from, to);
            }
        }
    }
}

/// Characters that take no room on the screen, or only adorn the one before.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{20D0}'..='\u{20F0}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
        || (c >= '\u{300}' && is_combining_mark(c) && c < '\u{370}')
}

/// The ASCII character that `c` is taken for.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        // Dashes and minus signs.
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}'
        | '\u{2500}'
        | '\u{30FC}'
        | '\u{2E3A}'
        | '\u{2E3B}'
        | '\u{1806}'
        | '\u{58A}' => '-',
        // Spaces.
        '\u{A0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200A}'
        | '\u{202F}'
        | '\u{205F}'
        | '\u{3000}'
        | '\u{2800}' => ' ',
        '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        // Dots.
        '\u{2024}' | '\u{3002}' | '\u{FF61}' | '\u{B7}' | '\u{2022}' | '\u{2219}' | '\u{22C5}'
        | '\u{30FB}' | '\u{FF0E}' => '.',
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2BC}' | '\u{FF07}' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{AB}' | '\u{BB}' => '"',
        '\u{2044}' | '\u{2215}' | '\u{29F8}' => '/',
        '\u{2236}' | '\u{FE55}' | '\u{A789}' => ':',
        '\u{FF3F}' | '\u{203F}' => '_',
        // Cyrillic.
        'а' => 'a',
        'в' => 'b',
        'с' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' => 'e',
        'һ' => 'h',
        'і' => 'i',
        'ј' => 'j',
        'к' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'п' => 'n',
        'о' => 'o',
        'р' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'т' => 't',
        'у' => 'y',
        'ѵ' => 'v',
        'ԝ' => 'w',
        'х' => 'x',
        'з' => 'z',
        'А' => 'A',
        'В' => 'B',
        'С' => 'C',
        'Е' => 'E',
        'Н' => 'H',
        'І' => 'I',
        'Ј' => 'J',
        'К' => 'K',
        'М' => 'M',
        'О' => 'O',
        'Р' => 'P',
        'Ѕ' => 'S',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        // Greek.
        'α' => 'a',
        'β' => 'b',
        'ε' => 'e',
        'η' => 'n',
        'ι' => 'i',
        'κ' => 'k',
        'ν' => 'v',
        'ο' => 'o',
        'ρ' => 'p',
        'τ' => 't',
        'υ' => 'u',
        'χ' => 'x',
        'γ' => 'y',
        'ω' => 'w',
        'Α' => 'A',
        'Β' => 'B',
        'Ε' => 'E',
        'Ζ' => 'Z',
        'Η' => 'H',
        'Ι' => 'I',
        'Κ' => 'K',
        'Μ' => 'M',
        'Ν' => 'N',
        'Ο' => 'O',
        'Ρ' => 'P',
        'Τ' => 'T',
        'Υ' => 'Y',
        'Χ' => 'X',
        // Latin letters in disguise.
        'ı' => 'i',
        'ɡ' => 'g',
        'ɑ' => 'a',
        'ᴀ' => 'a',
        'ʙ' => 'b',
        'ᴄ' => 'c',
        'ᴅ' => 'd',
        'ᴇ' => 'e',
        'ɢ' => 'g',
        'ʜ' => 'h',
        'ɪ' => 'i',
        'ᴊ' => 'j',
        'ᴋ' => 'k',
        'ʟ' => 'l',
        'ᴍ' => 'm',
        'ɴ' => 'n',
        'ᴏ' => 'o',
        'ᴘ' => 'p',
        'ʀ' => 'r',
        'ᴛ' => 't',
        'ᴜ' => 'u',
        'ᴠ' => 'v',
        'ᴡ' => 'w',
        'ʏ' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}

/// The zero of every run of ten decimal digits in the Basic Multilingual Plane and beyond (Unicode 16, category Nd),
/// full-width and mathematical digits left out: compatibility folding knows those.
const ZEROS: &[u32] = &[
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136,
    0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50,
    0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950,
];

/// The ASCII digit for a digit of another script, or a circled one.
fn digit(c: char) -> Option<char> {
    let code = c as u32;
    let value = match c {
        // Circled, double-circled, negative circled, dingbat digits 1 to 9.
        '①'..='⑨' => code - '①' as u32 + 1,
        '⓵'..='⓽' => code - '⓵' as u32 + 1,
        '❶'..='❾' => code - '❶' as u32 + 1,
        '➀'..='➈' => code - '➀' as u32 + 1,
        '➊'..='➒' => code - '➊' as u32 + 1,
        '⓪' | '⓿' | '🄋' | '🄌' | '〇' => 0,
        _ => {
            let after = ZEROS.partition_point(|zero| *zero <= code);
            let zero = *ZEROS.get(after.checked_sub(1)?)?;
            code.checked_sub(zero).filter(|value| *value < 10)?
        }
    };
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_are_seen_through_and_map_back() {
        for (text, seen) in [
            ("１２３", "123"),
            ("١٢٣", "123"),
            ("१२३", "123"),
            ("1\u{200B}2\u{AD}3", "123"),
            ("1\u{2011}2\u{2013}3", "1-2-3"),
            ("jоhn＠еxample．com", "john@example.com"),
            ("1\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3}", "12"),
            ("①②③", "123"),
            ("𝟏𝟐𝟑", "123"),
            ("1\u{336}2\u{336}", "12"),
            ("jane%40example%2Ecom", "jane@example.com"),
            ("jane&#64;example&period;com", "jane@example.com"),
            ("1&#x2D;2&nbsp;3&#8203;4", "1-2 34"),
            ("<b>1</b>-<span style=\"color:red\">2</span>", "1-2"),
            (
                "<a href=\"mailto:x@y.z\">1</a><td>2</td>",
                "<a href=\"mailto:x@y.z\">1</a><td>2</td>",
            ),
            (
                "5% of 10 & <3 %zz &; &unknown; %+5",
                "5% of 10 & <3 %zz &; &unknown; %+5",
            ),
        ] {
            assert_eq!(View::fold(text).text(), seen);
        }
        let view = View::fold("a%20<b>1</b>2");
        let at = view.text().find("12").unwrap();
        assert_eq!(view.original(at, at + 2), (7, 13));
        let view = View::fold("é 1\u{200B}2 x");
        let at = view.text().find("12").unwrap();
        assert_eq!(view.original(at, at + 2), (3, 8));
    }

    #[test]
    fn an_edit_stands_for_all_it_replaced() {
        let view = View::fold("my one two three, ok").edited(&[(3, 16, "123".to_owned())]);
        assert_eq!(view.text(), "my 123, ok");
        assert_eq!(view.original(4, 5), (3, 16));
        assert_eq!(view.original(8, 10), (18, 20));
    }
}
