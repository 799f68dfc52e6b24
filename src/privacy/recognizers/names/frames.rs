//! What around a word that is a name as well, or a surname, says that it stands for a person, without a cue: "Hank said", "penny's inhaler".

use super::super::places::is_large;
use super::german::is_after_im;
use super::word::{GOODS, SEASONS, Word, is_after_place, word_at, word_before};

/// Whether a given name that is a word as well, or a surname, stands for a person by what is around it: "Hank said", "penny's inhaler", "from
/// melody at your pharmacy", a capital within a sentence.
pub(super) fn in_frame(text: &str, word: Word<'_>) -> bool {
    // "Epstein-Barr" is one word.
    let whole = !text[..word.start].ends_with(['-', '\'']);
    let short = word.text.len() < 3;
    if !whole
        || word.never()
        || short && !word.title_case()
        || is_after_place(text, word.start)
        || is_after_im(text, word.start)
    {
        return false;
    }
    // "Mo said".
    let known = word.name_and_word() || short && word.may_be_given();
    // "Bashir was in the hospital": a surname as well, so that it needs its verb.
    let rare = word.title_case() && word.may_be_given() && word.strange();
    // Within a sentence the capital tells more than the lists.
    let other = word.title_case()
        && word.may_be_given()
        && word.text.len() > 3
        && !word.proper()
        && !is_large(word.text);
    if !known && !rare && !other {
        return false;
    }
    let before = text[..word.start].trim_end_matches(' ');
    let previous = word_before(text, before.len());
    let follows = |words: &[&str]| previous.is_some_and(|previous| previous.is(words));
    let begins =
        before.is_empty() || before.ends_with(['.', '!', '?', ',', ';', ':', '\n', '-']) || follows(OPENERS);
    let rest = &text[word.end..];
    let next = rest.strip_prefix(' ').and_then(|_| word_at(text, word.end + 1));
    if next.is_some_and(|next| next.product()) {
        return false;
    }
    // "penny's inhaler", "Faith's account".
    if word.text.len() > word.stem().len() {
        return !word.thing() && next.is_some_and(|next| next.is(BELONGINGS));
    }
    let next_is = |words: &[&str]| next.is_some_and(|next| next.is(words));
    // "penny needs her drops", "Will is my son".
    let is_mine = next.is_some_and(|next| {
        next.is(&["is", "was"])
            && ["my ", "our ", "his ", "her "].iter().any(|owner| {
                text[next.end..]
                    .strip_prefix(' ')
                    .is_some_and(|rest| rest.starts_with(owner))
            })
    });
    if begins && (known || rare) && (is_mine || !word.thing() && next_is(SAYINGS)) {
        return true;
    }
    let is_season = || word.is(SEASONS);
    if begins && known && word.title_case() {
        // "Pat said it would come", "Mark wrote:"; "Chase called" is a bank as often.
        let speaks = next_is(SPEECH) && !is_season() && !word.is(&["chase"]);
        // "Faith, 12, swallowed a magnet", "Destiny (my niece)".
        let aged = || {
            rest.strip_prefix(", ").is_some_and(|rest| {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                (1..=3).contains(&digits)
                    && [",", " yo", " y/o", " years", " months", "yo", "y,"]
                        .iter()
                        .any(|unit| rest[digits..].starts_with(unit))
            }) && !is_season()
        };
        let of_family = || {
            [" (my ", " (our ", " (his ", " (her ", ", my ", ", our "]
                .iter()
                .find_map(|owner| rest.strip_prefix(owner))
                .and_then(|rest| word_at(text, text.len() - rest.len()))
                .is_some_and(|kin| kin.is(KIN))
        };
        // "Dale and Jean Prather", once the second is masked.
        let paired = || {
            [" and \u{1}", " & \u{1}", ", \u{1}"]
                .iter()
                .any(|pair| rest.starts_with(pair))
                && !is_season()
                && !word.thing()
        };
        // "Summer at the front desk gave me the wrong bag".
        let at_work = || {
            [
                " in returns",
                " in shipping",
                " in support",
                " at the front desk",
                " at the counter",
                " in billing",
                " in customer service",
                " from billing",
            ]
            .iter()
            .any(|place| rest.starts_with(place))
        };
        if speaks || aged() || of_family() || paired() || at_work() {
            return true;
        }
    }
    // "Let Glen know", "please have Drew call me", "can Art pick it up", "[NAME_REDACTED] and Mark".
    if known && word.title_case() && !short && before.len() + 1 == word.start && !is_season() {
        let asked =
            follows(&["let", "have", "had", "can", "could", "did"]) && next_is(DEEDS) && !word.is(&["chase"]);
        let told = follows(&["let", "ask", "tell"])
            && next.is_some_and(|next| next.text.starts_with(char::is_lowercase) && !next.is(GOODS));
        let will = follows(&["so", "if", "when", "and", "or", "but"])
            && next_is(&["will", "can", "won't", "can't"])
            && !word.thing();
        let beside = before.ends_with("\u{1} and")
            && !next.is_some_and(|next| {
                next.capital()
                    || next.is(GOODS)
                    || next.is(&["you", "i", "we", "they", "it", "this", "that", "the"])
            });
        if asked || told || will || beside {
            return true;
        }
    }
    // "a call from melody at your pharmacy".
    let employed = next_is(&["at", "from", "in"])
        && next.is_some_and(|next| {
            text[next.end..].strip_prefix(' ').is_some_and(|rest| {
                [
                    "your",
                    "customer",
                    "billing",
                    "support",
                    "the pharmacy",
                    "the clinic",
                    "the front desk",
                ]
                .iter()
                .any(|place| rest.starts_with(place))
            })
        });
    if employed
        && follows(&[
            "from", "by", "with", "to", "ask", "asked", "told", "called", "and",
        ])
    {
        return !word.thing();
    }
    // "can you put Destiny as the contact": a capital that no rule of spelling asks for.
    (known || other)
        && !short
        && word.title_case()
        && !word.thing()
        && !begins
        && before.len() + 1 == word.start
        && previous
            .is_some_and(|previous| previous.text.starts_with(char::is_lowercase) || previous.text == "I")
        && !follows(&[
            "the", "a", "an", "my", "your", "our", "this", "that", "some", "any", "no", "is", "of",
        ])
        && !next.is_some_and(|next| next.text.starts_with(char::is_uppercase) || next.is(GOODS))
}

/// Words behind which a clause begins.
pub(super) const OPENERS: &[&str] = &[
    "and", "but", "because", "cause", "that", "when", "since", "so", "then", "yes", "if", "where", "while",
];

/// What only people do, as said of one of them.
pub(super) const SAYINGS: &[&str] = &[
    "said",
    "says",
    "told",
    "promised",
    "texted",
    "emailed",
    "asked",
    "answered",
    "takes",
    "wants",
    "needs",
    "ordered",
    "lives",
    "refused",
    "forgot",
    "passed",
    "died",
    "hung",
    "picked",
    "called",
    "wrote",
    "never",
    "got",
    "spoke",
    "prescribed",
    "helped",
    "sent",
    "thinks",
    "knows",
    "uses",
];

/// What somebody is to who writes.
pub(super) const KIN: &[&str] = &[
    "husband",
    "wife",
    "son",
    "daughter",
    "mother",
    "father",
    "mom",
    "mum",
    "dad",
    "sister",
    "brother",
    "partner",
    "niece",
    "nephew",
    "cousin",
    "aunt",
    "uncle",
    "grandson",
    "granddaughter",
    "grandma",
    "grandpa",
    "friend",
    "neighbor",
    "neighbour",
    "client",
    "patient",
    "baby",
    "kid",
    "child",
    "boyfriend",
    "girlfriend",
    "fiance",
    "stepson",
    "stepdaughter",
    "roommate",
    "dog",
    "cat",
];

/// What only people do, and no bank, season or paper.
pub(super) const SPEECH: &[&str] = &[
    "said",
    "told",
    "promised",
    "texted",
    "emailed",
    "forgot",
    "wrote",
    "thinks",
    "knows",
    "swore",
    "apologized",
    "apologised",
    "explained",
    "mentioned",
    "hung",
    "asked",
];

/// What somebody is asked to do for a customer, in the form that a name stands before.
const DEEDS: &[&str] = &[
    "call", "pick", "collect", "sign", "know", "come", "take", "drive", "drop", "email", "text", "get",
];

/// What a person has at a pharmacy.
const BELONGINGS: &[&str] = &[
    "refill",
    "refills",
    "prescription",
    "prescriptions",
    "script",
    "scripts",
    "rx",
    "med",
    "meds",
    "medication",
    "medications",
    "medicine",
    "medicines",
    "pills",
    "tablets",
    "order",
    "orders",
    "inhaler",
    "insulin",
    "drops",
    "account",
    "insurance",
    "card",
    "appointment",
    "doctor",
    "birthday",
    "address",
    "number",
    "phone",
    "email",
    "package",
    "parcel",
    "name",
    "mom",
    "mother",
    "dad",
    "father",
    "husband",
    "wife",
    "son",
    "daughter",
    "house",
    "place",
    "dose",
    "delivery",
    "mail",
];

/// What people are said to have done.
pub(super) const ACTS: &[&str] = &[
    "said", "says", "told", "promised", "called", "wrote", "helped", "sent", "gave", "asked", "answered",
    "told", "refused", "hung", "emailed", "texted", "picked", "ordered", "needs", "wants", "has", "had",
    "is", "was", "will", "won't", "can't", "didn't", "doesn't", "at", "from", "in", "and",
];
