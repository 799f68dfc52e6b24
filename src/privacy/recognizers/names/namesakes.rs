//! What is called like a person and is none: firms, brands, diseases, contraceptives.

use super::super::words::Lists;
use super::word::{Word, word_at, word_before};

/// The end of a firm that is called like a person, where `word` is one of its words.
pub(super) fn end_of_firm(text: &str, word: Word<'_>) -> Option<usize> {
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
pub(super) fn is_firm(first: Word<'_>, second: Word<'_>) -> bool {
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

/// Whether a word with a hyphen is no name, though it begins like one: "Tri-Sprintec", "Nora-BE".
pub(super) fn is_joined_brand(text: &str, word: Word<'_>) -> bool {
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
pub(super) const AFTER_EPONYMS: &[&str] = &[
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

/// "maladie de Crohn", "Gilbert syndrome": a disease that is called after who described it.
pub(super) fn is_eponym(text: &str, word: Word<'_>) -> bool {
    const DISEASES: &[&str] = &[
        "enfermedad de ",
        "maladie de ",
        "maladie d'",
        "malattia di ",
        "morbo di ",
        "doença de ",
        "ziekte van ",
        "síndrome de ",
        "sindrome de ",
        "syndrome de ",
        "sindrome di ",
        "mal de ",
        "morbus ",
    ];
    let before = &text[..word.start];
    let named = DISEASES.iter().any(|disease| {
        before
            .len()
            .checked_sub(disease.len())
            .and_then(|at| before.get(at..))
            .is_some_and(|said| said.to_lowercase() == *disease)
    });
    named
        || word.title_case()
            && text[word.end..]
                .strip_prefix(' ')
                .and_then(|_| word_at(text, word.end + 1))
                .is_some_and(|next| next.is(&["disease", "syndrome"]))
}

/// Whether a given name is that of a contraceptive here, which are called like women: a report must not lose its product.
pub(super) fn is_contraceptive(text: &str, word: Word<'_>) -> bool {
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
