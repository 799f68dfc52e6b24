//! Towns beside a cue, "I live in Cedar Rapids", or after what was masked. States and countries alone are no identifiers (45 CFR 164.514(b)(2)(i)(B)).

use std::sync::LazyLock;

use super::names::{Word, word_at, word_before};
use super::words::{WordSet, is_city, is_common, is_town, word_set};
use super::{Detector, Hit, Sense};
use crate::privacy::kind::IdentifierKind::Location;
use crate::privacy::lexicon::{Cue, mask};
use crate::privacy::normalise::OPAQUE;
use crate::privacy::scan::Scan;

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
];

/// "[ADDRESS_REDACTED], Lisboa", "[NAME_REDACTED]\nBrno": a town known by name, right after what was masked before, and others behind it.
fn after_masked(text: &str, _: &Scan<'_>, hits: &mut Vec<Hit>) {
    let after_gap = |at: usize| {
        [", ", " ", "\n", ",\n", ", in ", " in "]
            .iter()
            .filter(|gap| text[at..].starts_with(**gap))
            .find_map(|gap| Some((at + gap.len(), known_town(text, at + gap.len())?)))
    };
    for (masked, _) in text.match_indices(char::from(OPAQUE)) {
        let mut at = masked + 1;
        while let Some((start, end)) = after_gap(at) {
            hits.push(Hit::new(start, end, 0.5));
            at = end;
        }
    }
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
     english spanish amazon walgreens cvs",
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
            && let Some(end) = town_and_state(text, start)
                .or_else(|| known_town(text, start).filter(|_| !speaks_of_shops(text, cue)))
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
        hits.push(Hit::new(first.start, end, 0.6));
        // "moved from Duluth to Fargo".
        if text[..cue.end].ends_with("from")
            && let Some(rest) = text[end..].strip_prefix(" to ")
            && let Some(second) = word_at(text, text.len() - rest.len())
            && second.text.starts_with(char::is_uppercase)
            && is_place(second, true)
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
    word.text.len() > 2
        && !LARGE.contains(lower.as_str())
        && (!is_common(&lower)
            || capital && word.text.starts_with(char::is_uppercase) && is_town(&lower)
            || (capital && word.text.starts_with(char::is_uppercase) && lower.len() > 5))
}
