//! Names that need no cue: a given name with a surname, and a capitalised given name that is nothing else.

use super::super::pattern::Hit;
use super::super::places::is_large;
use super::super::words::Lists;
use super::foreign::{is_ordinary_word, is_small_word};
use super::german::is_after_im;
use super::headers;
use super::reading::{read_name, spelled, spells, with_credentials};
use super::strangers;

use super::word::{GOODS, PLACES, SEASONS, Word, is_after_place, word_at, word_before};
use crate::privacy::normalise::OPAQUE;
use crate::privacy::scan::Scan;

pub(super) fn find(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    if scan.traits.lines {
        signature_lines(text, hits);
    }
    signed_by_dash(text, hits);
    if scan.traits.lines {
        signed_alone(text, hits);
    }
    if scan.traits.angles {
        before_addresses(text, hits);
    }
    if scan.traits.colons > 0 {
        headers::find(text, hits);
    }
    pairs(text, scan, hits);
    strangers::find(text, scan, hits);
    // "it's brandvold b r a n d v o l d".
    for start in scan.spelled.iter().map(|start| *start as usize) {
        // "d e l a c r o i x is the surname".
        if let Some(end) = spelled(text, start, 3)
            && SURNAME_BEFORE.iter().any(|said| text[end..].starts_with(said))
        {
            hits.push(Hit::new(start, end, 0.6));
        }
        let before = text[..start].trim_end_matches([' ', ',', '.', '-', ':', '(']);
        let before = [
            "that's", "thats", "that is", "it's", "spelled", "spelt", "so", "as",
        ]
        .iter()
        .find_map(|said| before.strip_suffix(said))
        .map_or(before, |before| {
            before.trim_end_matches([' ', ',', '.', '-', ':', '('])
        });
        if let Some(word) = word_before(text, before.len())
            && word.text.len() > 3
            && let Some(end) = spelled(text, start, 4)
            && spells(&text[start..end], word.text)
        {
            hits.extend([Hit::new(word.start, word.end, 0.6), Hit::new(start, end, 0.6)]);
        }
    }
    let bytes = text.as_bytes();
    // Where the last name ended.
    let mut done = 0;
    for start in scan.given_names.iter().map(|start| *start as usize) {
        let coded = start > 0 && matches!(bytes[start - 1], b'_' | b'@' | b'.' | b'/');
        if start < done || coded {
            continue;
        }
        let Some(first) = word_at(text, start) else {
            continue;
        };
        if let Some(end) = end_of_firm(text, first) {
            done = end;
            continue;
        }
        // "D'Angelo" is one word, and what stands before the apostrophe goes with the name.
        let whole = start > 1
            && matches!(bytes[start - 1], b'\'' | b'-')
            && bytes[start - 2].is_ascii_uppercase()
            && !start
                .checked_sub(3)
                .is_some_and(|before| bytes[before].is_ascii_alphanumeric());
        let start = if whole { start - 2 } else { start };
        let known = hits.len();
        let full = text[first.end..]
            .starts_with(' ')
            .then(|| word_at(text, first.end + 1))
            .flatten()
            .filter(|second| {
                (is_full_name(first, *second) || is_full_name_in_frame(text, first, *second))
                    && !is_small_word(text, first)
            });
        if let Some(second) = full {
            let end = read_name(text, first, false, false).max(second.stem_end());
            let start = surname_before(text, first)
                .or_else(|| surname_beside(text, first))
                .unwrap_or(start);
            hits.push(Hit::new(start, with_credentials(text, end), 0.55));
            done = end;
        } else if let Some(surname) = surname_before(text, first).filter(|_| first.capital()) {
            hits.push(Hit::new(surname, first.stem_end(), 0.5));
            done = first.end;
        } else if stands_alone(text, first) && !is_ordinary_word(text, first) {
            let end = read_name(text, first, false, false);
            let start = surname_beside(text, first).unwrap_or(start);
            hits.push(Hit::new(start, end, 0.5));
            done = end.max(first.end);
        } else if in_lower_case(text, first) && !is_ordinary_word(text, first) {
            let end = with_unknown_surname(text, first);
            hits.push(Hit::new(first.start, end, 0.5));
            done = end;
        } else if in_frame(text, first) && !is_ordinary_word(text, first) {
            hits.push(Hit::new(first.start, first.stem_end(), 0.5));
            done = first.end;
        }
        if whole && let Some(hit) = hits[known..].last_mut() {
            hit.start = hit.start.min(start);
        }
    }
}

fn is_full_name(first: Word<'_>, second: Word<'_>) -> bool {
    if first.never() || second.never() || second.text.len() < 2 {
        return false;
    }
    if first.capital() && second.capital() {
        let shouting = first.text.chars().nth(1).is_some_and(char::is_uppercase);
        let strange = second.strange() && !shouting;
        return if first.given() {
            // "Cornelius Abbey": the surname is a word, but no firm's or town's.
            let surname = !first.common()
                && !first.proper()
                && !shouting
                && second.title_case()
                && second.text.len() > 3
                && !second.proper()
                && !second.product()
                && !second.is(NO_SURNAMES);
            surname || second.surname() && (!second.proper() || !first.common()) || second.given() || strange
        } else {
            !first.proper()
                && (second.surname()
                    && (!second.proper() || !first.common())
                    && (!second.common() || !first.common())
                    // "Gene Fairbanks", who bears a town's name.
                    || first.name_and_word() && !first.thing() && second.surname() && !second.common()
                    || strange && !first.common() && second.strange_capital())
        };
    }
    if first.capital() || second.capital() || !first.text.is_ascii() {
        return false;
    }
    (first.given() && !first.common() || first.name_and_word() && !first.thing())
        && second.surname()
        && !second.common()
        && !second.proper()
}

/// "Bill Featherstonehaugh (dob", "Grace Igwe told me": a word that is a name as well, and a surname in no list, where what follows is said of
/// a person. Verbs ("Will Bazzetor help?") are left to cues.
fn is_full_name_in_frame(text: &str, first: Word<'_>, second: Word<'_>) -> bool {
    if !first.title_case()
        || !first.name_and_word()
        || !second.strange_capital()
        || second.text.len() < 4
        || second.is(NO_SURNAMES)
    {
        return false;
    }
    if first.is(&["will", "may", "hope", "mark", "chase"]) {
        return false;
    }
    // "the Royal Canin", but "Thanks\nAugust Bellamin".
    let before = text[..first.start].trim_end_matches(' ');
    let begins = before.is_empty() || before.ends_with(['.', '!', '?', ',', ';', ':', '\n', '-']);
    if first.thing() && !begins {
        return false;
    }
    let rest = &text[second.stem_end()..];
    let next = rest
        .strip_prefix(' ')
        .and_then(|_| word_at(text, second.stem_end() + 1));
    rest.is_empty()
        || rest.starts_with(['\n', ')'])
        || rest.starts_with("'s ")
        || rest.starts_with(" (")
        || next.is_some_and(|next| next.is(SAYINGS) || next.is(SPEECH))
}

/// The end of a firm that is called like a person, where `word` is one of its words.
fn end_of_firm(text: &str, word: Word<'_>) -> Option<usize> {
    if !word.title_case() {
        return None;
    }
    let next = text[word.end..]
        .strip_prefix(' ')
        .and_then(|_| word_at(text, word.end + 1));
    if let Some(next) = next.filter(|next| is_firm(word, *next)) {
        return Some(next.end);
    }
    let before = text[..word.start].strip_suffix(' ')?;
    word_before(text, before.len())
        .filter(|before| is_firm(*before, word))
        .map(|_| word.end)
}

/// Firms, houses and drinks that are called like a person.
fn is_firm(first: Word<'_>, second: Word<'_>) -> bool {
    const FIRMS: &[(&str, &str)] = &[
        ("eli", "lilly"),
        ("walter", "reed"),
        ("jean", "coutu"),
        ("mary", "kay"),
        ("jack", "daniel"),
        ("shirley", "temple"),
        ("elizabeth", "arden"),
        ("estee", "lauder"),
        ("calvin", "klein"),
        ("ralph", "lauren"),
        ("laura", "mercier"),
        ("bobbi", "brown"),
        ("betty", "crocker"),
        ("oscar", "mayer"),
        ("sara", "lee"),
        ("gillette", "venus"),
        ("wells", "fargo"),
        ("charles", "schwab"),
        ("johns", "hopkins"),
        ("marie", "curie"),
        ("edward", "jones"),
        ("russell", "stover"),
    ];
    FIRMS
        .iter()
        .any(|(one, other)| first.is(&[one]) && second.is(&[other]))
}

/// Words with a capital that do not end a person's name: a firm, a place, the beginning of the next sentence.
pub(super) const NO_SURNAMES: &[&str] = &[
    "market",
    "markets",
    "secret",
    "drug",
    "drugs",
    "drugstore",
    "hospital",
    "clinic",
    "medical",
    "health",
    "healthcare",
    "homecare",
    "veterinary",
    "dental",
    "hospice",
    "center",
    "centre",
    "school",
    "elementary",
    "church",
    "bakery",
    "shop",
    "foundation",
    "university",
    "college",
    "house",
    "home",
    "hotel",
    "inn",
    "beauty",
    "cosmetics",
    "care",
    "labs",
    "foods",
    "farms",
    "street",
    "drive",
    "lane",
    "court",
    "place",
    "terrace",
    "park",
    "square",
    "boulevard",
    "circle",
    "county",
    "city",
    "beach",
    "springs",
    "hills",
    "falls",
    "heights",
    "island",
    "lake",
    "river",
    "valley",
    "village",
    "could",
    "would",
    "should",
    "need",
    "want",
    "have",
    "just",
    "still",
    "never",
    "will",
    "your",
    "they",
    "been",
    "must",
    "also",
    "help",
    "called",
    "says",
    "said",
    "told",
    "need",
    "needs",
    "from",
    "syndrome",
    "disease",
];

/// Whether a given name in lower case that is nothing else stands for a person: wherever nothing says that it is a place's or a product's.
fn in_lower_case(text: &str, word: Word<'_>) -> bool {
    let rest = &text[word.end..];
    let next = rest.strip_prefix(' ').and_then(|_| word_at(text, word.end + 1));
    word.given_in_lower_case()
        && !is_large(word.text)
        && !is_after_place(text, word.start)
        // "en la cara", "la pelle": a thing in Spanish or Italian.
        && !text[..word.start].ends_with(" la ")
        && !text[..word.start].ends_with("& ")
        && !rest.starts_with(['@', '_', '/', '#'])
        && !rest.starts_with(" &")
        && !(rest.starts_with('.') && rest[1..].starts_with(char::is_alphanumeric))
        && !next.is_some_and(|next| next.product() || next.is(&["wort"]))
}

/// The end of "karen oduya" in lower case: where a surname that is in no list can only be one, at an end or before what is said of a person.
fn with_unknown_surname(text: &str, first: Word<'_>) -> usize {
    if first.text.len() > first.stem().len() || !text[first.end..].starts_with(' ') {
        return first.stem_end();
    }
    word_at(text, first.end + 1)
        .filter(|second| {
            let rest = &text[second.end..];
            second.text.starts_with(char::is_lowercase)
                && second.strange()
                && second.text.len() > 3
                && (second.surname()
                    || [
                        " dob", " born", " birth", " mrn", " member", " at ", " from ", "'s ",
                    ]
                    .iter()
                    .any(|said| rest.starts_with(said)))
        })
        .map_or(first.stem_end(), |second| second.stem_end())
}

/// Whether a given name that is a word as well, or a surname, stands for a person by what is around it: "Hank said", "penny's inhaler", "from
/// melody at your pharmacy", a capital within a sentence.
fn in_frame(text: &str, word: Word<'_>) -> bool {
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

/// Whether a capitalised given name stands for a person where nothing else says so.
fn stands_alone(text: &str, word: Word<'_>) -> bool {
    if !word.title_case()
        || word.never()
        || word.proper()
        || word.common()
        || word.text.len() < 3
        || is_large(word.text)
    {
        return false;
    }
    let before = text[..word.start].trim_end_matches([' ', '.']);
    // "Johnson & Johnson".
    if before.ends_with('&') || is_after_place(text, word.start) || is_after_im(text, word.start) {
        return false;
    }
    // "Clara Market", "Victoria's Secret", "Ben & Jerry's".
    let rest = &text[word.end..];
    // "Gail & Norm Petersen", but "Ben & Jerry's": people own nothing by a mark between their names.
    let paired = word.given()
        && rest
            .strip_prefix(" & ")
            .and_then(|_| word_at(text, word.end + " & ".len()))
            .is_some_and(|second| {
                second.title_case()
                    && (second.given() || second.name_and_word())
                    && second.text.len() == second.stem().len()
                    && text[second.end..].starts_with(' ')
                    && word_at(text, second.end + 1)
                        .is_some_and(|surname| surname.title_case() && surname.surname())
            });
    let brand = rest.starts_with(" &") && !paired
        || rest
            .strip_prefix(' ')
            .and_then(|_| word_at(text, word.end + 1))
            .is_some_and(|next| next.text.starts_with(char::is_uppercase) && next.text.len() > 1)
        || (word.text.len() > word.stem().len() && rest.starts_with(" wort"));
    // "Epstein-Barr and this vaccine".
    let joined = text[..word.start].ends_with(['-', '\'']);
    // In the middle of a sentence a rare given name will do; where one begins, any word has a capital.
    let begins =
        before.is_empty() || before.ends_with(['!', '?', '\n', ':', '"']) || before.len() < word.start - 1;
    // Where a sentence begins with a rarer one, its verb or its possession has to follow.
    let acts = || {
        let next = rest
            .strip_prefix(' ')
            .and_then(|rest| word_at(text, text.len() - rest.len()));
        let owns = word.text.len() > word.stem().len();
        owns && !next.is_some_and(|next| next.product()) || next.is_some_and(|next| next.is(ACTS))
    };
    // "Huntington's chorea".
    let eponym = word.text.len() > word.stem().len()
        && rest
            .strip_prefix(' ')
            .and_then(|_| word_at(text, word.end + 1))
            .is_some_and(|next| next.is(AFTER_EPONYMS));
    // "the Venus razor".
    let sold = (text[..word.start].ends_with("the ") || text[..word.start].ends_with("The "))
        && rest
            .strip_prefix(' ')
            .and_then(|_| word_at(text, word.end + 1))
            .is_some_and(|next| next.product());
    if eponym || sold || is_contraceptive(text, word) || is_joined_brand(text, word) {
        return false;
    }
    !brand && (word.given() || !word.text.is_ascii() || !begins && !word.surname() || !joined && acts())
}

/// Whether a word with a hyphen is no name, though it begins like one: "Tri-Sprintec", "Nora-BE".
fn is_joined_brand(text: &str, word: Word<'_>) -> bool {
    let Some(at) = word.text.find('-') else {
        return false;
    };
    let Some(second) = word_at(text, word.start + at + 1) else {
        return false;
    };
    // "Allegra-D".
    let first = Lists::of(&word.text[..at]);
    let shouted = !second.text.contains(char::is_lowercase);
    shouted
        || first.no_name()
        || second.title_case() && !first.given() && !second.may_be_given() && !second.surname()
}

/// What is called after who described it.
const AFTER_EPONYMS: &[&str] = &[
    "disease",
    "syndrome",
    "chorea",
    "palsy",
    "tremor",
    "thyroiditis",
    "phenomenon",
    "contracture",
    "esophagus",
    "sarcoma",
    "lymphoma",
    "tumor",
    "tumour",
    "cyst",
    "ulcer",
    "neuralgia",
    "dementia",
    "crisis",
    "anemia",
    "anaemia",
    "ataxia",
];

/// Whether a given name is that of a contraceptive here, which are called like women: a report must not lose its product.
fn is_contraceptive(text: &str, word: Word<'_>) -> bool {
    const CONTRACEPTIVES: &[&str] = &[
        "alyssa",
        "camila",
        "charlotte",
        "ella",
        "emoquette",
        "errin",
        "estelle",
        "hailey",
        "heather",
        "isabella",
        "juleber",
        "juliana",
        "kelnor",
        "larin",
        "lessina",
        "lyza",
        "marlissa",
        "mili",
        "nikki",
        "nora",
        "portia",
        "sharobel",
        "syeda",
        "tilia",
        "vienva",
        "viorele",
        "yasmin",
        "yaz",
        "zarah",
    ];
    /// How far around the name what it is may be told, in bytes.
    const NEAR: usize = 48;
    const TOLD_BY: &[&str] = &[
        "birth control",
        "contracepti",
        "progestin",
        "placebo",
        "plan b",
        "the pill",
        " pill",
        "spotting",
        "norethindrone",
        "drospirenone",
        "ulipristal",
        "morning after",
        "mini-pill",
        "minipill",
    ];
    // "Is Camila a progestin only pill"; "Nora needs her birth control" speaks of a person.
    const FOLLOWED_BY: &[&str] = &[
        "a", "the", "same", "vs", "or", "safe", "ok", "generic", "pill", "pills", "birth", "made", "makes",
        "better", "like",
    ];
    let next = text[word.end..]
        .strip_prefix(' ')
        .and_then(|_| word_at(text, word.end + 1));
    if !word.is(CONTRACEPTIVES) || !next.is_some_and(|next| next.is(FOLLOWED_BY)) {
        return false;
    }
    let from = text.floor_char_boundary(word.start.saturating_sub(NEAR));
    let to = text.ceil_char_boundary((word.end + NEAR).min(text.len()));
    let around = text[from..to].to_ascii_lowercase();
    TOLD_BY.iter().any(|told| around.contains(told))
}

/// The beginning of "Tanaka Hiroshi": a surname that is nothing else, right before a given name.
fn surname_beside(text: &str, given: Word<'_>) -> Option<usize> {
    let end = text[..given.start].strip_suffix(' ')?.len();
    let surname = word_before(text, end)?;
    (surname.title_case() && surname.surname() && surname.strange() && given.title_case())
        .then_some(surname.start)
}

/// The beginning of "Bellweather, Constance", where a line or a label does not go on before it.
fn surname_before(text: &str, given: Word<'_>) -> Option<usize> {
    let end = text[..given.start].strip_suffix(", ")?.len();
    let surname = word_before(text, end)?;
    let before = text[..surname.start].trim_end_matches(' ');
    let begins = before.is_empty() || before.ends_with(['\n', ':', '-', '(', '|', '\t', '"']);
    (begins && surname.capital() && !surname.never() && (surname.surname() || surname.strange()))
        .then_some(surname.start)
}

/// What follows a name that is said before its cue.
const SURNAME_BEFORE: &[&str] = &[
    " is the surname",
    " is my surname",
    " is the last name",
    " is my last name",
    " is the first name",
    " is my first name",
    " is the name",
    " is my name",
    " is his name",
    " is her name",
];

/// A capitalised word that we know as nothing, and a surname: "Tamsin Whitfield".
fn pairs(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for start in scan.pairs.iter().map(|start| *start as usize) {
        let Some(first) = word_at(text, start).filter(Word::strange_capital) else {
            continue;
        };
        let second = text[first.end..]
            .starts_with(' ')
            .then(|| word_at(text, first.end + 1))
            .flatten()
            .filter(|second| second.title_case() && second.surname() && second.strange());
        if second.is_some_and(|second| !is_firm(first, second))
            && !is_after_place(text, start)
            && !first.is(PLACES)
        {
            let end = read_name(text, first, false, false);
            hits.push(Hit::new(start, with_credentials(text, end), 0.5));
        }
    }
}

/// "Halvard Lien <h@example.org>": the words with capitals before a mail address in brackets.
fn before_addresses(text: &str, hits: &mut Vec<Hit>) {
    for (at, _) in text.match_indices(" <") {
        let inside = &text[at + 2..];
        let inside = &inside[..inside.find(['>', ' ', '\n']).unwrap_or(inside.len())];
        if inside.len() > MAX_ADDRESS_BYTES || !inside.contains(['@', OPAQUE as char]) {
            continue;
        }
        let quoted = text[..at].ends_with('"');
        let end = at - usize::from(quoted);
        let mut start = end;
        for _ in 0..4 {
            let gap = text[..start].trim_end_matches([' ', '.', ',']);
            // "On Mon, Mar 3, 2026 Halvard Lien": a date comes before.
            let apart = start - gap.len();
            if start < end && !(1..=2).contains(&apart) {
                break;
            }
            match word_before(text, gap.len()) {
                Some(word)
                    if word.capital()
                        && !word.never()
                        && (!word.common() || word.surname() || word.may_be_given()) =>
                {
                    start = word.start;
                }
                _ => break,
            }
        }
        if start < end {
            hits.push(Hit::new(start, end, 0.6));
        }
    }
}

/// Longest mail address.
const MAX_ADDRESS_BYTES: usize = 254;

/// "- Olu" as the last line.
fn signed_by_dash(text: &str, hits: &mut Vec<Hit>) {
    let start = text.trim_end().rfind('\n').map_or(0, |line| line + 1);
    let line = &text[start..];
    let name = line.trim_start_matches(['-', '~', ' ', '\u{2014}']);
    let at = start + line.len() - name.len();
    if !line.starts_with(['-', '~', '\u{2014}']) || !name.starts_with(char::is_uppercase) {
        return;
    }
    let Some(first) = word_at(text, at).filter(|first| first.title_case()) else {
        return;
    };
    let end = read_name(text, first, false, false);
    let signs = first.may_be_given() && !first.proper() || first.strange_capital();
    if signs && text[end..].trim().is_empty() {
        hits.push(Hit::new(at, end, 0.5));
    }
}

/// "Chinwe" as the last line, below an empty one or a greeting.
fn signed_alone(text: &str, hits: &mut Vec<Hit>) {
    let body = text.trim_end();
    let Some(line) = body.rfind('\n') else {
        return;
    };
    // What a telephone adds below a name.
    let (body, line) = match body[line + 1..].starts_with("Sent from my ") {
        true => {
            let body = body[..line].trim_end();
            match body.rfind('\n') {
                Some(line) => (body, line),
                None => return,
            }
        }
        false => (body, line),
    };
    let at = line + 1 + (body.len() - line - 1 - body[line + 1..].trim_start_matches(' ').len());
    let Some(word) = word_at(text, at).filter(|word| word.title_case() && word.text.len() > 2) else {
        return;
    };
    let apart = body[..line].ends_with('\n');
    let named = word.may_be_given()
        && !word.proper()
        && (apart || !word.common() || word.name_and_word() && !word.thing());
    let signs = named && !word.never() || apart && word.strange_capital();
    if signs && body[word.end..].chars().all(|c| matches!(c, '.' | ' ' | '!')) {
        hits.push(Hit::new(word.start, word.stem_end(), 0.5));
    }
}

/// Words behind which a clause begins.
pub(super) const OPENERS: &[&str] = &[
    "and", "but", "because", "cause", "that", "when", "since", "so", "then", "yes", "if", "where", "while",
];

/// What only people do, as said of one of them.
const SAYINGS: &[&str] = &[
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
const SPEECH: &[&str] = &[
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
const ACTS: &[&str] = &[
    "said", "says", "told", "promised", "called", "wrote", "helped", "sent", "gave", "asked", "answered",
    "told", "refused", "hung", "emailed", "texted", "picked", "ordered", "needs", "wants", "has", "had",
    "is", "was", "will", "won't", "can't", "didn't", "doesn't", "at", "from", "in", "and",
];

/// Lines that hold two to four words of a name and nothing else, as signatures and address labels do.
fn signature_lines(text: &str, hits: &mut Vec<Hit>) {
    let mut start = 0;
    for line in text.split('\n') {
        let name = line.trim_matches([' ', '\t', '\r', '*', '-', ',']);
        let at = start + (name.as_ptr() as usize - line.as_ptr() as usize);
        start += line.len() + 1;
        if name.len() > 48 || !name.starts_with(char::is_uppercase) || !name.contains(' ') {
            continue;
        }
        let mut words = 0;
        let mut evidence = false;
        let mut end = at;
        let all = name.split(' ').all(|part| {
            // "Jr."; but "Betreff: Reklamation" is a field.
            let word = word_at(text, end)
                .filter(|word| word.end - word.start + 1 >= part.len() && !part.ends_with(':'));
            end += part.len() + 1;
            words += 1;
            word.is_some_and(|word| {
                evidence |= word.strange_capital() || word.may_be_given() && !word.common();
                word.initial()
                    || word.title_case()
                        && !word.never()
                        && !word.proper()
                        && (!word.common() || word.surname() || word.may_be_given())
            })
        });
        if all && evidence && (2..=4).contains(&words) {
            hits.push(Hit::new(at, at + name.len(), 0.5));
        }
    }
}
