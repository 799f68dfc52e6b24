//! What one word says inside a spoken number: a digit, a ten, "double", a letter of a code, a mark, or nothing.

use std::sync::LazyLock;

use crate::privacy::word_hash::hash;

/// What a word says inside a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spoken {
    /// One digit, 0 to 9, as a word.
    Digit(u8),
    /// "oh": a zero, but only next to another number word.
    Oh,
    /// 10 to 19.
    Teen(u8),
    /// 20, 30 ... 90.
    Tens(u8),
    Hundred,
    Thousand,
    /// "double", "triple": how often the next digit is said.
    Times(u8),
    /// Digits as digits.
    Literal,
    /// A letter of a code.
    Letter(char),
    /// "dash", "dot", "slash".
    Mark(&'static str),
    /// "uh", "and", "then": nothing, if numbers follow.
    Filler,
}

/// What words say.
const MEANINGS: &[(Spoken, &str)] = {
    use Spoken::*;
    &[
        (Digit(0), "zero nought naught aught cero"),
        (Oh, "oh o ow"),
        (Digit(1), "one uno"),
        (Digit(2), "two dos"),
        (Digit(3), "three tree tres"),
        (Digit(4), "four fower cuatro"),
        (Digit(5), "five fife cinco"),
        (Digit(6), "six seis"),
        (Digit(7), "seven siete"),
        (Digit(8), "eight ocho"),
        (Digit(9), "nine niner nueve"),
        (Teen(10), "ten"),
        (Teen(11), "eleven"),
        (Teen(12), "twelve"),
        (Teen(13), "thirteen"),
        (Teen(14), "fourteen"),
        (Teen(15), "fifteen"),
        (Teen(16), "sixteen"),
        (Teen(17), "seventeen"),
        (Teen(18), "eighteen"),
        (Teen(19), "nineteen"),
        (Tens(20), "twenty"),
        (Tens(30), "thirty"),
        (Tens(40), "forty fourty"),
        (Tens(50), "fifty"),
        (Tens(60), "sixty"),
        (Tens(70), "seventy"),
        (Tens(80), "eighty"),
        (Tens(90), "ninety"),
        (Hundred, "hundred"),
        (Thousand, "thousand"),
        (Times(2), "double"),
        (Times(3), "triple treble"),
        (Times(4), "quadruple"),
        (Mark("-"), "dash hyphen minus"),
        (Mark("."), "dot point period"),
        (Mark("/"), "slash stroke"),
        (Mark(" "), "space pause comma"),
        (Mark("+"), "plus"),
        (
            Filler,
            "uh um er erm uhh umm hmm and then like the ok okay yeah that's thats its so sorry wait actually correction oops",
        ),
    ]
};

/// What words of other languages say, as a text is read (a Turkish ı is an i), by language.
const OTHER_MEANINGS: &[(Spoken, &str)] = {
    use Spoken::*;
    &[
        // Spanish above ten; German, French, Italian, Portuguese, Dutch, Polish and Turkish.
        (Digit(0), "null zéro nul sifir"),
        (Digit(1), "eins één jeden"),
        (Digit(2), "zwei zwo deux dois duas twee dwa iki"),
        (Digit(3), "drei trois três drie trzy üç"),
        (Digit(4), "vier quatre quattro quatro cztery dört"),
        (Digit(5), "fünf cinq cinque vijf pięć beş"),
        (Digit(6), "sechs meia zes sześć alti"),
        (Digit(7), "sieben sette sete zeven siedem yedi"),
        (Digit(8), "huit oito osiem sekiz"),
        (Digit(9), "neun neuf nove negen dziewięć dokuz"),
        (Teen(10), "diez zehn dix dieci dez tien dziesięć"),
        (Teen(11), "onze undici jedenaście"),
        (Teen(12), "doce zwölf douze dodici doze twaalf dwanaście"),
        (Teen(13), "trece dreizehn treize tredici treze dertien trzynaście"),
        (
            Teen(14),
            "catorce vierzehn quatorze quattordici catorze veertien czternaście",
        ),
        (Teen(15), "quince fünfzehn quinze quindici vijftien piętnaście"),
        (
            Teen(16),
            "dieciséis dieciseis sechzehn sedici dezesseis zestien szesnaście",
        ),
        (
            Teen(17),
            "diecisiete siebzehn diciassette dezessete zeventien siedemnaście",
        ),
        (
            Teen(18),
            "dieciocho achtzehn diciotto dezoito achttien osiemnaście",
        ),
        (
            Teen(19),
            "diecinueve neunzehn diciannove dezenove negentien dziewiętnaście",
        ),
        (
            Tens(20),
            "veinte zwanzig vingt vingts venti vinte twintig dwadzieścia yirmi",
        ),
        (
            Tens(30),
            "treinta dreißig dreissig trente trenta trinta dertig trzydzieści otuz",
        ),
        (
            Tens(40),
            "cuarenta vierzig quarante quaranta quarenta veertig czterdzieści",
        ),
        (
            Tens(50),
            "cincuenta fünfzig cinquante cinquanta cinquenta vijftig pięćdziesiąt elli",
        ),
        (
            Tens(60),
            "sesenta sechzig soixante sessanta sessenta zestig sześćdziesiąt altmiş",
        ),
        (
            Tens(70),
            "setenta siebzig settanta zeventig siedemdziesiąt yetmiş",
        ),
        (
            Tens(80),
            "ochenta achtzig ottanta oitenta tachtig osiemdziesiąt seksen",
        ),
        (
            Tens(90),
            "noventa neunzig novanta negentig dziewięćdziesiąt doksan",
        ),
    ]
};

/// Words that say a number only in a text that counts in their language, two other digits of which tell: otherwise they are an article, a verb
/// or an English word. Each with what tells.
pub(super) const WEAK: &[(u8, &str, &str)] = &[
    (
        11,
        "once",
        "cero cuatro cinco seis siete ocho nueve diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    ),
    (
        8,
        "acht",
        "null eins zwei zwo drei vier fünf sechs sieben neun nul een twee drie vijf zes zeven negen",
    ),
    (
        1,
        "un une",
        "zéro deux trois quatre cinq huit neuf vingt trente quarante cinquante soixante",
    ),
    (
        7,
        "sept",
        "zéro deux trois quatre cinq huit neuf vingt trente quarante cinquante soixante",
    ),
    (2, "due", "tre quattro cinque sette nove"),
    (3, "tre", "quattro cinque sette nove"),
    (6, "sei", "quattro cinque sette nove"),
    (8, "otto", "quattro cinque sette nove"),
    (1, "um uma", "dois três quatro meia sete oito nove cinco"),
    (1, "een", "nul twee drie vier vijf zes zeven negen"),
    (1, "bir", "sifir iki üç dört beş alti yedi sekiz dokuz"),
];
/// How many different telling words a weak one asks for.
const TELLING: usize = 2;

/// Which of [`WEAK`] say a number in a text: found out for each when it is first met, and once.
#[derive(Default)]
pub(super) struct Told([Option<bool>; WEAK.len()]);

/// The number that a weak word says among `words` of `text`, of which `told` is known.
pub(super) fn weak_number(
    text: &str,
    words: &[(usize, usize)],
    word: &str,
    told: &mut Told,
) -> Option<Spoken> {
    let bytes = word.as_bytes();
    let begins = matches!(
        bytes.first()? | 0x20,
        b'a' | b'b' | b'd' | b'e' | b'o' | b's' | b't' | b'u'
    );
    let ends = matches!(
        bytes.last()? | 0x20,
        b'a' | b'e' | b'i' | b'm' | b'n' | b'o' | b'r' | b't'
    );
    // "the" and "that" are the most frequent words of English.
    if !begins || !ends || !(2..=4).contains(&bytes.len()) || bytes[1] | 0x20 == b'h' {
        return None;
    }
    let is_one_of = |known: &str, word: &str| known.split(' ').any(|known| known.eq_ignore_ascii_case(word));
    let at = WEAK.iter().position(|(_, known, _)| is_one_of(known, word))?;
    let (digit, _, telling) = WEAK[at];
    let said = |known: &&str| {
        words
            .iter()
            .any(|(start, end)| text[*start..*end].eq_ignore_ascii_case(known))
    };
    let is_told = || telling.split(' ').filter(said).take(TELLING).count() == TELLING;
    told.0[at].get_or_insert_with(is_told).then_some(if digit < 10 {
        Spoken::Digit(digit)
    } else {
        Spoken::Teen(digit)
    })
}

/// Tens and ones in one word: "einundzwanzig", "eenentwintig", "ventuno", "veintidós".
fn compound(word: &str) -> Option<Spoken> {
    const TENS: &[(u8, &str)] = &[
        (20, "zwanzig"),
        (30, "dreißig"),
        (30, "dreissig"),
        (40, "vierzig"),
        (50, "fünfzig"),
        (60, "sechzig"),
        (70, "siebzig"),
        (80, "achtzig"),
        (90, "neunzig"),
        (20, "twintig"),
        (30, "dertig"),
        (40, "veertig"),
        (50, "vijftig"),
        (60, "zestig"),
        (70, "zeventig"),
        (80, "tachtig"),
        (90, "negentig"),
    ];
    const BEFORE_TENS: &[(u8, &str)] = &[
        (1, "einund"),
        (2, "zweiund"),
        (3, "dreiund"),
        (4, "vierund"),
        (5, "fünfund"),
        (6, "sechsund"),
        (7, "siebenund"),
        (8, "achtund"),
        (9, "neunund"),
        (1, "eenen"),
        (2, "tweeën"),
        (2, "tweeen"),
        (3, "drieën"),
        (3, "drieen"),
        (4, "vieren"),
        (5, "vijfen"),
        (6, "zesen"),
        (7, "zevenen"),
        (8, "achten"),
        (9, "negenen"),
    ];
    const ROMANCE_TENS: &[(u8, &str)] = &[
        (20, "vent"),
        (30, "trent"),
        (40, "quarant"),
        (50, "cinquant"),
        (60, "sessant"),
        (70, "settant"),
        (80, "ottant"),
        (90, "novant"),
        (20, "veint"),
    ];
    const BEHIND_TENS: &[(u8, &str)] = &[
        (1, "uno"),
        (2, "idue"),
        (2, "adue"),
        (3, "itré"),
        (3, "itre"),
        (3, "atré"),
        (3, "atre"),
        (4, "iquattro"),
        (4, "aquattro"),
        (5, "icinque"),
        (5, "acinque"),
        (6, "isei"),
        (6, "asei"),
        (7, "isette"),
        (7, "asette"),
        (8, "otto"),
        (9, "inove"),
        (9, "anove"),
        (1, "iuno"),
        (2, "idós"),
        (2, "idos"),
        (3, "itrés"),
        (3, "itres"),
        (4, "icuatro"),
        (5, "icinco"),
        (6, "iséis"),
        (6, "iseis"),
        (7, "isiete"),
        (8, "iocho"),
        (9, "inueve"),
    ];
    let lower = word.to_lowercase();
    let ones = |list: &[(u8, &str)], rest: &str| {
        list.iter()
            .find(|(_, known)| *known == rest)
            .map(|(ones, _)| *ones)
    };
    let found = TENS
        .iter()
        .find_map(|(tens, known)| Some(tens + ones(BEFORE_TENS, lower.strip_suffix(known)?)?))
        .or_else(|| {
            ROMANCE_TENS
                .iter()
                .find_map(|(tens, known)| Some(tens + ones(BEHIND_TENS, lower.strip_prefix(known)?)?))
        });
    // It is said like one below twenty: no digit joins it.
    found.map(Spoken::Teen)
}

/// [`MEANINGS`] and [`OTHER_MEANINGS`], by each word's hash, in order.
static SAID: LazyLock<Vec<(u64, Spoken)>> = LazyLock::new(|| {
    let mut said: Vec<(u64, Spoken)> = MEANINGS
        .iter()
        .chain(OTHER_MEANINGS)
        .flat_map(|(says, words)| words.split(' ').map(|word| (hash(word), says.clone())))
        .collect();
    said.sort_by_key(|(hash, _)| *hash);
    said
});

/// Which lengths the words of [`MEANINGS`] and [`OTHER_MEANINGS`] have that begin with a letter, as bits: what most words are told by not to be
/// one. The last are those that begin with no letter of ASCII.
const LENGTHS: [u32; 27] = {
    let mut lengths = [0; 27];
    let mut lists: &[&[(Spoken, &str)]] = &[MEANINGS, OTHER_MEANINGS];
    while let [list, rest @ ..] = lists {
        let mut at = 0;
        while at < list.len() {
            let words = list[at].1.as_bytes();
            let (mut start, mut end) = (0, 0);
            while end <= words.len() {
                if end == words.len() || words[end] == b' ' {
                    lengths[beginning(words[start])] |= 1 << (end - start);
                    start = end + 1;
                }
                end += 1;
            }
            at += 1;
        }
        lists = rest;
    }
    lengths
};

/// Where the lengths of words are that begin with `byte`.
const fn beginning(byte: u8) -> usize {
    match byte | 0x20 {
        letter @ b'a'..=b'z' => (letter - b'a') as usize,
        _ => 26,
    }
}

/// Longest word of [`MEANINGS`], [`OTHER_MEANINGS`] and [`compound`], and shortest of the last, in bytes.
const LONGEST: usize = 24;
const SHORTEST_COMPOUND: usize = 7;

pub(super) fn meaning(word: &str) -> Option<Spoken> {
    let bytes = word.as_bytes();
    let first = *bytes.first()?;
    if first.is_ascii_digit() || bytes.len() > LONGEST {
        return bytes.iter().all(u8::is_ascii_digit).then_some(Spoken::Literal);
    }
    let listed = || {
        if LENGTHS[beginning(first)] >> bytes.len() & 1 == 0 {
            return None;
        }
        let hash = hash(word);
        let at = SAID.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        Some(SAID[at].1.clone())
    };
    listed().or_else(|| {
        let begins = |beginning: &[u8; 4]| bytes[..4].eq_ignore_ascii_case(beginning);
        let may_be = bytes.len() >= SHORTEST_COMPOUND
            && (bytes.ends_with(b"ig")
                || [
                    b"vent", b"tren", b"quar", b"cinq", b"sess", b"sett", b"otta", b"nova", b"vein",
                ]
                .into_iter()
                .any(begins));
        may_be.then(|| compound(word)).flatten()
    })
}

/// A word of a run.
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) says: Spoken,
}

/// The number words that make a text worth reading, with commas between.
pub(crate) const NUMBER_WORDS: &str = "zero, nought, naught, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, \
     fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, thirty, forty, fourty, fifty, sixty, seventy, eighty, ninety, double, triple, \
     cero, uno, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, niner, hundred, thousand, diez, veinte, treinta, cuarenta, cincuenta, sesenta, \
     setenta, ochenta, noventa, eins, zwei, zwo, drei, vier, fünf, sechs, sieben, acht, neun, zéro, deux, trois, quatre, cinq, huit, neuf, vingt, trente, \
     quarante, cinquante, soixante, quattro, cinque, sette, nove, dois, três, quatro, sete, oito, nul, twee, drie, vijf, zes, zeven, negen, zwanzig, dreißig, dreissig, vierzig, fünfzig, sechzig, siebzig, achtzig, neunzig, jeden, dwa, trzy, \
     cztery, pięć, sześć, siedem, osiem, dziewięć, sifir, iki, üç, dört, beş, alti, yedi, sekiz, dokuz";

/// What a word that is no number says: a letter ("d", "d as in david", "delta"), or a digit that was misheard ("for"). The
/// number of words it takes, too.
pub(super) fn letter(
    text: &str,
    words: &[(usize, usize)],
    run: &[Word],
    next: Option<&str>,
) -> (Option<Spoken>, usize) {
    let word = &text[words[0].0..words[0].1];
    let counts = |says: Option<Spoken>| !matches!(says, None | Some(Spoken::Filler | Spoken::Mark(_)));
    let next_counts = next.is_some_and(|next| counts(meaning(next)) || next.len() == 1);
    // A word of more letters counts beside others only.
    if word.len() > 1 && run.is_empty() && !next_counts {
        return (None, 1);
    }
    let lower = word.to_ascii_lowercase();
    let mut chars = lower.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => {
            let said = |at: usize| words.get(at).map_or("", |(start, end)| &text[*start..*end]);
            let explains = |word: &str| word.len() > 1 && word.to_ascii_lowercase().starts_with(letter);
            let taken = if said(1).eq_ignore_ascii_case("as")
                && said(2).eq_ignore_ascii_case("in")
                && explains(said(3))
            {
                4
            } else if matches!(said(1), "for" | "like") && explains(said(2)) {
                3
            } else {
                1
            };
            // "a" and "i" are words unless something goes on.
            let goes_on = (next_counts && said(2).len() == 1 && said(2).as_bytes()[0].is_ascii_alphabetic())
                || next.is_some_and(|next| next.len() == 1)
                || (next_counts && !run.is_empty());
            if taken == 1 && matches!(letter, 'a' | 'i') && !goes_on {
                return (None, 1);
            }
            (Some(Spoken::Letter(letter)), taken)
        }
        // "twelve november nineteen fifty five" is a date.
        (Some('n'), _)
            if lower == "november"
                && !matches!(run.last(), Some(last) if matches!(last.says, Spoken::Letter(_))) =>
        {
            (None, 1)
        }
        (Some(letter), _) if NATO.contains(&lower.as_str()) && (!run.is_empty() || next_counts) => {
            (Some(Spoken::Letter(letter)), 1)
        }
        _ if next_counts && run.iter().filter(|word| counts(Some(word.says.clone()))).count() >= 3 => {
            match lower.as_str() {
                "for" => (Some(Spoken::Digit(4)), 1),
                "to" | "too" => (Some(Spoken::Digit(2)), 1),
                "won" => (Some(Spoken::Digit(1)), 1),
                "ate" => (Some(Spoken::Digit(8)), 1),
                _ => (None, 1),
            }
        }
        _ => (None, 1),
    }
}

/// The spelling alphabet of radio and telephone (ICAO).
pub(super) const NATO: &[&str] = &[
    "alpha", "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet",
    "juliett", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
    "uniform", "victor", "whiskey", "whisky", "xray", "yankee", "zulu",
];

/// Runs of letters and apostrophes, and of digits: "four1five" is three words, "b12" is one.
pub(super) fn words(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'\'' || b >= 0x80;
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !part(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let (mut digits, mut letters) = (false, false);
        while at < bytes.len() && part(bytes[at]) {
            digits |= bytes[at].is_ascii_digit();
            letters |= bytes[at].is_ascii_alphabetic();
            at += 1;
        }
        if digits && letters && at - start <= 64 {
            split(text, start, at, &mut words);
        } else {
            words.push((start, at));
        }
    }
    words
}

/// Splits `start..end` where letters that are a number word meet digits.
pub(super) fn split(text: &str, start: usize, end: usize, words: &mut Vec<(usize, usize)>) {
    let bytes = &text.as_bytes()[start..end];
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in 1..=bytes.len() {
        if at == bytes.len() || bytes[at].is_ascii_digit() != bytes[at - 1].is_ascii_digit() {
            pieces.push((start + from, start + at));
            from = at;
        }
    }
    let spoken = pieces.iter().all(|(from, to)| {
        text.get(*from..*to).is_some_and(|piece| {
            matches!(
                meaning(piece),
                Some(Spoken::Literal | Spoken::Digit(_) | Spoken::Teen(_) | Spoken::Tens(_))
            )
        })
    });
    if spoken {
        words.append(&mut pieces)
    } else {
        words.push((start, end))
    }
}
