//! What was masked once and is said again: "Patient Arthur Penhaligon fell. Penhaligon is bleeding", "password is Hunter2blue. I typed Hunter2blue".
//!
//! A name's words are looked for one by one, whatever their case, a secret or a number to the letter. Runs only where something was found, in one
//! walk over the rest. Words that are something else as well (Rose, Mark), medicines and titles are left to the other recognizers.

use std::ops::Range;
use std::sync::LazyLock;

use super::names::foreign::{is_foreign, is_ordinary_word};
use super::names::word::{is_medicine, word_at, word_before};
use super::words::{Lists, WordSet, is_common, word_set};
use crate::privacy::findings::Finding;
use crate::privacy::kind::IdentifierKind;
use crate::privacy::normalise::Hidden;
use crate::privacy::sense::{Lead, Sense};
use crate::privacy::word_hash::hash;

/// Fewest characters of a word or number that is looked for: shorter ones are too often something else.
const MIN_CHARS: usize = 4;
/// Longest secret or number that is looked for, in bytes.
const MAX_BYTES: usize = 80;
/// Digits from which a number is no dose, year or price.
const CERTAIN_DIGITS: usize = 6;

/// Titles, in whatever language: they go with a name and are masked with it.
static TITLES: LazyLock<WordSet> = LazyLock::new(|| {
    let titles: Vec<&str> = super::names::FAMILY
        .cues
        .iter()
        .filter(|(sense, _)| matches!(sense, Sense::Introduces(Lead::Title | Lead::Role)))
        .flat_map(|(_, words)| words.split(','))
        .map(|word| word.trim().trim_end_matches('.'))
        .collect();
    word_set(&titles.join(" "))
});

/// What is looked for, by the hash of its first word.
struct Sought {
    hash: u64,
    /// Which finding it was.
    of: usize,
    /// The whole of a secret or number; a name is its word alone.
    whole: Option<Range<usize>>,
}

/// Further mentions of what `findings` mask in `text`, outside of what is `hidden`, which holds the findings too.
pub(crate) fn find(text: &str, findings: &[Finding], hidden: &[Hidden]) -> Vec<Finding> {
    let mut sought: Vec<Sought> = Vec::new();
    for (of, finding) in findings.iter().enumerate() {
        let range = finding.start..finding.end;
        match finding.kind {
            IdentifierKind::Name => {
                let names = words(text, range).filter(|word| is_nothing_but_name(&text[word.clone()]));
                sought.extend(names.map(|word| Sought {
                    hash: hash(&text[word]),
                    of,
                    whole: None,
                }));
            }
            IdentifierKind::Credential
            | IdentifierKind::Username
            | IdentifierKind::HealthPlan
            | IdentifierKind::Id
            | IdentifierKind::Ssn
            | IdentifierKind::Card
            | IdentifierKind::Rx
                if is_telling(&text[range.clone()]) =>
            {
                let first = words(text, range.clone()).next();
                sought.extend(first.map(|word| Sought {
                    hash: hash(&text[word.clone()]),
                    of,
                    whole: Some(word.start..range.end),
                }));
            }
            _ => {}
        }
    }
    if sought.is_empty() {
        return Vec::new();
    }
    sought.sort_by_key(|sought| sought.hash);
    // One of each word will do, and the whole of the first secret that begins with it.
    sought
        .dedup_by(|later, first| later.hash == first.hash && later.whole.is_some() == first.whole.is_some());
    let mut repeats = Vec::new();
    let mut from = 0;
    for to in hidden
        .iter()
        .map(|hidden| &hidden.range)
        .chain([&(text.len()..text.len())])
    {
        let mut done = from;
        for word in words(text, from..to.start) {
            if word.start < done {
                continue;
            }
            let hash = hash(&text[word.clone()]);
            let at = sought.partition_point(|sought| sought.hash < hash);
            for sought in sought[at..].iter().take_while(|sought| sought.hash == hash) {
                let end = match &sought.whole {
                    None if is_taken(text, &word) || !is_written_so(text, &word, &findings[sought.of]) => {
                        continue;
                    }
                    None => word.end,
                    Some(whole) => {
                        let end = word.start + whole.len();
                        if end > to.start || !is_again(text, word.start, &text[whole.clone()]) {
                            continue;
                        }
                        end
                    }
                };
                repeats.push(Finding {
                    start: word.start,
                    end,
                    ..findings[sought.of]
                });
                done = end;
                break;
            }
        }
        from = to.end;
    }
    repeats
}

/// The words, of letters and digits, of a part of a text.
fn words(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = part.start;
    let end = part.end;
    std::iter::from_fn(move || {
        let rest = text.get(at..end)?;
        let start = at + rest.find(char::is_alphanumeric)?;
        let length = text[start..end]
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(end - start);
        at = start + length;
        Some(start..at)
    })
}

/// Whether a word of a name stands for nothing else.
fn is_nothing_but_name(word: &str) -> bool {
    let lists = Lists::of(word);
    word.chars().count() >= MIN_CHARS
        && word.chars().all(char::is_alphabetic)
        && !lists.no_name()
        && !lists.proper()
        && !is_common(word)
        && !is_medicine(word)
        && !TITLES.contains(word)
}

/// Whether a secret or number is so much of one that the same text means it again.
fn is_telling(value: &str) -> bool {
    let lists = Lists::of(value);
    let is_year = value.len() == 4
        && (value.starts_with("19") || value.starts_with("20"))
        && value.bytes().all(|byte| byte.is_ascii_digit());
    (MIN_CHARS..=MAX_BYTES).contains(&value.len())
        && value.starts_with(char::is_alphanumeric)
        && !is_year
        && !lists.no_name()
        && !lists.proper()
        && !is_common(value)
}

/// Whether the word of a name stands where a medicine does, "took Zyler", or is a word of this text's language.
fn is_taken(text: &str, word: &Range<usize>) -> bool {
    let before = text[..word.start].strip_suffix(' ');
    let behind_verb = before
        .and_then(|before| word_before(text, before.len()))
        .is_some_and(|verb| {
            verb.is(&[
                "take", "takes", "taking", "took", "taken", "tomo", "toma", "tomé", "nehme", "nimmt",
                "prends", "prend", "prendo", "prende", "mg", "using", "dose",
            ])
        });
    let dosed = || {
        text[word.end..]
            .strip_prefix(' ')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && is_dose(rest))
    };
    behind_verb || dosed() || word_at(text, word.start).is_some_and(|word| is_ordinary_word(text, word))
}

/// Whether a word in lower case can be the name: where it is one in a list, and the text in no language in which that may be a word ("la correa").
fn is_written_so(text: &str, word: &Range<usize>, name: &Finding) -> bool {
    let seen = &text[word.clone()];
    let lists = Lists::of(seen);
    seen.starts_with(char::is_uppercase)
        || (lists.surname() || lists.may_be_given() || text[name.start..].starts_with(char::is_uppercase))
            && text.is_ascii()
            && !is_foreign(text)
}

/// Whether a number with a unit begins a text.
fn is_dose(text: &str) -> bool {
    let unit = text
        .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','))
        .trim_start();
    ["mg", "mcg", "ml", "iu", "unit", "tablet", "pill"]
        .iter()
        .any(|known| {
            unit.get(..known.len())
                .is_some_and(|unit| unit.eq_ignore_ascii_case(known))
        })
}

/// Whether `value` stands at `at` by itself; a short number must not be one of something else.
fn is_again(text: &str, at: usize, value: &str) -> bool {
    let Some(rest) = text[at..].strip_prefix(value) else {
        return false;
    };
    let runs_on = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    if runs_on(rest.chars().next()) || runs_on(text[..at].chars().next_back()) {
        return false;
    }
    let is_short_number = value.len() < CERTAIN_DIGITS && value.bytes().all(|byte| byte.is_ascii_digit());
    !is_short_number || {
        let before = text[..at].trim_end_matches([' ', '#']);
        !is_dose(&text[at..])
            && !text[..at].ends_with(['.', ','])
            && !before.ends_with(['$', '€', '£'])
            && !word_before(text, before.len()).is_some_and(|noun| {
                noun.is(&[
                    "order", "orders", "lot", "batch", "ticket", "number", "no", "since", "in",
                ])
            })
    }
}

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn what_was_masked_once_is_masked_wherever_it_is_said_again() {
        let redactor = Redactor::new();
        for (text, identifier) in [
            (
                "Patient Arthur Penhaligon fell after Eliquis. Penhaligon is bleeding from the nose.",
                "enhaligon",
            ),
            (
                "Patient Arthur Penhaligon fell. PENHALIGON'S wife rang",
                "PENHALIGON",
            ),
            ("Mrs Plunkett took Valium. Plunkett is asleep", "Plunkett"),
            ("My son Zyler has hives. Zyler took Zyrtec", "Zyler"),
            ("ms grimaldi has hives and grimaldi takes bactrim", "grimaldi"),
            (
                "Frau Hildebrandt rief an. Hildebrandt nimmt Xarelto 20",
                "Hildebrandt",
            ),
            ("Mme Thévenot a appelé. Thévenot prend Kardégic", "Thévenot"),
            (
                "el paciente Anselmo Cifuentes vomitó. Cifuentes toma Sintrom",
                "Cifuentes",
            ),
            (
                "the nurse rang for Hortensia Obuya-Lindqvist, and lindqvist was out",
                "indqvist",
            ),
            (
                "password is Hunter2blue. I typed Hunter2blue and it says wrong",
                "Hunter2blue",
            ),
            ("my policy is HP223188. They say HP223188 is inactive", "HP223188"),
            ("username ottilie84 fails, ottilie84 is mine", "ottilie84"),
            ("pin 4471 no longer works. 4471 was fine before", "4471"),
        ] {
            let redacted = redactor.redact(text).text;
            assert!(!redacted.as_str().contains(identifier), "{redacted}");
            assert_eq!(redactor.redact(redacted.as_str()).text, redacted);
        }
        for (text, left) in [
            ("My wife Rose uses rose water", "rose water"),
            ("my name is Mark Abernathy, please mark it", "please mark it"),
            ("Mr. Young is too young for this", "too young for this"),
            (
                "La señora Correa dice que la correa se partió ayer",
                "la correa se partió ayer",
            ),
            ("my name is Lyrica Jones and I take Lyrica", "take Lyrica"),
            (
                "mi hija Blanca tiene fiebre por la pastilla blanca",
                "pastilla blanca",
            ),
            (
                "Herr Hildebrandt rief an, der Herr war krank",
                "der Herr war krank",
            ),
            ("my pin is 4471 and the order 4471 is late", "order 4471 is late"),
            ("my pin is 2019, since 2019", "since 2019"),
            ("pin 5000, I take 5000 units", "5000 units"),
        ] {
            let redacted = redactor.redact(text).text;
            assert!(redacted.as_str().ends_with(left), "{redacted}");
        }
        // Numbered alike, since it is one.
        assert_eq!(
            redactor
                .pseudonymise("username ottilie84 fails, ottilie84 is mine")
                .text
                .as_str(),
            "username [USERNAME_1] fails, [USERNAME_1] is mine"
        );
    }
}
