//! One word of a text, and what it tells about being a part of a name.

use unicode_normalization::char::is_combining_mark;

use super::super::words::{Lists, is_common, is_name_and_word, is_thing};

/// Small words inside a name.
const PARTICLES: &[&str] = &[
    "van", "von", "de", "der", "den", "del", "della", "la", "le", "da", "di", "dos", "das", "du", "bin",
    "ibn", "binti", "bint", "al", "el", "st", "ten", "ter", "y", "e", "abu", "ap", "ferch", "san", "dela",
];

/// One word of a text.
#[derive(Clone, Copy)]
pub(in super::super) struct Word<'t> {
    pub(in super::super) start: usize,
    pub(in super::super) end: usize,
    pub(in super::super) text: &'t str,
    /// The lists that the word without its possessive is in.
    lists: Lists,
}

impl<'t> Word<'t> {
    fn new(start: usize, text: &'t str) -> Self {
        Self {
            start,
            end: start + text.len(),
            text,
            lists: Lists::of(stem(text)),
        }
    }

    /// The word without a possessive 's.
    pub(super) fn stem(&self) -> &'t str {
        stem(self.text)
    }

    /// The end of [`Self::stem`].
    pub(super) fn stem_end(&self) -> usize {
        self.start + self.stem().len()
    }

    pub(in super::super) fn is(&self, words: &[&str]) -> bool {
        let stem = self.stem();
        words
            .iter()
            .any(|word| word.len() == stem.len() && word.eq_ignore_ascii_case(stem))
    }

    /// Written like a name: a capital first. A word all in capitals is shouting or an abbreviation, unless it is a known name.
    pub(super) fn capital(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_uppercase)
            && (chars.next().is_none_or(|second| !second.is_uppercase())
                || self.text.contains(char::is_lowercase)
                || self.lists.may_be_given()
                || self.lists.surname())
    }

    /// A capital, then small letters.
    pub(in super::super) fn title_case(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.next().is_some_and(|c| !c.is_uppercase())
    }

    /// A single letter.
    pub(super) fn initial(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    }

    /// A small word inside a name: "van", "de".
    pub(super) fn particle(&self) -> bool {
        self.text.len() > 1 && self.is(PARTICLES)
    }

    /// A word that no name holds.
    pub(in super::super) fn never(&self) -> bool {
        self.lists.no_name() && !(self.initial() && self.text.starts_with(char::is_uppercase))
    }

    pub(in super::super) fn common(&self) -> bool {
        self.lists.common() || self.lists.unlisted() && is_common(self.stem())
    }

    pub(super) fn given(&self) -> bool {
        self.lists.given()
    }

    /// A given name, or a capitalised one that is rare or also a word.
    pub(super) fn known(&self) -> bool {
        self.given() || (self.capital() && self.lists.may_be_given())
    }

    /// A word that is as much a name, and seldom an end of what is said about somebody.
    pub(super) fn name_and_word(&self) -> bool {
        is_name_and_word(self.stem())
    }

    /// Of [`Self::name_and_word`], one that is a person's name only where little else can be meant.
    pub(super) fn thing(&self) -> bool {
        is_thing(self.stem())
    }

    /// Written in lower case, a given name that is nothing else.
    pub(super) fn given_in_lower_case(&self) -> bool {
        self.text.starts_with(char::is_lowercase)
            && (self.given() && self.text.len() > 2
                || self.may_be_given() && !self.surname() && self.text.len() > 4)
            && self.strange()
            && !self.is(NOT_IN_LOWER_CASE)
    }

    /// Written in lower case, something else than the given name that it is.
    pub(super) fn is_seldom_in_lower_case(&self) -> bool {
        self.text.starts_with(char::is_lowercase) && self.is(NOT_IN_LOWER_CASE)
    }

    /// What is sold, as under a person's name.
    pub(super) fn product(&self) -> bool {
        self.is(PRODUCTS)
    }

    pub(super) fn may_be_given(&self) -> bool {
        self.lists.may_be_given()
    }

    pub(super) fn surname(&self) -> bool {
        self.lists.surname() || self.is(STAND_IN_SURNAMES)
    }

    pub(super) fn proper(&self) -> bool {
        self.lists.proper()
    }

    /// No word of the language, no place, no brand.
    pub(super) fn strange(&self) -> bool {
        !self.never() && !self.common() && !self.proper()
    }

    /// Written as a name, and in no list.
    pub(in super::super) fn is_unknown_capital(&self) -> bool {
        self.strange_capital() && !self.may_be_given() && !self.surname()
    }

    /// Written as a name and nothing else that we know.
    pub(in super::super) fn strange_capital(&self) -> bool {
        self.title_case() && self.text.len() > 2 && self.strange() && !is_medicine(self.stem())
    }
}

/// Surnames that no list of real ones has, since they stand in for one, and that people sign with who do not want to be named, or who bear them.
const STAND_IN_SURNAMES: &[&str] = &["doe"];

/// Given names that are something else where they have no capital: a number ("nino", the National Insurance number), a country, an
/// assistant, medicines.
const NOT_IN_LOWER_CASE: &[&str] = &[
    "nino", "india", "alexa", "yasmin", "camila", "ella", "portia", "nikki", "hailey", "estelle", "zarah",
    "errin", "durante", "karta", "matt", "edel", "malta", "carolina",
    // "fiebre alta", "pelle rossa": how high a fever is, and what a skin looks like; "el frasco", a bottle; "mi hanno dato"; "96 anni".
    "alta", "rossa", "frasco", "hanno", "anni",
    // "se me cierra la garganta", "me dan mareos", "il doppio della dose": a verb and an article.
    "cierra", "dan", "della",
];

/// What is sold under a person's name.
const PRODUCTS: &[&str] = &[
    "baby",
    "soap",
    "soaps",
    "lotion",
    "shampoo",
    "cream",
    "toothpaste",
    "spray",
    "drops",
    "insoles",
    "detergent",
    "brand",
    "product",
    "products",
    "gel",
    "oil",
    "balm",
    "wipes",
    "powder",
    "tea",
    "salts",
    "vitamins",
    "remedy",
    "bath",
    "razor",
    "razors",
];

fn stem(word: &str) -> &str {
    word.strip_suffix("'s")
        .or_else(|| word.strip_suffix("'S"))
        .unwrap_or(word)
}

/// Whether the word ends as the stems of non-proprietary names of medicines do.
pub(in super::super) fn is_medicine(word: &str) -> bool {
    const STEMS: &[&str] = &[
        "statin",
        "pril",
        "sartan",
        "olol",
        "azole",
        "cillin",
        "mycin",
        "micin",
        "cycline",
        "floxacin",
        "mab",
        "tinib",
        "prazole",
        "gliptin",
        "gliflozin",
        "glutide",
        "zepam",
        "zolam",
        "dipine",
        "oxetine",
        "triptan",
        "parin",
        "xaban",
        "formin",
        "thyroxine",
        "solone",
        "sone",
        "caine",
        "dronate",
        "ciclovir",
        "cyclovir",
        "setron",
        "profen",
        "phylline",
        "pidem",
        "tidine",
        "lukast",
        "semide",
        "thiazide",
        "barbital",
        "dralazine",
        "terol",
        "tropium",
        "onide",
        "nidazole",
        "fibrate",
        "glinide",
        "glitazone",
        "bactam",
        "vudine",
        "navir",
        "tegravir",
        "buvir",
        "fungin",
        "platin",
        "rubicin",
        "ciclib",
        "parib",
        "trexate",
        "gabalin",
        "racetam",
        "bamate",
        "pezil",
        "stigmine",
        "peridone",
        "zapine",
        "tiapine",
        "triptyline",
        "ipramine",
        "faxine",
        "zodone",
        "denafil",
        "steride",
        "lutamide",
        "trozole",
        "oxifene",
        "gestrel",
        "sterone",
        "morphone",
        // As other languages write them.
        "statina",
        "statine",
        "formina",
        "formine",
        "cilina",
        "cillina",
        "cilline",
        "micina",
        "mycine",
        "ciclina",
        "floxacino",
        "floxacina",
        "floxacine",
        "prazol",
        "prazolo",
        "azol",
        "ololo",
        "pirina",
        "pirona",
        "profeno",
        "profene",
        "tidina",
        "dipino",
        "oxetina",
        "parina",
        "parine",
        "tiroxina",
        "solona",
        "setrón",
        "filina",
        "semida",
        "tiazida",
        "gabalina",
        "racetam",
        "triptilina",
        "codeina",
        "cetamol",
        "cetamolo",
        "fenaco",
    ];
    word.len() > 6
        && STEMS.iter().any(|stem| {
            word.len() > stem.len()
                && word
                    .get(word.len() - stem.len()..)
                    .is_some_and(|end| end.eq_ignore_ascii_case(stem))
        })
}

/// The word that begins at `at`, with letters, inner apostrophes and hyphens.
pub(in super::super) fn word_at(text: &str, at: usize) -> Option<Word<'_>> {
    let rest = text.get(at..)?;
    let bytes = rest.as_bytes();
    let mut end = 0;
    loop {
        match bytes.get(end) {
            Some(byte) if byte.is_ascii_alphabetic() => end += 1,
            Some(b'\'' | b'-') if end > 0 && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic) => {
                end += 2
            }
            Some(b'0'..=b'9' | b'_' | b'@') => return None,
            Some(byte) if !byte.is_ascii() => return word_beyond_ascii(text, at),
            Some(b'\'' | b'-') if bytes.get(end + 1).is_some_and(|next| !next.is_ascii()) => {
                return word_beyond_ascii(text, at);
            }
            _ => break,
        }
    }
    (end > 0).then(|| Word::new(at, &rest[..end]))
}

/// [`word_at`], for a word that is not ASCII.
fn word_beyond_ascii(text: &str, at: usize) -> Option<Word<'_>> {
    let rest = text.get(at..)?;
    let mut end = 0;
    for (offset, c) in rest.char_indices() {
        let inner = matches!(c, '\'' | '-')
            && end > 0
            && rest[offset + 1..].chars().next().is_some_and(char::is_alphabetic);
        // Some scripts write vowels, or that there is none, as marks on a letter.
        if c.is_alphabetic() || inner || end > 0 && is_combining_mark(c) {
            end = offset + c.len_utf8();
        } else {
            // A letter that runs into a digit is a code.
            if c.is_numeric() || c == '_' || c == '@' {
                return None;
            }
            break;
        }
    }
    (end > 0).then(|| Word::new(at, &rest[..end]))
}

/// The word that ends at `end`; names are short, so no more than 40 bytes are looked at.
pub(in super::super) fn word_before(text: &str, end: usize) -> Option<Word<'_>> {
    let floor = text.ceil_char_boundary(end.saturating_sub(40));
    let start = text[floor..end]
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphabetic() || matches!(c, '\'' | '-'))
        .last()
        .map(|(at, _)| floor + at)?;
    word_at(text, start).filter(|word| word.end == end)
}

/// Skips white space and the given marks; says whether a line ended.
pub(super) fn skip(text: &str, mut at: usize, marks: &[char]) -> (usize, bool) {
    let mut line = false;
    while let Some(c) = text[at..].chars().next() {
        if c == '\n' {
            line = true;
        } else if !(c == ' ' || c == '\t' || c == '\r' || marks.contains(&c)) {
            break;
        }
        at += c.len_utf8();
    }
    (at, line)
}

/// Words before a name that make it a place's: "St. John's", "San Diego", "Lake Charles".
pub(super) const PLACES: &[&str] = &[
    "St", "Saint", "San", "Santa", "Port", "Puerto", "Lake", "Fort", "Mount", "Mt", "Los", "Las", "Point",
    "Cape", "Trader", "Hotel", "Hospital", "Street", "Road",
];

/// Whether the word at `start` stands behind one of [`PLACES`].
pub(super) fn is_after_place(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end_matches([' ', '.']);
    word_before(text, before.len()).is_some_and(|before| before.is(PLACES))
}

/// What a word with a capital is a part of, and no name.
pub(super) const GOODS: &[&str] = &[
    "period", "oil", "water", "bottle", "bottles", "delivery", "order", "alert", "sale", "code", "card",
    "bank", "program", "rewards", "app", "plan", "hospital", "clinic", "pharmacy", "health", "edition",
    "size", "color", "colour", "flavor", "flavour", "one", "version", "scent", "tablets", "pills", "cream",
];

/// Names that are a time of the year.
pub(super) const SEASONS: &[&str] = &["april", "may", "june", "august", "summer", "autumn", "winter"];
