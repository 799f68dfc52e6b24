//! E-mail addresses that are said or disguised: "j smith forty two at hotmail dot com", `rosie{at}proton{dot}me`.
//!
//! Starts from an "at" whose right side reads as a domain, and takes to the left the words that belong to the address: one word at
//! least, then whatever is joined by "dot", "underscore" or "dash", single letters, numbers, and, after an e-mail cue,
//! every word up to the cue.

use super::pattern::{Detector, Hit};
use super::words::{is_common, is_given, is_name_and_word, is_thing};
use crate::privacy::kind::IdentifierKind::Email;
use crate::privacy::scan::Scan;
use crate::privacy::sense::Sense;

pub(super) static DETECTORS: &[Detector] = &[Detector {
    name: "email_spoken",
    kind: Email,
    find,
}];

/// Top-level domains that are said aloud. After a real dot any will do.
const TOP: &[&str] = &[
    "com", "net", "org", "edu", "gov", "mil", "info", "biz", "me", "io", "co", "us", "uk", "ca", "de", "fr",
    "es", "it", "nl", "au", "in", "ch", "se", "no", "eu", "mx", "br", "jp", "ie", "nz", "health", "app",
    "dev", "at", "be", "dk", "pl", "pt", "cz", "gr", "ro", "hu", "fi", "za", "ng", "ke", "gh", "ae", "sg",
    "hk", "ph", "kr", "cn", "tw", "il", "tr", "ua", "ru", "ar", "cl", "pe", "xyz", "online", "site",
    "clinic", "care", "cloud", "live", "pro",
];
/// Providers that people leave without a "dot com".
const PROVIDERS: &[&str] = &[
    "gmail",
    "googlemail",
    "yahoo",
    "hotmail",
    "outlook",
    "icloud",
    "aol",
    "protonmail",
    "proton",
    "ymail",
    "comcast",
    "msn",
    "verizon",
    "sbcglobal",
    "gmx",
    "fastmail",
    "att",
    "rocketmail",
    "zoho",
    "yandex",
];

/// Mailboxes of offices, which are words that otherwise stand before "at" without being an address.
const MAILBOXES: &[&str] = &[
    "info",
    "reception",
    "office",
    "support",
    "sales",
    "contact",
    "admin",
    "billing",
    "hello",
    "team",
    "help",
    "service",
    "frontdesk",
    "pharmacy",
    "orders",
    "accounts",
    "mail",
    "enquiries",
    "inquiries",
    "appointments",
    "records",
    "hr",
];

/// Words before "at" that lead to a site and are no mailbox: "log in at yahoo dot com".
const BEFORE_SITES: &[&str] = &[
    "look", "looking", "looked", "in", "up", "on", "is", "am", "are", "was", "me", "us", "you", "it", "him",
    "her", "them", "here", "there", "that", "this", "account", "accounts", "email", "emails", "mail",
    "inbox", "site", "page", "address", "check", "checked", "try", "tried", "search", "found", "working",
    "work", "down", "somebody", "someone", "folder",
];

/// Words before a number that is an hour or a count: "ready by four at yahoo".
const BEFORE_NUMBERS: &[&str] = &[
    "by", "at", "before", "after", "until", "till", "around", "about", "from", "between", "and", "or", "to",
    "the", "number", "of", "for", "only", "all", "with", "its", "it's", "thats", "that's",
];

/// Numbers that are said in one word; of several the view has made digits.
const NUMBERS: &[&str] = &[
    "zero",
    "oh",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
];

#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    start: usize,
    end: usize,
    text: &'t str,
    /// What stands between the token before and this one.
    gap: &'t str,
}

impl Token<'_> {
    fn is(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.text.eq_ignore_ascii_case(word))
    }

    fn single(&self) -> bool {
        self.text.len() == 1
    }

    /// Digits, or a number that is said in one word.
    fn number(&self) -> bool {
        self.text.bytes().all(|b| b.is_ascii_digit()) || self.is(NUMBERS)
    }
}

const DOT: &[&str] = &[
    "dot", "d0t", "punkt", "punto", "point", "period", "punt", "ponto", "kropka",
];
const JOINT: &[&str] = &[
    "dot",
    "d0t",
    "punkt",
    "punto",
    "point",
    "period",
    "punt",
    "ponto",
    "kropka",
    "underscore",
    "dash",
    "hyphen",
    "minus",
    "plus",
    "under",
];

/// Whether a gap joins two parts of an address: blank, or brackets and marks around a word.
fn joins(gap: &str) -> bool {
    gap.len() <= 5
        && !gap.contains('\n')
        && gap.bytes().all(|b| {
            matches!(
                b,
                b' ' | b'('
                    | b')'
                    | b'['
                    | b']'
                    | b'{'
                    | b'}'
                    | b'<'
                    | b'>'
                    | b'_'
                    | b'-'
                    | b'.'
                    | b'*'
                    | b'\''
                    | b'"'
                    | b'+'
                    | b'/'
                    | b','
            )
        })
}

fn find(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let cues = &scan.cues.all;
    let signed = scan.traits.at_sign
        || scan.traits.brackets && text.contains("(a)")
        || scan.traits.beyond_ascii && text.contains("ät");
    if !signed && (scan.cues.ats.is_empty() || !is_before_domain(text, scan)) {
        return;
    }
    let tokens = tokens(text);
    for (at, token) in tokens.iter().enumerate() {
        if token.is(&["@"])
            && token.gap.is_empty()
            && tokens.get(at + 1).is_some_and(|next| next.gap.is_empty())
        {
            // Written plainly: the pattern finds it.
            continue;
        }
        let bracketed_a = token.is(&["a"]) && token.gap.ends_with(['(', '[', '{']);
        let at_word = bracketed_a
            || token.is(&["at", "arroba", "arobase", "chiocciola", "@"])
            || token.is(&["ät", "klammeraffe", "apenstaartje", "małpa"]);
        if !at_word || at == 0 || !joins(token.gap) {
            continue;
        }
        let Some(last) = domain(&tokens[at + 1..]).map(|taken| at + taken) else {
            continue;
        };
        let bracketed = text
            .as_bytes()
            .get(token.start.wrapping_sub(1))
            .is_some_and(|b| matches!(b, b'(' | b'[' | b'{' | b'<' | b'_' | b'-' | b'*'));
        let cue_end = cues[..cues.partition_point(|cue| cue.end < token.start)]
            .iter()
            .rev()
            .take_while(|cue| token.start - cue.end < 90)
            .find(|cue| cue.senses.contains(&Sense::Confirms(Email)))
            .map(|cue| cue.end);
        let first = local(&tokens, at, cue_end);
        // "look at example dot com" is no address: the word before "at" must not be a common one, unless a cue or a bracket
        // says so.
        let sole = first + 1 == at && is_common(&tokens[first].text.to_ascii_lowercase());
        let mailbox = sole && tokens[first].is(MAILBOXES) && last > at + 2;
        // "heron at yahoo dot com", "hank at hankshardware dot com": a provider of mail keeps nothing else that somebody tells of.
        let provided = || {
            let dotted = tokens[at + 1..=last]
                .iter()
                .any(|token| token.is(DOT) || token.gap.contains('.'));
            let named = is_name_and_word(tokens[first].text) && !is_thing(tokens[first].text);
            dotted && (named || tokens[at + 1].is(PROVIDERS)) && !tokens[first].is(BEFORE_SITES)
        };
        if sole && cue_end.is_none() && !bracketed && !mailbox && !provided() {
            continue;
        }
        hits.push(Hit::new(tokens[first].start, tokens[last].end, 0.85));
    }
}

/// Whether a domain follows some "at". Most that people write are of a place or a time, and a look at the next words tells.
fn is_before_domain(text: &str, scan: &Scan<'_>) -> bool {
    scan.traits.beyond_ascii
        || scan.ats.iter().chain(&scan.cues.ats).any(|end| {
            let after = &text[*end as usize..];
            let next: Vec<Token<'_>> = tokens_of(after).take(4).collect();
            let first = next.first().filter(|first| joins(first.gap));
            first.is_some_and(|first| {
                (goes_on(first.text, &next) || first.is(PROVIDERS) || spoken_label(&next) > 0)
                    && domain(&tokens_of(after).take(DOMAIN_TOKENS + 2).collect::<Vec<_>>()).is_some()
            })
        })
}

/// Whether a domain's label so far, which ends with the first of `tokens`, goes on or is about to end in a dot.
fn goes_on(label: &str, tokens: &[Token<'_>]) -> bool {
    tokens.first().is_some_and(Token::single)
        || ["g", "hot", "out", "ya", "i", "proton"]
            .iter()
            .any(|begun| label.eq_ignore_ascii_case(begun))
        || tokens.get(1).is_some_and(|next| {
            next.is(DOT) || next.is(JOINT) || next.gap.contains(['.', '-']) || next.single()
        })
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    tokens_of(text).collect()
}

fn tokens_of(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, c) = chars.find(|(_, c)| c.is_alphanumeric() || *c == '@')?;
        let mut stop = start + c.len_utf8();
        while c != '@'
            && let Some((next, d)) = chars.peek().copied()
            && d.is_alphanumeric()
        {
            stop = next + d.len_utf8();
            chars.next();
        }
        let token = Token {
            start,
            end: stop,
            text: &text[start..stop],
            gap: &text[end..start],
        };
        end = stop;
        Some(token)
    })
}

/// Most words of a domain.
const DOMAIN_TOKENS: usize = 14;

/// How many of `tokens` are a domain: `gmail dot com`, `g mail.com`, `uni dash koeln dot de`, `gmail`.
fn domain(tokens: &[Token<'_>]) -> Option<usize> {
    let mut label = String::new();
    let mut best = None;
    let mut dotted = false;
    // Words of the label still to come before its dot.
    let mut words_left = spoken_label(tokens);
    for (at, token) in tokens.iter().take(DOMAIN_TOKENS).enumerate() {
        if !joins(token.gap) || token.gap.contains(',') && !token.gap.contains('.') {
            break;
        }
        let real_dot = token.gap.contains('.') && at > 0;
        if real_dot || (at > 0 && token.is(DOT)) {
            dotted = true;
            if token.is(DOT) {
                continue;
            }
        }
        if at > 0 && token.is(&["dash", "hyphen", "minus"]) {
            continue;
        }
        if dotted && token.is(TOP) && !label.is_empty() {
            best = Some(at + 1);
            // "co dot uk" goes on.
            let more = tokens
                .get(at + 1)
                .is_some_and(|next| joins(next.gap) && (next.is(DOT) || next.gap.trim() == "."));
            if !more {
                break;
            }
            continue;
        }
        if best.is_some() {
            break;
        }
        // Spelled: "c o m".
        if dotted && token.single() && tokens.get(at + 1).is_some_and(Token::single) {
            let spelled: String = tokens[at..]
                .iter()
                .take(3)
                .map(|token| token.text.to_ascii_lowercase())
                .collect();
            if ["com", "net", "org", "edu"].contains(&spelled.as_str()) {
                return Some(at + 3);
            }
            // "f r".
            if !label.is_empty()
                && spelled.get(..2).is_some_and(|top| TOP.contains(&top))
                && !tokens.get(at + 2).is_some_and(Token::single)
            {
                return Some(at + 2);
            }
        }
        label.push_str(&token.text.to_ascii_lowercase());
        if !dotted && words_left > 0 {
            words_left -= 1;
            continue;
        }
        if !dotted && PROVIDERS.contains(&label.as_str()) {
            best = Some(at + 1);
            let more = tokens
                .get(at + 1)
                .is_some_and(|next| joins(next.gap) && (next.is(DOT) || next.gap.contains('.')));
            if !more {
                break;
            }
        }
        // A label of many words is no label.
        if !goes_on(&label, &tokens[at..]) && best.is_none() {
            break;
        }
    }
    best
}

/// How many of `tokens` are a label of several words that "dot" and a top-level domain end, "harris plumbing dot net"; 0 where
/// none is.
fn spoken_label(tokens: &[Token<'_>]) -> usize {
    const NO_LABEL: &[&str] = &[
        "the", "my", "your", "this", "that", "a", "our", "their", "his", "her", "www", "which", "it", "home",
        "work",
    ];
    if tokens.first().is_none_or(|token| token.is(NO_LABEL)) {
        return 0;
    }
    (2..=3)
        .find(|dot| {
            tokens.get(*dot).is_some_and(|token| token.is(DOT))
                && tokens.get(dot + 1).is_some_and(|token| token.is(TOP))
                && tokens[1..=dot + 1].iter().all(|token| token.gap == " ")
        })
        .map_or(0, |dot| dot - 1)
}

/// Whether the tokens from `at` are a letter and its explanation, "p as in paul".
fn explains(tokens: &[Token<'_>], at: usize) -> bool {
    let is = |at: usize, said: &str| tokens.get(at).is_some_and(|token| token.is(&[said]));
    tokens.get(at).is_some_and(Token::single)
        && is(at + 1, "as")
        && is(at + 2, "in")
        && tokens.get(at + 3).is_some_and(|word| {
            word.text
                .get(..1)
                .is_some_and(|first| first.eq_ignore_ascii_case(tokens[at].text))
        })
}

/// The first token of the local part that ends before the token `at`.
fn local(tokens: &[Token<'_>], at: usize, cue_end: Option<usize>) -> usize {
    let mut first = at - 1;
    while first > 0 && at - first < 16 {
        let (current, before) = (tokens[first], tokens[first - 1]);
        // "p as in paul".
        if let Some([letter, _, _, word]) = first.checked_sub(4).and_then(|at| tokens.get(at..first))
            && explains(tokens, first - 4)
            && letter.single()
            && word.gap == " "
        {
            first -= 4;
            continue;
        }
        if !joins(current.gap) || current.gap.contains(',') && !before.single() {
            break;
        }
        if cue_end.is_some_and(|end| before.start < end) {
            break;
        }
        // "it's j o h n".
        if before.is(&["s"]) && before.gap == "'" {
            break;
        }
        let tight = matches!(
            current.gap,
            "." | "_" | "-" | "+" | "'" | "__" | "[.]" | "(.)" | "{.}" | "[_]" | "(_)" | "[-]" | "(-)"
        );
        let joint = before.is(JOINT) && first >= 2 && (!before.is(&["under"]) || current.is(&["score"]));
        let joined = current.is(JOINT) || current.is(&["score"]) && before.is(&["under"]);
        let short = (before.single() && !before.is(&["i", "a"])) || before.number() || current.number();
        // "grumpy underscore cat 52": the number belongs to a word that is joined to the one before; "bigfoot four at gmail": so does one
        // before "at" to the word that it stands behind.
        let numbered = current.number()
            && (first >= 2 && tokens[first - 2].is(JOINT)
                || first + 1 == at
                    && current.gap == " "
                    && !before.is(BEFORE_SITES)
                    && !before.is(BEFORE_NUMBERS));
        let spelled = current.single() && before.single();
        let cued = cue_end.is_some()
            && !before.is(&[
                "is", "at", "to", "it's", "its", "s", "address", "my", "the", "that's", "was", "me", "on",
                "as",
            ]);
        let plain = !is_common(&before.text.to_ascii_lowercase());
        // "clement adjei at gmail dot com", "nora winters at example dot com".
        let full_name = first + 1 == at
            && current.gap == " "
            && is_given(before.text)
            && (!is_common(&current.text.to_ascii_lowercase())
                || !is_common(&before.text.to_ascii_lowercase()));
        if full_name
            || tight
            || joint
            || joined
            || spelled
            || numbered
            || (short && (plain || cue_end.is_some()))
            || cued
        {
            first -= 1;
        } else {
            break;
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn an_address_that_is_said_is_masked_without_a_word_that_announces_it() {
        let redactor = Redactor::new();
        for (text, redacted) in [
            (
                "it's marisa dot thornbury nine at aol dot com",
                "it's [EMAIL_REDACTED]",
            ),
            ("thats jsmith four at gmail dot com", "thats [EMAIL_REDACTED]"),
            (
                "its kevin nine at aol dot com thanks",
                "its [EMAIL_REDACTED] thanks",
            ),
            (
                "send it to bigfoot four at gmail dot com",
                "send it to [EMAIL_REDACTED]",
            ),
            (
                "heron at yahoo dot com is what you have",
                "[EMAIL_REDACTED] is what you have",
            ),
            ("nora winters at example dot com", "[EMAIL_REDACTED]"),
            (
                "it goes to hank at hankshardware dot com",
                "it goes to [EMAIL_REDACTED]",
            ),
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), redacted);
        }
        for text in [
            "i looked at gmail dot com and it is not there",
            "log in at yahoo dot com",
            "i found the page at example dot com",
            "paid my bill at example dot com",
            "will it be ready by four at the store",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
    }
}
