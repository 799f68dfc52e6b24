//! Towns beside a cue, "I live in Cedar Rapids", or after what was masked. States and countries alone are no identifiers (45 CFR 164.514(b)(2)(i)(B)).

use std::sync::LazyLock;

use regex::Regex;

use super::names::foreign::is_ordinary_word;
use super::names::word::{Word, is_medicine, word_at, word_before};
use super::pattern::{Detector, Hit};
use super::words::{
    WordSet, is_city, is_common, is_no_name, is_only_city, is_proper, is_town, may_begin_town, word_set,
};
use crate::privacy::kind::IdentifierKind::Location;
use crate::privacy::lexicon::{Cue, mask};
use crate::privacy::normalise::{OPAQUE, OPAQUE_PLACE};
use crate::privacy::scan::Scan;
use crate::privacy::sense::Sense;
use crate::privacy::word_hash::hash_ascii;

pub(super) static DETECTORS: &[Detector] = &[
    Detector {
        name: "town_beside_cue",
        kind: Location,
        find,
    },
    Detector {
        name: "town_after_masked",
        kind: Location,
        find: after_masked,
    },
    Detector {
        name: "town_by_name",
        kind: Location,
        find: by_name,
    },
];

/// Shops and the like, which have towns that are nobody's home.
const FACILITIES: &[&str] = &[
    "store",
    "stores",
    "shop",
    "warehouse",
    "location",
    "branch",
    "pharmacy",
    "office",
    "hospital",
    "clinic",
    "hub",
    "brand",
    "sorting",
    "distribution",
    "terminal",
    "depot",
    "facility",
    "center",
    "centre",
    "time",
    "airport",
    "salts",
    "salt",
    "water",
    "university",
];

/// "stuck in Memphis hub": whether a shop or a carrier's building follows a town that ends at `end`.
fn is_facility(text: &str, end: usize) -> bool {
    text[end..]
        .strip_prefix(' ')
        .and_then(|_| word_at(text, end + 1))
        .is_some_and(|next| next.is(FACILITIES))
}

/// "Elkhart not Elkart", "before we fly to Boise": a town's name with its capital, where it can be nothing else.
fn by_name(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let mut done = 0;
    for start in scan.towns.iter().map(|start| *start as usize) {
        let coded = text[..start].ends_with(['_', '@', '.', '/', '-', '\'']);
        if start < done || coded {
            continue;
        }
        let Some((end, words)) = capitalised_town(text, start) else {
            continue;
        };
        let next = text[end..].strip_prefix(' ').and_then(|_| word_at(text, end + 1));
        let before = text[..start].trim_end_matches(' ');
        let previous = word_before(text, before.len());
        let goes_on = |word: Option<Word<'_>>| {
            word.is_some_and(|word| word.text.starts_with(char::is_uppercase) && word.text.len() > 1)
        };
        let is_state = next.is_some_and(|next| STATES.contains(next.text));
        // A part of a company's or a street's name, or where a shop is.
        let part = goes_on(next) && !is_state
            || words == 1
                && start == before.len() + 1
                && goes_on(previous)
                && !previous.is_some_and(|word| word.is(PREPOSITIONS))
            || is_facility(text, end)
            || text[end..].starts_with([' ', '-']) && text[end + 1..].starts_with(['&', '-'])
            || text[end..].starts_with("'s ");
        let shop = previous.is_some_and(|word| {
            word.is(&["in", "near", "at", "around", "from"])
                && word_before(text, text[..word.start].trim_end_matches(' ').len())
                    .is_some_and(|word| word.is(SHOPS))
        });
        let is_ordinary =
            || words == 1 && word_at(text, start).is_some_and(|word| is_ordinary_word(text, word));
        if !part && !shop && !is_ordinary() {
            hits.push(Hit::new(start, end, 0.5));
            done = end;
        }
    }
}

/// Words before a place, as a title has them with a capital.
const PREPOSITIONS: &[&str] = &[
    "in", "to", "from", "near", "at", "around", "past", "for", "of", "by", "and", "or", "i", "is",
];

/// The end of the town that begins with a capital at `at`, and its words: one that is nothing else, or several that all have a capital.
fn capitalised_town(text: &str, at: usize) -> Option<(usize, usize)> {
    let mut found = None;
    let mut from = at;
    for words in 1..=3 {
        let Some(word) = word_at(text, from) else {
            break;
        };
        let mut chars = word.text.chars();
        if !(chars.next().is_some_and(char::is_uppercase) && chars.next().is_some_and(char::is_lowercase)) {
            break;
        }
        let is_one = if words == 1 {
            is_only_city(word.text)
        } else {
            is_city(&text[at..word.end])
        };
        if is_one && !(words == 1 && is_large(word.text)) {
            found = Some((word.end, words));
        }
        if !text[word.end..].starts_with(' ') {
            break;
        }
        from = word.end + 1;
    }
    found
}

/// "deliver to sheboygan", "out past flagstaff": a town that is nothing else, in lower case, behind a word that leads to a place; and with any
/// capital a word that nothing else is known of, behind "in" and the like.
fn after_preposition(text: &str, cue: &Cue<'_>, hits: &mut Vec<Hit>) {
    // Most cues end otherwise: the last two letters tell.
    let ending = [
        text.as_bytes()[cue.end - 2] | 0x20,
        text.as_bytes()[cue.end - 1] | 0x20,
    ];
    if !matches!(
        &ending,
        b"to" | b"st" | b"nd" | b"gh" | b"rd" | b"ds" | b"ia" | b"ng" | b"in" | b"ar" | b"de" | b"om" | b"by"
    ) {
        return;
    }
    // Nearly every word after "to" begins no town.
    let rest = &text.as_bytes()[cue.end..];
    if let [b' ', first, ..] = rest
        && first.is_ascii_lowercase()
    {
        let letters = rest[1..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        if !may_begin_town(hash_ascii(&rest[1..=letters])) && rest.get(1 + letters).is_none_or(u8::is_ascii) {
            return;
        }
    }
    let said = &text[cue.start..cue.end];
    let last = said.rsplit(' ').next().unwrap_or(said);
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(last));
    // "made by" leads to a firm, "up by" to a place.
    if said.eq_ignore_ascii_case("by") {
        return;
    }
    if !text[cue.end..].starts_with(' ') || !is(LEADING) {
        return;
    }
    let Some(word) = word_at(text, cue.end + 1) else {
        return;
    };
    let shop = || {
        word_before(text, text[..cue.start].trim_end_matches(' ').len()).is_some_and(|word| word.is(SHOPS))
    };
    if word.text.starts_with(char::is_lowercase) {
        let end = if is_only_city(word.text) && !is_large(word.text) {
            Some(word.end)
        } else {
            known_town(text, word.start).filter(|end| *end > word.end)
        };
        if let Some(end) = end
            && !(is(&["in", "near", "around"]) && shop())
        {
            hits.push(Hit::new(word.start, end, 0.5));
        }
    } else if word.text.len() > 3
        && !is_facility(text, word.end)
        && (is(&["in", "near", "around", "outside", "past", "by"]) && word.is_unknown_capital()
            // "do you ship to London?" asks what the service is.
                || word.title_case() && is_town(word.text) && !text[word.end..].starts_with('?'))
        && !is_large(word.text)
        && !shop()
    {
        hits.push(Hit::new(word.start, word.end, 0.5));
    }
}

/// Words that lead to a place.
const LEADING: &[&str] = &[
    "to", "past", "around", "through", "toward", "towards", "via", "visiting", "leaving", "in", "near",
    "outside", "from", "by",
];

/// What may be in a town without its being anybody's home.
const SHOPS: &[&str] = &[
    "store",
    "stores",
    "shop",
    "shops",
    "location",
    "locations",
    "branch",
    "branches",
    "pharmacy",
    "pharmacies",
    "warehouse",
    "deliver",
    "delivery",
    "ship",
    "hours",
    "open",
    "stock",
    "available",
    "job",
    "jobs",
    "one",
    "ones",
    "place",
    "places",
    "rain",
];

/// `[ADDRESS_REDACTED], Lisboa`, `[NAME_REDACTED]\nBrno`: a town known by name, right after what was masked before, and others behind it.
fn after_masked(text: &str, _: &Scan<'_>, hits: &mut Vec<Hit>) {
    let after_gap = |at: usize| {
        [", ", " ", "\n", ",\n", ", in ", " in ", ", of ", " of ", " from "]
            .iter()
            .filter(|gap| text[at..].starts_with(**gap))
            .find_map(|gap| Some((at + gap.len(), known_town(text, at + gap.len())?)))
    };
    for (masked, hidden) in text.match_indices(OPAQUE) {
        let mut at = masked + 1;
        if let Some((start, end)) = postal_code_and_town(text, at) {
            hits.push(Hit::new(start, end, 0.5));
            at = end;
        }
        while let Some((start, end)) = after_gap(at) {
            hits.push(Hit::new(start, end, 0.5));
            at = end;
        }
        if hidden.starts_with(OPAQUE_PLACE)
            && let Some(code) = POSTCODE.captures(&text[at..]).and_then(|found| found.get(1))
        {
            hits.push(Hit::new(at + code.start(), at + code.end(), 0.5));
            at += code.end();
        }
        // "[ADDRESS_REDACTED], Matlock": a town that is in no list, where nothing of its sentence follows; behind a name that does not sign
        // the text it is as often a medicine.
        let signs = |end: usize| {
            let before = text[..masked].trim_end();
            text[end..].trim_end_matches(['.', '!', '\n', ' ']).is_empty()
                && (text[before.len()..masked].contains('\n')
                    || before.ends_with(['.', ',', '!', '?', ';', ')']))
        };
        if let Some(word) = text[at..]
            .strip_prefix(", ")
            .and_then(|_| word_at(text, at + 2))
            .filter(|word| word.strange_capital() && word.text.is_ascii())
            && (word.end == text.len() || text[word.end..].starts_with([',', '.', '\n', ')', '!', '?']))
            && (hidden.starts_with(OPAQUE_PLACE) || signs(word.end))
        {
            hits.push(Hit::new(word.start, word.end, 0.5));
        }
    }
}

/// `[ADDRESS_REDACTED]\n1016 DX Amsterdam`, `[LOCATION_REDACTED] ls6 2ab`: a Dutch code with its town, and a British one in any case.
static POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[, \n]{1,3}((?-i:[0-9]{4} ?[A-Z]{2}(?: [A-Z][a-zA-Z-]+)?)|[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][abd-hjlnp-uw-z]{2})(?:[^a-z0-9]|$)",
    )
    .expect("a pattern of our own is valid: the tests of this file compile it")
});

/// `[ADDRESS_REDACTED], 50122 Firenze`: a postal code and a town that need not be in a list, where nothing of their sentence follows, right behind what was masked
/// before `at`.
fn postal_code_and_town(text: &str, at: usize) -> Option<(usize, usize)> {
    let gap = [", ", "\n", ",\n"]
        .iter()
        .find(|gap| text[at..].starts_with(**gap))?
        .len();
    let start = at + gap;
    let bytes = text.as_bytes();
    let code = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'-')
        .count();
    let shape: Vec<usize> = text[start..start + code].split('-').map(str::len).collect();
    if !matches!(shape.as_slice(), [5] | [4 | 5 | 2, 3]) || bytes.get(start + code) != Some(&b' ') {
        return None;
    }
    let town = word_at(text, start + code + 1)?;
    let ends = town.end == text.len() || text[town.end..].starts_with([',', '.', '\n', ')', '!', '?']);
    (ends && town.title_case() && town.text.len() > 3 && !is_common(town.text)).then_some((start, town.end))
}

/// Places too large to identify anybody, and words that follow "live in" without being a place.
static LARGE: LazyLock<WordSet> = LazyLock::new(|| {
    word_set(
        "icu er ed hospital rehab hospice surgery fear pain hope denial dread hell agony misery aide nurse assisted senior nursing alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii \
     idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan \
     minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania \
     tennessee texas utah vermont virginia wisconsin wyoming usa us america canada mexico uk england \
     scotland wales ireland germany france spain italy india china japan australia europe asia africa \
     brazil poland austria switzerland netherlands belgium sweden norway denmark finland portugal \
     greece turkey russia ukraine nigeria kenya egypt israel philippines vietnam korea thailand \
     pakistan bangladesh north south east west new january february march april may june july august \
     september october november december monday tuesday wednesday thursday friday saturday sunday the \
     a an my your our another this that it here there different is and or name field not on of \
     english spanish amazon walgreens cvs norco epsom evian vichy cheddar ontario quebec alberta manitoba saskatchewan",
    )
});

static STATES: LazyLock<WordSet> = LazyLock::new(|| {
    word_set(
        "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc \
     alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine \
     maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia \
     washington wisconsin wyoming",
    )
});

/// Common words that end a town's name.
const ENDS: &[&str] = &[
    "Hills", "Springs", "City", "Beach", "Falls", "Lake", "Lakes", "Park", "Heights", "Valley", "Grove",
    "Creek", "Rapids", "Island", "Village", "Bay", "Harbor", "Junction", "Point", "Ridge", "Center",
    "Bluffs", "Forest", "Township", "County", "Mills", "Landing", "Gardens", "Shores", "Woods", "Prairie",
    "Station", "Green", "Rock", "Bluff", "Lodge", "Haven", "Crossing", "Wells",
];

/// Small words inside a town's name.
const LINKS: &[&str] = &[
    "or", "of", "du", "de", "des", "del", "la", "le", "les", "upon", "sur", "by",
];

/// "sioux falls", "Corvallis": a town known by name. The end of the longest that begins at `at`.
fn known_town(text: &str, at: usize) -> Option<usize> {
    let mut end = None;
    let mut from = at;
    for _ in 0..3 {
        let Some(word) = word_at(text, from) else {
            break;
        };
        if is_city(&text[at..word.end]) {
            end = Some(word.end);
        }
        if !text[word.end..].starts_with(' ') {
            break;
        }
        from = word.end + 1;
    }
    end
}

/// "store in Denver", "Do you deliver in Houston": where a shop is, not where somebody lives.
fn speaks_of_shops(text: &str, cue: &Cue<'_>) -> bool {
    text.as_bytes()[cue.start] | 0x20 == b'i'
        && word_before(text, cue.start.saturating_sub(1)).is_some_and(|word| word.is(SHOPS))
}

/// "from Bozeman, Montana", "in Tulsa OK": capitals up to a state. Its end.
fn town_and_state(text: &str, at: usize) -> Option<usize> {
    let mut from = at;
    for words in 0..4 {
        // The state may be written small: "Pahrump, nevada".
        let word = word_at(text, from).filter(|word| {
            word.text.starts_with(char::is_uppercase)
                || words > 0 && word.text.len() > 3 && STATES.contains(word.text)
        })?;
        let lower = word.text.to_lowercase();
        let abbreviated = word.text.len() == 2 && word.text.bytes().all(|b| b.is_ascii_uppercase());
        if words > 0 && STATES.contains(lower.as_str()) && (abbreviated || word.text.len() > 2) {
            // "IN STORE OR ONLINE" is shouting.
            let shouted = abbreviated && !text[at..word.start].contains(char::is_lowercase);
            let known = |word: &str| is_common(&word.trim_matches([',', ' ']).to_lowercase());
            if shouted
                && text[at..word.start]
                    .split(' ')
                    .all(|word| word.is_empty() || known(word))
            {
                return None;
            }
            return Some(word.end);
        }
        if words > 0
            && matches!(lower.as_str(), "new" | "north" | "south" | "west" | "rhode")
            && let Some(second) = word_at(text, word.end + 1)
            && matches!(
                second.text.to_lowercase().as_str(),
                "york" | "jersey" | "mexico" | "hampshire" | "carolina" | "dakota" | "virginia" | "island"
            )
        {
            return Some(second.end);
        }
        // "Truth or Consequences, NM", "Prairie du Chien, Wisconsin".
        let mut word = word;
        if let Some(link) =
            word_at(text, word.end + 1).filter(|link| text[word.end..].starts_with(' ') && link.is(LINKS))
            && text[link.end..].starts_with(' ')
            && word_at(text, link.end + 1).is_some_and(|next| next.text.starts_with(char::is_uppercase))
        {
            word = link;
        }
        from = match &text.as_bytes()[word.end..] {
            [b',', b' ', ..] => word.end + 2,
            [b' ' | b',', ..] => word.end + 1,
            _ => return None,
        };
    }
    None
}

fn find(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let cues = &scan.cues.all;
    for cue in cues {
        after_preposition(text, cue, hits);
    }
    if scan.cues.kinds & mask(&[Location]) == 0 {
        return;
    }
    for cue in cues.iter().filter(|cue| {
        cue.senses
            .iter()
            .any(|sense| matches!(sense, Sense::Confirms(Location) | Sense::Suggests(Location)))
    }) {
        let start = cue.end + usize::from(text[cue.end..].starts_with(':')) + 1;
        if text.get(cue.end..start).is_some_and(|gap| gap.ends_with(' '))
            && let Some(end) = town_and_state(text, start).or_else(|| {
                known_town(text, start).filter(|end| !speaks_of_shops(text, cue) && !is_facility(text, *end))
            })
        {
            hits.push(Hit::new(start, end, 0.7));
        }
    }
    let names_town = |cue: &&Cue<'_>| {
        cue.senses.contains(&Sense::Confirms(Location))
            && !matches!(text.as_bytes()[cue.start] | 0x20, b'z' | b'p')
    };
    for cue in cues.iter().filter(names_town) {
        let mut at = cue.end;
        while text[at..].starts_with([' ', ':', ',']) && at < cue.end + 3 {
            at += 1;
        }
        let Some(mut first) = word_at(text, at).filter(|_| at > cue.end) else {
            continue;
        };
        // "moved from Prozac to Celexa".
        let is_brand = |word: &str| is_proper(word) && !is_town(word) && !is_city(word);
        let moves = text[..cue.end].ends_with(" from") || text[..cue.end].ends_with(" to");
        if moves && is_brand(first.text) {
            continue;
        }
        if matches!(
            first.text.to_lowercase().as_str(),
            "is" | "near" | "downtown" | "the"
        ) {
            match word_at(text, first.end + 1) {
                Some(next) => first = next,
                None => continue,
            }
        }
        if !is_place(first, first.text.starts_with(char::is_uppercase)) {
            // "New Orleans", "north bend": a direction begins a place when a place follows.
            let lower = first.text.to_lowercase();
            let begins = matches!(
                lower.as_str(),
                "new"
                    | "north"
                    | "south"
                    | "east"
                    | "west"
                    | "san"
                    | "santa"
                    | "los"
                    | "las"
                    | "fort"
                    | "port"
                    | "mount"
                    | "saint"
                    | "st"
                    | "el"
                    | "la"
                    | "lake"
                    | "palm"
            );
            if !begins || !text[first.end..].starts_with(' ') {
                continue;
            }
            if !word_at(text, first.end + 1).is_some_and(|next| {
                is_place(next, true)
                    && !matches!(
                        next.text.to_lowercase().as_str(),
                        "york" | "mexico" | "jersey" | "hampshire" | "carolina" | "dakota" | "zealand"
                    )
            }) {
                continue;
            }
        }
        let capitals = first.text.starts_with(char::is_uppercase);
        let mut end = first.end;
        for _ in 0..3 {
            // "Coeur d'Alene", "Prairie du Chien".
            let link = word_at(text, end + 1)
                .filter(|link| capitals && text[end..].starts_with(' ') && link.is(LINKS));
            if let Some(link) = link
                && text[link.end..].starts_with(' ')
                && let Some(next) = word_at(text, link.end + 1)
                && next.text.starts_with(char::is_uppercase)
                && !LARGE.contains(next.text)
            {
                end = next.end;
                continue;
            }
            match word_at(text, end + 1) {
                Some(next)
                    if capitals
                        && text[end..].starts_with(' ')
                        && next.text.starts_with("d'")
                        && next.text[2..].starts_with(char::is_uppercase) =>
                {
                    end = next.end
                }
                Some(next)
                    if text[end..].starts_with(' ')
                        && (next.text.starts_with(char::is_uppercase) == capitals)
                        && (is_place(next, capitals) || capitals && next.is(ENDS)) =>
                {
                    end = next.end
                }
                _ => break,
            }
        }
        if is_facility(text, end) {
            continue;
        }
        hits.push(Hit::new(first.start, end, 0.6));
        // "moved from Duluth to Fargo".
        if text[..cue.end].ends_with("from")
            && let Some(rest) = text[end..].strip_prefix(" to ")
            && let Some(second) = word_at(text, text.len() - rest.len())
            && second.text.starts_with(char::is_uppercase)
            && is_place(second, true)
            && !is_brand(second.text)
        {
            hits.push(Hit::new(second.start, second.end, 0.6));
        }
    }
}

/// Whether a word is the name of a place too large to identify anybody.
pub(super) fn is_large(word: &str) -> bool {
    LARGE.contains(word)
}

fn is_place(word: Word<'_>, capital: bool) -> bool {
    let lower = word.text.to_lowercase();
    if is_medicine(&lower) || is_no_name(&lower) && !is_town(&lower) && !is_city(&lower) {
        return false;
    }
    word.text.len() > 2
        && !LARGE.contains(lower.as_str())
        && (!is_common(&lower)
            || capital && word.text.starts_with(char::is_uppercase) && is_town(&lower)
            || (capital && word.text.starts_with(char::is_uppercase) && lower.len() > 5))
}

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn what_somebody_takes_or_has_is_no_town() {
        let redactor = Redactor::new();
        for text in [
            "My doctor has us moving from Prozac to Celexa and I get palpitations",
            "Moved from Warfarin to Xarelto last week",
            "we moved from Lexapro to Paxil",
            "I am in Ketosis",
            "I'm in AFib",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
        for (text, kept) in [
            ("Ida Brask, Keytruda, vomiting blood", "Keytruda"),
            ("Dr. Wieland, Novalgin", "Novalgin"),
            ("call 503-555-0188, Marcumar", "Marcumar"),
        ] {
            let redacted = redactor.redact(text).text;
            assert!(redacted.as_str().contains(kept), "{redacted}");
        }
        for (text, town) in [
            ("we moved from Duluth to Fargo", "Fargo"),
            ("stuck in Calais", "Calais"),
            ("14 Fern Road, Matlock, Elmsworthy", "Elmsworthy"),
            (
                "it never came.\nEdeltraud Schimmelpfennig, Elmsworthy",
                "Elmsworthy",
            ),
            ("Danke, Ruth Bossart, Thun", "Thun"),
        ] {
            let redacted = redactor.redact(text).text;
            assert!(!redacted.as_str().contains(town), "{redacted}");
        }
    }
}
