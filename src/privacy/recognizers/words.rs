//! Word lists: given names, surnames, common words, and capitalised words that are no person.
//!
//! `words/SOURCES.md` says where each comes from. Names that are also words (Will, April, Rose) are in the rare list and need more evidence than
//! the frequent ones; a word in no list at all, written with a capital, is *strange*: beside a cue it is taken for a name.

use std::sync::LazyLock;

use crate::privacy::word_hash::hash;

/// A set of words, as their hashes in order.
pub(super) struct WordSet(Vec<u64>);

impl WordSet {
    fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut hashes: Vec<u64> = words.map(hash).collect();
        hashes.sort_unstable();
        Self(hashes)
    }

    /// Whether a word, of any case, is in the set.
    pub(super) fn contains(&self, word: &str) -> bool {
        word.len() <= MAX_WORD_BYTES && self.0.binary_search(&hash(word)).is_ok()
    }
}

const GIVEN: u8 = 1;
const SURNAME: u8 = 2;
const COMMON: u8 = 4;
const RARE: u8 = 8;
const PROPER: u8 = 16;
const NEVER: u8 = 32;
const TOWN: u8 = 64;

/// Function words, titles, organisations and nouns of the trade: never a part of a name here, however they are written.
const NO_NAME: &str = "kia a an the i it is not my your his her our their this that and or but to in on at for from with of by was are be been has have had \
     do does did no yes if so as me you he she we they am monday tuesday wednesday thursday friday saturday sunday january february \
     march july august september october november december mon tue tues wed thu thurs fri sat feb apr jun jul aug sep sept oct nov \
     dec ssn mrn dob rx usps ups fedex dhl walgreens cvs walmart costco kroger amazon target rite aid medicare medicaid fda hipaa \
     pepto-bismol pfizer moderna scholl scholl's pepper reddy's reddys bronner bronner's teal teal's martens christmas easter thanksgiving halloween english spanish \
     german french american british canadian indian mexican chinese canada usa us uk germany france mexico india china england scotland \
     ireland europe america asia africa australia google apple facebook paypal visa mastercard iphone android ipad windows tylenol \
     advil aleve lipitor ozempic metformin zoloft xanax viagra prozac humira eliquis xarelto lantus humalog novolog wegovy mounjaro \
     trulicity januvia jardiance synthroid nexium prilosec zyrtec claritin allegra benadryl motrin covid pharmacy customer support team \
     service sir madam sirs there all everyone god jesus lord sent please order refill urgent re fwd fw ok okay hi hello dear thanks \
     thank regards mr mrs ms dr prof npi dea iban asap fyi eta faq misspelled mispelled misspelt incorrect yesterday tomorrow today \
     tonight yeah yep nope sorry anyone someone nobody everybody somebody mine yours something nothing another again here who what when \
     where why how which whom just really very also too than then now bye store manager agent representative member patient doctor \
     nurse pharmacist insurance address phone email number account delivery tracking invoice subject date time street avenue road apt \
     suite unit floor box po ticket inquiry enquiry feedback question grüße grüßen gruß grüsse danke saludos saludo gracias cordialement merci \
     saluti grazie abraços cumprimentos obrigado obrigada groet groeten groetjes bedankt pozdrawiam poważaniem dziękuję saygilarimla \
     teşekkürler";

/// What happened to somebody, and with what: "Patient: Anaphylaxis", "my friend OD'd", "this is Tachycardia". A report must not lose its event, and
/// nobody bears one as a name.
const NOT_A_NAME_BUT_AN_EVENT: &str = "od'd od’d od od's ods oded alzheimer alzheimer's overdose overdosed overdosing overdoses poisoned poisoning suicide suicidal anaphylaxis \
     anaphylactic anaphylactoid angioedema angiooedema seizure seizures seizing convulsing convulsed convulsion convulsions unresponsive \
     unconscious choking choked hives urticaria rash rashes swelling swollen bleeding haemorrhage hemorrhage haemorrhaging hemorrhaging fainted \
     fainting collapsed collapsing vomiting vomited diarrhea diarrhoea jaundice stroke cardiac wheezing cyanosis hypo hypoglycemia \
     hypoglycaemia hyperglycemia hyperglycaemia ketoacidosis sepsis meningitis miscarriage miscarried miscarrying pregnant pregnancy \
     breastfeeding palpitations tachycardia bradycardia arrhythmia rhabdomyolysis pancreatitis hepatitis agranulocytosis neutropenia afib ketosis remission labor labour \
     thrombocytopenia thrombosis embolism myocarditis hyperkalemia hyperkalaemia hyponatremia hyponatraemia hypotension hypertension withdrawal \
     delirium hallucinating hallucinations numbness paralysis dizzy dizziness nausea nauseous cramps itching blisters bruising dyspnea dyspnoea \
     epistaxis syncope contaminated counterfeit recalled expired mouldy moldy tampered spoiled melted thawed allergic allergy epipen \
     naloxone narcan insulin warfarin lithium methotrexate digoxin inhaler nebulizer nebuliser glucometer serotonin \
     fiebre vómito vómitos mareos fièvre vomissements febbre vomito febre vômitos";

/// Given names that are words as well, and frequent enough as names.
const NAMES_AND_WORDS: &str = "peter abbey amber angel april archer aria art ash aspen august autumn basil beau beck belle beryl bill billy blessing bob bobby bonnie brad \
     brandy brook brooke brooks bud buddy buster candy carol carver celesta chance chandler charity chase cherish cherry chip christian \
     chuck clay clement clementine cliff colleen colt cooper coral cruz crystal dahlia daisy dale dawn dean deb dee dell derrick \
     destiny dick dixie dolly don dory drake drew duke earl ebony ed eddy ester eve faith felicity fern fletcher flora forrest frank \
     gabby garnet gene genesis gill ginger glen grace grant griffin guy hank harmony harry haven hazel heath heather hector holly honor \
     hope hunter hyacinth iris ivory ivy jack jade jan jarred jasmine jasper jay jean jewel jimmy john josh joy june karma ken kit \
     kitty lacy lance lane lark laurel lea lee leif lily lucky mae maria marigold marina mark marlin marquis marshall martin marvin \
     mason matt maverick max may meg melody mercy mike miles misty myrtle newton nick noble noel norm nova olive opal page pansy parker \
     pat patience patsy patty pearl peg penny pepper petunia phoebe pierce piper poppy porter precious prince princess prudence randy raven \
     ray reed reid rhea rich rick rico river rob robin rocky rod roger roman rose rosemary rosy rowan royal ruby rusty sage sally \
     sander sandy sapphire sawyer scarlet scott serenity shelby sherry sierra skip sky sonny star stella sterling stormy sue sully \
     summer sunny tad tanner taylor ted terry tiara tiffany tom tony trinity troy tucker tyler una valentine van victor viola violet \
     virginia wade walker ward warren wayne wilder will willow windy winter woody wren";

/// Of those, the ones that are as often something else, in lower case or with a capital: months, seasons, herbs, papers, places, titles, verbs.
const THINGS: &str = "april august autumn june may jan summer winter art basil bill chance chase cherry chip clementine clay coral \
     dean don duke earl fern frank ginger guy haven hunter ivory jasmine lane lucky max mercy mike miles olive page pansy pepper porter \
     precious prince princess rich river rob rod rosemary royal rusty sage skip sky star sterling stormy sunny van ward willow windy \
     woody love long happy sunshine noble haven karma harmony candy amber flora cliff myrtle marigold christian drew mark norm pat peg ray reed sue john";

/// Longest word that any list holds.
const MAX_WORD_BYTES: usize = 24;

/// The lists of every listed word, by the word's hash: 110,000 words, and 46 bits of a hash to tell each from the words of texts.
///
/// A request finds this table cold as often as not, so that a look-up costs what the memory costs that it touches: one line, mostly.
struct Table(Vec<Bucket>);

/// Words whose hashes begin alike, on one line of memory; those for which it has no room are in the next.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Bucket {
    /// The low halves of the hashes; 0 is none.
    keys: [u32; WORDS_IN_BUCKET],
    lists: [u8; WORDS_IN_BUCKET],
}

const WORDS_IN_BUCKET: usize = 12;
/// How many bits of a hash choose the bucket: some seven words are in each.
const BUCKET_BITS: u32 = 14;

impl Table {
    fn insert(&mut self, hash: u64, list: u8) {
        let key = Self::key(hash);
        let mut at = Self::bucket(hash);
        loop {
            let bucket = &mut self.0[at];
            match bucket.keys.iter().position(|known| *known == key || *known == 0) {
                Some(place) => {
                    bucket.keys[place] = key;
                    bucket.lists[place] |= list;
                    return;
                }
                None => at = (at + 1) % self.0.len(),
            }
        }
    }

    fn lists(&self, hash: u64) -> u8 {
        let key = Self::key(hash);
        let mut at = Self::bucket(hash);
        loop {
            let bucket = &self.0[at];
            let found = bucket
                .keys
                .iter()
                .zip(bucket.lists)
                .fold(0, |found, (known, lists)| {
                    found | if *known == key { lists } else { 0 }
                });
            if found != 0 || bucket.keys[WORDS_IN_BUCKET - 1] == 0 {
                return found;
            }
            at = (at + 1) % self.0.len();
        }
    }

    fn bucket(hash: u64) -> usize {
        (hash >> (u64::BITS - BUCKET_BITS)) as usize
    }

    fn key(hash: u64) -> u32 {
        (hash as u32).max(1)
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table(vec![Bucket::default(); 1 << BUCKET_BITS]);
    for (words, list) in LISTS {
        for word in words.split_ascii_whitespace() {
            table.insert(hash(word), list);
        }
    }
    table
});

const LISTS: [(&str, u8); 8] = [
    (include_str!("words/given_names.txt"), GIVEN),
    (include_str!("words/rare_given_names.txt"), RARE),
    (include_str!("words/surnames.txt"), SURNAME),
    (include_str!("words/common_words.txt"), COMMON),
    (include_str!("words/proper_words.txt"), PROPER),
    (include_str!("words/towns.txt"), TOWN),
    (NO_NAME, NEVER),
    (NOT_A_NAME_BUT_AN_EVENT, NEVER),
];

/// The lists that a word, of any case, is in.
fn lists(word: &str) -> u8 {
    if word.len() > MAX_WORD_BYTES {
        return 0;
    }
    TABLE.lists(hash(word))
}

/// Two bits for each given name, by the top of its hash: what most words are told by not to be one. The first part holds those that count
/// in lower case, those that are nothing else, and the frequent ones that are words as often; the second part the rest; the third the first words
/// of towns.
static BEGINNINGS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0; 3 * BEGINNING_WORDS];
    // Those that are as often things, "will" and "may" among them, are left to cues: few words are as frequent.
    for hash in NAMES_AND_WORDS
        .split_ascii_whitespace()
        .filter(|word| !is_thing(word))
        .map(hash)
    {
        bits[beginning(hash)] |= marks(hash);
    }
    for first in include_str!("words/cities.txt")
        .lines()
        .filter_map(|town| town.split([' ', '-']).next())
        .filter(|first| !is_given(first) || !is_city(first))
    {
        let hash = hash(first);
        bits[2 * BEGINNING_WORDS + beginning(hash)] |= marks(hash);
    }
    for (words, list) in LISTS.iter().filter(|(_, list)| list & (GIVEN | RARE) != 0) {
        for hash in words.split_ascii_whitespace().map(hash) {
            let others = if *list == GIVEN {
                RARE | COMMON
            } else {
                COMMON | SURNAME | PROPER | TOWN | NEVER
            };
            let in_lower_case = TABLE.lists(hash) & others == 0;
            let half = if in_lower_case { 0 } else { BEGINNING_WORDS };
            bits[half + beginning(hash)] |= marks(hash);
        }
    }
    bits
});

/// Words of 64 bits in each part of [`BEGINNINGS`].
const BEGINNING_WORDS: usize = 2048;

fn beginning(hash: u64) -> usize {
    (hash >> 53) as usize
}

/// The two bits of a hash: one alone would let twice as many words through.
fn marks(hash: u64) -> u64 {
    (1 << (hash & 63)) | (1 << ((hash >> 6) & 63))
}

/// Whether a word, of this hash, may be the first of a full name: frequent and nothing else where it is written in lower case.
pub(crate) fn may_begin_name(word: &[u8], hash: u64) -> bool {
    let bit = |part: usize| BEGINNINGS[part + beginning(hash)] & marks(hash) == marks(hash);
    let lower = word.first().is_some_and(u8::is_ascii_lowercase);
    if !(bit(0) || !lower && bit(BEGINNING_WORDS)) {
        return false;
    }
    word.len() <= MAX_WORD_BYTES && TABLE.lists(hash) & (GIVEN | RARE) != 0
}

/// Whether a town's name may begin with a word of this hash.
pub(crate) fn may_begin_town(hash: u64) -> bool {
    BEGINNINGS[2 * BEGINNING_WORDS + beginning(hash)] & marks(hash) == marks(hash)
}

/// The lists that a word is in, looked up once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lists(u8);

impl Lists {
    pub(super) fn of(word: &str) -> Self {
        Self(lists(word))
    }

    /// A frequent given name that is nothing else.
    pub(super) fn given(self) -> bool {
        self.0 & (GIVEN | RARE) == GIVEN
    }

    /// A given name that may be rare, or a word as well.
    pub(super) fn may_be_given(self) -> bool {
        self.0 & (GIVEN | RARE) != 0
    }

    pub(super) fn surname(self) -> bool {
        self.0 & SURNAME != 0
    }

    /// A people, place, medicine or brand: written with a capital, but no person.
    pub(super) fn proper(self) -> bool {
        self.0 & PROPER != 0 || self.0 & TOWN != 0 && self.0 & GIVEN == 0
    }

    /// Never a part of a person's name.
    pub(super) fn no_name(self) -> bool {
        self.0 & NEVER != 0
    }

    /// In no list.
    pub(super) fn unlisted(self) -> bool {
        self.0 == 0
    }

    /// A word of the language, as listed.
    pub(super) fn common(self) -> bool {
        self.0 & COMMON != 0
    }
}

/// Towns that somebody may live in, of one word or more; names of people and ordinary words among them.
static CITIES: LazyLock<WordSet> = LazyLock::new(|| WordSet::of(include_str!("words/cities.txt").lines()));

/// Whether a town is called so; single words that are ordinary ones are not in the list.
pub(super) fn is_city(name: &str) -> bool {
    CITIES.contains(name)
}

static NAMES_AND_WORDS_SET: LazyLock<WordSet> = LazyLock::new(|| word_set(NAMES_AND_WORDS));

static THINGS_SET: LazyLock<WordSet> = LazyLock::new(|| word_set(THINGS));

/// Whether a given name is a word as well, and frequent enough as a name.
pub(super) fn is_name_and_word(word: &str) -> bool {
    NAMES_AND_WORDS_SET.contains(word)
}

/// Whether such a name is as often something else.
pub(super) fn is_thing(word: &str) -> bool {
    THINGS_SET.contains(word)
}

/// Whether a town, and nothing else that is known, is called so: no given name, no surname, no word of the language.
pub(super) fn is_only_city(word: &str) -> bool {
    let found = lists(word);
    found & (GIVEN | RARE | SURNAME | COMMON | NEVER) == 0 && is_city(word) && !is_common(word)
}

/// The words of a list.
pub(super) fn word_set(words: &str) -> WordSet {
    WordSet::of(words.split_ascii_whitespace())
}

/// A town that is large enough to be known by name alone.
pub(super) fn is_town(word: &str) -> bool {
    lists(word) & TOWN != 0
}

/// A surname.
pub(super) fn is_surname(word: &str) -> bool {
    lists(word) & SURNAME != 0
}

/// A given name, frequent or rare.
pub(super) fn is_given(word: &str) -> bool {
    lists(word) & (GIVEN | RARE) != 0
}

/// A people, place, medicine or brand.
pub(super) fn is_proper(word: &str) -> bool {
    lists(word) & PROPER != 0
}

/// Never a part of a person's name.
pub(super) fn is_no_name(word: &str) -> bool {
    lists(word) & NEVER != 0
}

/// A word of ordinary messages; an -s, -ed, -ing or -ly of one counts.
pub(super) fn is_common(word: &str) -> bool {
    let word = word.split('\'').next().unwrap_or(word);
    let found = lists(word);
    if found != 0 {
        return found & COMMON != 0;
    }
    ["ing", "ed", "d", "es", "s", "ly"].iter().any(|ending| {
        word.strip_suffix(ending)
            .is_some_and(|stem| stem.len() > 2 && lists(stem) & COMMON != 0)
    })
}
