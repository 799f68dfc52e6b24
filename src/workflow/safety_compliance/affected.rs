//! Whether a report tells of an animal, of a person, or of both: whoever is called for has to be the right one.
//!
//! "I took my dog's pills" and "I have a cat allergy" name an animal that is well. Where a person and an animal are told of and nothing says
//! which of them is unwell, it is both, and what a person needs comes first. Reads redacted text; cannot fail.

use std::sync::LazyLock;

use regex::Regex;

use super::terms::Terms;
use crate::workflow::patterns::{Scan, regex};
use crate::workflow::products::products;

/// Of whom a report tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Affected {
    /// An animal, and not only as the owner of a medicine that a person took.
    pub(super) animal: bool,
    /// A person besides: the reporter, by what she took or feels, or somebody of hers. Only looked for beside an animal.
    pub(super) person: bool,
}

impl Affected {
    /// Whether an animal is affected, and a person besides. "My dog's pills" has no animal in it where a person is told of.
    pub(super) fn read(scan: &Scan<'_>, terms: &Terms) -> Self {
        let text = scan.text();
        let (mut itself, mut as_owner) = (false, false);
        for hit in terms.affected.places("animal", scan) {
            let after = &text[hit.end..];
            if !is_animal(&text[hit.clone()]) {
                // "The vet", "dog ate": what follows belongs to no name of an animal.
                itself = true;
            } else if !ALLERGY_TO_IT.is_match(after) {
                match owns_medicine(after) {
                    true => as_owner = true,
                    false => itself = true,
                }
            }
        }
        let person = (itself || as_owner) && tells_of_a_person(text);
        Self {
            animal: itself || as_owner && !person,
            person,
        }
    }
}

/// The animals that are named in `data/safety_terms.toml`, as an alternation.
macro_rules! animals {
    () => {
        "(?:dog|cat|puppy|kitten|pet|horse|rabbit|bird|hamster|ferret)"
    };
}
/// What an animal may own that a person takes.
macro_rules! medicines {
    () => {
        "(?:pills?|meds?|medicines?|medications?|tablets?|capsules?|antibiotics?|painkillers?|drops|ointment|cream|syrup|spray|insulin|prescription|dos(?:e|es)|chews?|injections?|vaccine|bottles?|packs?)"
    };
}
static ANIMAL_AT_END: LazyLock<Regex> = LazyLock::new(|| regex(concat!(r"(?i)\b", animals!(), "$")));
/// Behind the name of an animal: it is what a person is allergic to.
static ALLERGY_TO_IT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)^[\s-](?:allerg(?:y|ies)|dander)\b"));
/// Behind the name of an animal: its medicine. "My dog's sick" and "the dog ate pills" are none.
static ITS_MEDICINE: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)^(?:['’]s\s+(?:[\w-]+\s+){0,2}?|\s+)",
        medicines!(),
        r"\b"
    ))
});
static ITS_NEXT_WORD: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)^['’]s\s+([\w-]+)"));
/// The reporter has taken something, or feels something.
static TOOK_OR_FEELS: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)\bi(?:['’]?m|\s+am|\s+was)?\s+(?:(?:now|also|just|still|then|have|had|even|already|accidentally|mistakenly|suddenly)\s+){0,2}",
        r"(?:feel|feeling|felt|developed|vomit\w*|threw\s+up|faint\w*|passed\s+out|collapsed|itch\w*|swallowed|took|taken|drank|ate|inhaled|injected",
        r"|dizzy|ill|nauseous|bleeding|shaking|allergic|pregnant|(?:can['’]?t|cannot|couldn['’]?t)\s+(?:\w+\s+)?(?:breathe|see|swallow|move))\b",
        r"|\b(?:i(?:['’]ve|\s+(?:have|had|got|get))|(?:gave|gives|giving|given)\s+me)\s+(?:\w+\s+){0,2}?(?:rash\w*|hives|pains?|aches?|fever|cough|headaches?",
        r"|swelling|swollen|reaction|trouble\s+breathing|nausea|cramps?|diarrh?o?ea|palpitations|seizures?|blisters?|stung|bitten)\b|\bma(?:de|kes|king)\s+me\b|\bme\s+(?:\w+\s+)?(?:sick|dizzy|ill)\b",
    ))
});
/// Behind those: what was taken is an animal, somewhere.
static CARRIED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)^\s+(?:him|her|them|(?:my|our|the)\s+(?:\w+\s+)?",
        animals!(),
        r")\s+(?:\w+\s+)?(?:to|in|home)\b"
    ))
});
/// What hurts is the reporter's.
static HER_BODY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\bmy\s+(?:\w+\s+)?(?:throat|chest|tongue|lips?|face|skin|stomach|heart|head|arms?|legs?|hands?|feet|eyes?|body|back|mouth|vision|rash|hives|breathing)\b",
    )
});
/// Behind those: "my heart pills".
static MEDICINE_FOR_IT: LazyLock<Regex> =
    LazyLock::new(|| regex(concat!(r"(?i)^\s+(?:\w+\s+)?", medicines!(), r"\b")));
/// Somebody else.
static SOMEBODY: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)\b(?:my|our|his|her|their|the|a)\s+(?:\w+[\s-]+){0,3}?(?:daughters?|sons?|wife|husband|spouse|mother|mom|mum|father|dad",
        r"|grand(?:mother|father|ma|pa|son|daughter|child|kid)s?|sister|brother|aunt|uncle|niece|nephew|girlfriend|boyfriend|fianc[eé]e?|partner|friend",
        r"|neighbou?r|baby|toddler|infant|newborn|child|children|kids?|patient|roommate|little\s+(?:one|boy|girl))\b",
        r"|\b(?:my|our|his|her|their|the)\s+(?:\d{1,2}|one|two|three|four|five|six)[\s-]?(?:year|month|week|yr)[\s-]olds?\b",
    ))
});
/// Behind somebody: only whose animal or medicine it is, how old the animal is, or who gave it something.
static ONLY_BESIDE_AN_ANIMAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)^(?:['’]s\s+(?:\w+\s+)?|\s+(?:(?:old|small|little|big|male|female|golden|labrador|retriever|german|shepherd|mixed|breed)\s+){0,3}",
        r"|\s+(?:gave|fed)\s+(?:(?:it|this|them|one)\s+to\s+)?(?:my|our|the|his|her)\s+(?:\w+\s+)?)",
        animals!(),
        r"(?:[\s.,;!?]|$)|^['’]s\s+(?:[\w-]+\s+){0,3}?",
        medicines!(),
        r"\b",
    ))
});

/// Whether the last word of `words` is an animal.
pub(super) fn is_animal(words: &str) -> bool {
    ANIMAL_AT_END.is_match(words)
}

/// Whether what stands behind the name of an animal is a medicine of its own.
fn owns_medicine(after: &str) -> bool {
    ITS_MEDICINE.is_match(after)
        || ITS_NEXT_WORD
            .captures(after)
            .is_some_and(|next| !products(&next[1]).is_empty())
}

/// Whether a person took something, feels something, or is named beside an animal.
fn tells_of_a_person(text: &str) -> bool {
    let tells = |of: &Regex, unless: &Regex| {
        of.find_iter(text)
            .any(|told| !unless.is_match(&text[told.end()..]))
    };
    tells(&TOOK_OR_FEELS, &CARRIED)
        || tells(&HER_BODY, &MEDICINE_FOR_IT)
        || tells(&SOMEBODY, &ONLY_BESIDE_AN_ANIMAL)
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    #[test]
    fn an_animal_is_told_from_the_owner_of_a_medicine_and_from_the_people_beside_it() {
        let reader = Reader::built_in();
        for (text, animal, person) in [
            ("my dog ate my heart pills", true, false),
            ("dog ate pills", true, false),
            ("my dog's eyes are red since the drops", true, false),
            ("my dog's vomiting", true, false),
            ("my dog's flea medicine made him sick", true, false),
            ("my cat's methimazole tablets are broken", true, false),
            ("I took my dog to the vet, he ate the gummies", true, false),
            ("my daughter's dog ate the gummies", true, false),
            ("my dog ate my wife's heart pills", true, false),
            (
                "my 3 year old golden retriever puppy ate the gummies",
                true,
                false,
            ),
            ("my husband gave our dog the gummies", true, false),
            ("my dog and my son ate the gummies", true, true),
            ("my dog and I both ate them, my stomach hurts", true, true),
            ("my 2 year old and the dog ate the gummies", true, true),
            ("my cat scratched me, and the cream gave me a rash", true, true),
            (
                "I took one of my dog's heart pills by mistake and now I feel dizzy",
                false,
                true,
            ),
            (
                "I swallowed my cat\u{2019}s thyroid pills, chest pain now",
                false,
                true,
            ),
            ("I took my dog's Lipitor", false, true),
            ("I took the dog pills", false, true),
            ("I gave my dog's meds to my son by accident", false, true),
            ("my husband gave the dog's pills to our son", false, true),
            (
                "I have a cat allergy and my throat is swelling after the Zyrtec",
                false,
                false,
            ),
            ("my throat is swelling", false, false),
        ] {
            let affected = Affected::read(&reader.prefilter.scan(text), &reader.terms);
            assert_eq!(affected, Affected { animal, person }, "{text}");
        }
    }
}
