//! Names of people, beside a cue: "my name is", "this is", a title, a relation, a greeting, a signature.
//!
//! A name has no shape, so this family is code: from each cue it reads on as long as the words can be a name. How much
//! evidence a word needs depends on the cue ([`Lead`]): after "my name is" any uncommon word will do, after "this is" a known
//! given name or two capitals. A known given name followed by a surname needs no cue.

use std::sync::LazyLock;

use super::words::{WordSet, is_common, is_given, is_surname, may_be_given, may_begin_name, word_set};
use super::{Detector, Family, Hit, Lead, Needs, Pattern, Place, Sense};
use crate::privacy::cues::Cue;
use crate::privacy::kind::IdentifierKind::Name;

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Name),
            "我叫, 我的名字是, 我的名字叫, 我姓名, 姓名, 患者姓名, 名字是, 名前, 名前は, お名前, 私の名前は, 氏名, 患者氏名, 이름은, 제 이름은, \
             성함은, 이름, 성함, 환자 이름",
        ),
        (
            Sense::Introduces(Lead::Declared),
            "my name is, my name's, name is, names, name's, full name, first name, last name, surname, maiden \
             name, middle name, patient name, patient's name, customer name, her name, his name, their name, \
             my name, nombre, me llamo, mi nombre es, under the name, under the name of, name of, name on the \
             account, name on the card, name on the card is, cardholder name, cardholder, account holder, in \
             the name of, goes by, i go by, call me by, first name is, last name is, je m'appelle, mein name ist, ich \
             heiße, son's name, daughter's name, wife's name, husband's name, mother's name, mothers maiden \
             name, mother's maiden name, father's name, patients name, legal name, family name, given name, \
             nickname, account under, it's under, is under, listed under, filed under, doctor's name, name \
             for the order, signed by, first and last name, my full name",
        ),
        (
            Sense::Introduces(Lead::Label),
            "name, patient, pt, customer, caller, contact, emergency contact, prescriber, provider, \
             physician, pharmacist, attn, attention, from, to, cc, re, recipient, reporter, signed, insured, \
             subscriber, guardian, beneficiary, next of kin, ship to, bill to, deliver to, under, addressed to, \
             caregiver, primary care, pcp, cardiologist, dentist, therapist, witness",
        ),
        (
            Sense::Introduces(Lead::Introduced),
            "this is, i am, i'm, im, it's, its, here is, speaking with, you're speaking with, am i speaking \
             with, is this, it is, call me, calls me, soy, ich bin, je suis, yes this is, me again",
        ),
        (
            Sense::Introduces(Lead::Title),
            "dr, dr., mr, mr., mrs, mrs., ms, ms., prof, prof., professor, señor, señora, sr., sra., herr, \
             frau, monsieur, madame, mx., rev., reverend, pastor, sgt., capt.",
        ),
        (
            Sense::Introduces(Lead::Role),
            "doctor, nurse, miss, aunt, uncle, auntie, grandma, grandpa, officer, sister, father, cousin, \
             pharmacist named, rep, agent, manager, supervisor, tech, technician, driver",
        ),
        (
            Sense::Introduces(Lead::Relation),
            "my son, my daughter, my wife, my husband, my mother, my father, my mom, my mum, my dad, my \
             sister, my brother, my aunt, my uncle, my grandmother, my grandfather, my grandma, my grandpa, \
             my partner, my friend, my baby, my child, my kid, my kids, my boy, my girl, my niece, my nephew, \
             my cousin, my fiance, my fiancé, my boyfriend, my girlfriend, my neighbor, my neighbour, my \
             grandson, my granddaughter, my roommate, my boss, my caregiver, my nurse, my doctor, my \
             pharmacist, my twins, my mother in law, my stepson, my stepdaughter, my children, my parents, \
             his wife, her husband, her son, his son, his daughter, her daughter, my late husband, my late \
             wife, my late mother, my late father, my therapist, my ex, my better half, our son, our \
             daughter, son, daughter, wife, husband, on behalf of, named, called, spoke with, spoke to, \
             spoken with, spoken to, talked to, talked with, talking to, talk to, speak to, speak with, \
             chatted with, ask for, asked for, met with, met, seen by, treated by, prescribed by, helped by, \
             served by, care of, c/o, power of attorney for, poa for, caregiver for, caring for, calling for, \
             picking up for, pick up for, refill for, prescription for, order for, appointment for, meds for, \
             medication for, account of, on file for, to see, tell, told, ask, thank, with, by, for, and",
        ),
        (
            Sense::Introduces(Lead::Greeting),
            "hi, hello, hey, dear, good morning, good afternoon, good evening, hola, hallo, hiya, greetings, \
             bonjour, to",
        ),
        (
            Sense::Introduces(Lead::Here),
            "here, speaking, calling, again, writing",
        ),
        (
            Sense::Introduces(Lead::SignOff),
            "regards, best regards, kind regards, warm regards, warmest regards, thanks, thank you, many \
             thanks, thanks again, thx, ty, sincerely, yours sincerely, sincerely yours, best, best wishes, \
             all the best, cheers, yours, yours truly, yours faithfully, respectfully, cordially, gratefully, \
             love, take care, grüße, mit freundlichen grüßen, saludos, gracias, cordialement, thanks so much, \
             sent from my iphone, sent from my android, sent from my phone, sent from my ipad, warmly, rgds, \
             br, tia",
        ),
    ],
    patterns: &[Pattern {
        // Chinese, Japanese and Korean have no capitals and few spaces: what follows the cue, up to a mark or the verb.
        name: "name_east_asian",
        kind: Name,
        shape: r"[ :=]*(?:は|是)?[ :]*([\x{4E00}-\x{9FFF}]{2,4}?|[\x{4E00}-\x{9FFF}]{1,3} [\x{4E00}-\x{9FFF}]{1,3}?|[\x{30A1}-\x{30FA}]{2,8}(?:[ .][\x{30A1}-\x{30FA}]{2,8})?|[\x{AC00}-\x{D7A3}]{2,4}?)(?:です|で|と|さん|様|입니다|이에요|예요|이고|라고|이며|[ ,.!?()\n;]|$)",
        needs: Needs::Cue,
        place: Place::AfterCue,
        confirmed: 0.8,
        cues: &[Name],
        ..Pattern::DEFAULT
    }],
};

pub(super) static DETECTORS: &[Detector] = &[
    Detector {
        name: "name_beside_cue",
        kind: Name,
        find: beside_cue,
    },
    Detector {
        name: "name_full",
        kind: Name,
        find: full,
    },
];

/// Function words, organisations and brands: capitalised often, never a person here.
static NEVER: LazyLock<WordSet> = LazyLock::new(|| {
    word_set(
        "a an the i it is not my your his her our their this that and or but to in on at for from with of \
     by was are be been has have had do does did no yes if so as me you he she we they am monday \
     tuesday wednesday thursday friday saturday sunday january february march july august september \
     october november december mon tue tues wed thu thurs fri sat jan feb apr jun jul aug sep sept \
     oct nov dec ssn mrn dob rx usps ups fedex dhl walgreens cvs walmart costco kroger amazon target \
     rite aid medicare medicaid fda hipaa pfizer moderna scholl scholl's pepper reddy's reddys \
     bronner's martens christmas easter thanksgiving halloween english spanish german french american \
     british canadian indian mexican chinese canada usa us uk germany france mexico india china \
     england scotland ireland europe america asia africa australia google apple facebook paypal visa \
     mastercard iphone android ipad windows tylenol advil aleve lipitor ozempic metformin zoloft \
     xanax viagra prozac humira eliquis xarelto lantus humalog novolog wegovy mounjaro trulicity \
     januvia jardiance synthroid nexium prilosec zyrtec claritin allegra benadryl motrin covid \
     pharmacy customer support team service sir madam sirs there all everyone god jesus lord sent \
     please order refill urgent re fwd fw ok okay hi hello dear thanks thank regards mr mrs ms dr \
     prof npi dea iban asap fyi eta faq misspelled mispelled misspelt incorrect",
    )
});

/// Small words inside a name.
const PARTICLES: &[&str] = &[
    "van", "von", "de", "der", "den", "del", "della", "la", "le", "da", "di", "dos", "das", "du", "bin",
    "ibn", "binti", "al", "el", "st", "ten", "ter", "y", "e", "abu",
];

/// One word of a text.
#[derive(Clone, Copy)]
pub(super) struct Word<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'t str,
}

impl Word<'_> {
    /// Written like a name: a capital first. A word all in capitals is shouting or an abbreviation, unless it is a known name.
    fn capital(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_uppercase)
            && (chars.next().is_none_or(|second| !second.is_uppercase())
                || may_be_given(&self.lower())
                || is_surname(&self.lower())
                || self.text.contains(char::is_lowercase))
    }

    fn lower(&self) -> String {
        self.text
            .trim_end_matches("'s")
            .trim_end_matches("'S")
            .to_lowercase()
    }

    /// A single letter.
    fn initial(&self) -> bool {
        self.text.chars().count() == 1 && self.text.chars().all(char::is_alphabetic)
    }
}

/// The word that begins at or after `at`, with letters, inner apostrophes and hyphens.
pub(super) fn word_at(text: &str, at: usize) -> Option<Word<'_>> {
    let rest = text.get(at..)?;
    let mut end = 0;
    for (offset, c) in rest.char_indices() {
        let inner = matches!(c, '\'' | '-')
            && end > 0
            && rest[offset + 1..].chars().next().is_some_and(char::is_alphabetic);
        if c.is_alphabetic() || inner {
            end = offset + c.len_utf8();
        } else {
            // A letter that runs into a digit is a code.
            if c.is_numeric() || c == '_' || c == '@' {
                return None;
            }
            break;
        }
    }
    (end > 0).then(|| Word {
        start: at,
        end: at + end,
        text: &rest[..end],
    })
}

/// Skips white space and light punctuation; says whether a line ended and which marks were passed.
fn skip(text: &str, mut at: usize, marks: &[char]) -> (usize, bool) {
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

fn never(word: &str) -> bool {
    NEVER.contains(word)
}

/// Whether `word` can be the first of a name under `lead`; `next` is the one after it.
fn can_begin(lead: Lead, word: Word<'_>, next: Option<Word<'_>>) -> bool {
    let lower = word.lower();
    if never(&lower) {
        return false;
    }
    let capital = word.capital();
    let common = is_common(&lower) && !is_given(&lower);
    let known = is_given(&lower) || (capital && may_be_given(&lower));
    let second_capital =
        next.is_some_and(|next| next.capital() && !never(&next.lower()) && !is_common(&next.lower()));
    let second_surname = next.is_some_and(|next| is_surname(&next.lower()) && (capital == next.capital()));
    if word.initial() {
        return capital
            && (second_capital || matches!(lead, Lead::Title | Lead::Declared))
            && text_has_letters(next);
    }
    let listed = is_given(&lower) || is_surname(&lower);
    let shown = capital && word.text.chars().nth(1).is_some_and(char::is_lowercase);
    match lead {
        Lead::Declared => capital || !common,
        Lead::Title => listed || (!common && (capital || word.text.len() > 3)),
        Lead::Greeting => known || (capital && !common),
        Lead::Label => {
            (capital && (known || (!common && (second_capital || is_surname(&lower)))))
                || (is_given(&lower) && second_surname)
        }
        Lead::Introduced => {
            (known && (!common || second_capital))
                || (!common && (second_surname || (second_capital && shown)))
        }
        Lead::Role | Lead::Relation => known && (capital || is_given(&lower) || second_surname),
        Lead::Kin => is_given(&lower) || (capital && !common),
        Lead::SignOff | Lead::Here => false,
    }
}

fn text_has_letters(next: Option<Word<'_>>) -> bool {
    next.is_some_and(|next| next.capital())
}

/// Whether `word` can go on a name whose first word was capitalised or not; where it is `sure` that a surname comes, any capital can.
fn can_follow(word: Word<'_>, capitals: bool, sure: bool) -> bool {
    let lower = word.lower();
    if never(&lower) {
        return false;
    }
    if sure && capitals && word.capital() && word.text.contains(char::is_lowercase) {
        return true;
    }
    if word.capital() {
        return word.initial() || !is_common(&lower) || is_surname(&lower) || may_be_given(&lower);
    }
    if word.initial() {
        return false;
    }
    if capitals {
        is_surname(&lower) && !is_common(&lower)
    } else {
        is_surname(&lower) || is_given(&lower) || !is_common(&lower)
    }
}

/// The name that begins at `at`, at most five words on one line: its end. `sure`: a second word with a capital belongs to it, whatever
/// it is.
fn read_name(text: &str, first: Word<'_>, comma: bool, sure: bool) -> usize {
    let capitals = first.capital();
    let mut end = name_end(first);
    let mut words = 1;
    let mut at = first.end;
    while words < 5 {
        // "J. Smith", "Smith Jr.", and where a label promises it, "Smith, Jane".
        let dotted = text[at..].starts_with('.') && at - first.start <= 4;
        let gap = &text[at..];
        let next_at = if gap.starts_with(". ") && (dotted || last_initial(text, at)) {
            at + 2
        } else if gap.starts_with(' ') || (gap.starts_with('.') && last_initial(text, at)) {
            at + 1
        } else if comma && words == 1 && gap.starts_with(", ") {
            at + 2
        } else {
            break;
        };
        let Some(word) = word_at(text, next_at) else {
            break;
        };
        let lower = word.lower();
        if PARTICLES.contains(&lower.as_str()) && !word.initial() {
            let mut after = word.end;
            let mut particle = word;
            // "van der Berg".
            if let Some(second) =
                word_at(text, after + 1).filter(|second| PARTICLES.contains(&second.lower().as_str()))
            {
                after = second.end;
                particle = second;
            }
            let _ = particle;
            match word_at(text, after + 1) {
                Some(next) if text[after..].starts_with(' ') && can_follow(next, capitals, false) => {
                    end = name_end(next);
                    at = next.end;
                    words += 1;
                    continue;
                }
                _ if is_surname(&lower) && word.capital() => {}
                _ => break,
            }
        }
        if !can_follow(word, capitals, sure && words == 1 && next_at == first.end + 1) {
            break;
        }
        end = name_end(word);
        at = word.end;
        words += 1;
    }
    // A trailing initial's or title's full stop belongs to the name only if more follows; leave it.
    end
}

/// The end of a word without a possessive 's.
fn name_end(word: Word<'_>) -> usize {
    word.start + word.text.trim_end_matches("'s").trim_end_matches("'S").len()
}

/// Whether the word before `at` is a single capital or one of "Jr", "Dr".
fn last_initial(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let mut chars = before.chars().rev();
    chars.next().is_some_and(char::is_uppercase) && !chars.next().is_some_and(char::is_alphanumeric)
}

/// Letters said or typed one by one from `at`: "w i l l i a m s", "W-I-L-L". The end, for at least `least` letters.
fn spelled(text: &str, mut at: usize, least: usize) -> Option<usize> {
    let mut letters = 0;
    let mut end = at;
    while let Some(word) = text[at..].chars().next().filter(|c| c.is_alphabetic()) {
        let after = at + word.len_utf8();
        let next = text[after..].chars().next();
        if next.is_some_and(|c| c.is_alphanumeric() || c == '\'') {
            break;
        }
        letters += 1;
        end = after;
        let (gap, _) = skip(text, after, &['-', '.', ',']);
        if gap == after || gap > after + 3 {
            break;
        }
        at = gap;
    }
    (letters >= least).then_some(end)
}

/// "that's spelled" and the like between a name and its letters.
fn spelling(text: &str, mut at: usize) -> usize {
    for _ in 0..5 {
        let (next, _) = skip(text, at, &[',', '.', ':', '-', '(', ';']);
        match word_at(text, next) {
            Some(word)
                if matches!(
                    word.lower().as_str(),
                    "that"
                        | "that's"
                        | "thats"
                        | "is"
                        | "it's"
                        | "its"
                        | "spelled"
                        | "spelt"
                        | "spell"
                        | "spelling"
                        | "so"
                ) =>
            {
                at = word.end
            }
            _ => return next,
        }
    }
    at
}

fn push(text: &str, start: usize, end: usize, score: f32, hits: &mut Vec<Hit>) {
    hits.push(Hit { start, end, score });
    let letters = spelling(text, end);
    if let Some(spelled) = spelled(text, letters, 3) {
        hits.push(Hit {
            start: letters,
            end: spelled,
            score,
        });
    }
}

fn beside_cue(text: &str, cues: &[Cue<'_>], hits: &mut Vec<Hit>) {
    for cue in cues {
        for lead in cue.senses.iter().filter_map(|sense| match sense {
            Sense::Introduces(lead) => Some(*lead),
            _ => None,
        }) {
            match lead {
                Lead::Here => before_here(text, cue.start, hits),
                lead => after_lead(text, cue, lead, hits),
            }
        }
    }
}

fn after_lead(text: &str, cue: &Cue<'_>, lead: Lead, hits: &mut Vec<Hit>) {
    let marks: &[char] = match lead {
        Lead::Declared | Lead::Label => &[':', '=', '"', '-', ',', '(', '\'', '>', '#'],
        Lead::SignOff => &[',', '.', '!', '-', '~', '—', '*'],
        Lead::Title => &['.', ':', ','],
        Lead::Introduced => &[',', ':'],
        _ => &[',', '(', ':', '"', '-'],
    };
    let mut lead = lead;
    let (mut at, mut line) = skip(text, cue.end, marks);
    let passed = &text[cue.end..at];
    let labelled = passed.contains([':', '=']);
    if at == cue.end {
        return;
    }
    match lead {
        Lead::Label if labelled => lead = Lead::Declared,
        Lead::Relation if cue_is_kin(text, cue) => lead = Lead::Kin,
        // "To Ada," greets where a line begins; elsewhere it leads to a place or a thing as often as to a person.
        Lead::Greeting if is_to(text, cue) && !begins_line(text, cue.start) => lead = Lead::Relation,
        Lead::Introduced | Lead::Greeting | Lead::Title if line => return,
        _ => {}
    }
    // "name is", "name would be", "my wife's name is".
    for _ in 0..2 {
        if !matches!(lead, Lead::Declared | Lead::Kin) {
            break;
        }
        match word_at(text, at) {
            Some(word)
                if matches!(
                    word.lower().as_str(),
                    "is" | "was" | "of" | "on" | "the" | "be" | "s"
                ) && word.text.len() > 1 =>
            {
                if lead == Lead::Kin && word.lower() != "is" {
                    break;
                }
                (at, line) = skip(text, word.end, marks);
            }
            _ => break,
        }
    }
    let _ = line;
    if lead == Lead::Declared
        && let Some(end) = spelled(text, at, 3)
    {
        hits.push(Hit {
            start: at,
            end,
            score: 0.6,
        });
        return;
    }
    // A title between: "this is Dr. Patel" is found from the title.
    let Some(first) = word_at(text, at) else {
        return;
    };
    let next_at = if text[first.end..].starts_with(". ") {
        first.end + 2
    } else {
        first.end + 1
    };
    let next = text
        .get(first.end..next_at)
        .filter(|gap| matches!(*gap, " " | ". "))
        .and_then(|_| word_at(text, next_at));
    if lead == Lead::SignOff {
        return sign_off(text, cue, at, first, hits);
    }
    let followed = |words: &[&str]| next.is_some_and(|next| words.contains(&next.lower().as_str()));
    const HERE: [&str; 4] = ["here", "calling", "speaking", "again"];
    let strange = |word: Word<'_>| !never(&word.lower()) && !is_common(&word.lower());
    let full = || {
        next.filter(|next| strange(*next) && text[next.end..].starts_with(' '))
            .and_then(|next| word_at(text, next.end + 1))
            .is_some_and(|third| HERE.contains(&third.lower().as_str()))
    };
    let here = lead == Lead::Introduced && strange(first) && (followed(&HERE) || full());
    if !here && !can_begin(lead, first, next) {
        return;
    }
    // "ship to Georgia": where parcels go, a word that is also a place is one.
    let person = || is_given(&first.lower()) || next.is_some_and(|next| is_surname(&next.lower()));
    if !labelled && lead != Lead::Declared && leads_to_place(text, cue) && !person() {
        return;
    }
    // "DOE, JANE" and "doe, jane" under a label.
    let reversed = || {
        text[first.end..].starts_with(", ")
            && word_at(text, first.end + 2).is_some_and(|word| is_given(&word.lower()))
    };
    let comma = lead == Lead::Declared && (first.capital() || reversed());
    let sure = match lead {
        Lead::Declared | Lead::Title => first.capital(),
        Lead::Introduced | Lead::Kin => first.capital() && may_be_given(&first.lower()),
        _ => false,
    };
    let end = read_name(text, first, comma, sure);
    // The title belongs to the name.
    let start = if lead == Lead::Title {
        cue.start
    } else {
        first.start
    };
    push(text, start, end, 0.6, hits);
    // "my kids Tommy and Ella".
    if matches!(lead, Lead::Kin | Lead::Declared | Lead::Relation)
        && let Some(rest) = text[end..]
            .strip_prefix(" and ")
            .or_else(|| text[end..].strip_prefix(" & "))
        && let Some(second) = word_at(text, text.len() - rest.len())
        && second.capital()
        && may_be_given(&second.lower())
    {
        push(
            text,
            second.start,
            read_name(text, second, false, false),
            0.6,
            hits,
        );
    }
}

/// Whether the cue is "to" alone.
fn is_to(text: &str, cue: &Cue<'_>) -> bool {
    text[cue.start..cue.end].eq_ignore_ascii_case("to")
}

fn begins_line(text: &str, at: usize) -> bool {
    text[..at]
        .trim_end_matches([' ', '\t', '>', '*'])
        .chars()
        .next_back()
        .is_none_or(|c| c == '\n')
}

/// Whether the cue ends in "to" and speaks of parcels or journeys: "ship to", "delivery to", "how long does shipping take to".
fn leads_to_place(text: &str, cue: &Cue<'_>) -> bool {
    const WORDS: [&str; 10] = [
        "ship", "deliver", "sent", "send", "mail", "post", "travel", "fly", "mov", "parcel",
    ];
    if !text[cue.start..cue.end].to_ascii_lowercase().ends_with("to") {
        return false;
    }
    let from = text.floor_char_boundary(cue.start.saturating_sub(24));
    let before = text[from..cue.end].to_ascii_lowercase();
    WORDS.iter().any(|word| before.contains(word))
}

/// Whether a relation's cue names a person, rather than being a verb or a preposition.
fn cue_is_kin(text: &str, cue: &Cue<'_>) -> bool {
    let words = text[cue.start..cue.end].to_ascii_lowercase();
    words.starts_with("my ")
        || words.starts_with("our ")
        || words.starts_with("her ")
        || words.starts_with("his ")
        || words == "named"
        || matches!(
            words.as_str(),
            "on behalf of"
                | "ask for"
                | "asked for"
                | "spoke with"
                | "spoke to"
                | "talked to"
                | "talked with"
                | "seen by"
        )
}

/// A signature: the words after a closing, to the end of their line.
fn sign_off(text: &str, cue: &Cue<'_>, at: usize, first: Word<'_>, hits: &mut Vec<Hit>) {
    let line_start = text[cue.end..at].contains('\n');
    let end = read_name(text, first, false, line_start && first.capital());
    let rest = text[end..].lines().next().unwrap_or("");
    let ends_line = rest.trim_matches(|c: char| !c.is_alphanumeric()).is_empty();
    let signs = rest.trim_start().starts_with([',', '(', '|', '-', '–']) || ends_line;
    let lower = first.lower();
    if never(&lower) || (is_common(&lower) && !may_be_given(&lower)) {
        return;
    }
    let known = is_given(&lower) || (first.capital() && may_be_given(&lower));
    let accepted = if line_start {
        signs && (first.capital() || known || first.text.len() > 2)
    } else {
        known && (ends_line || end > first.end)
    };
    if accepted {
        push(text, first.start, end, 0.6, hits);
    }
}

/// "Tim here", "mr abernathy speaking": the name before the word at `at`.
fn before_here(text: &str, at: usize, hits: &mut Vec<Hit>) {
    let Some(at) = at.checked_sub(1).filter(|at| text.as_bytes()[*at] == b' ') else {
        return;
    };
    // Names are short: what is farther back is not looked at.
    let word_start = |end: usize| {
        let floor = (end.saturating_sub(40)..=end)
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(end);
        text[floor..end]
            .rfind(|c: char| !(c.is_alphabetic() || c == '\'' || c == '-'))
            .map_or(floor, |before| {
                floor + before + text[floor + before..].chars().next().map_or(1, char::len_utf8)
            })
    };
    let start = word_start(at);
    let Some(word) = word_at(text, start).filter(|word| word.end == at) else {
        return;
    };
    let lower = word.lower();
    // "Ada Example here": a given name, and then any capital.
    let given_before = || {
        start > 1
            && word.capital()
            && word_at(text, word_start(start - 1)).is_some_and(|first| {
                first.end + 1 == start && first.capital() && may_be_given(&first.lower())
            })
    };
    if never(&lower)
        || !(is_given(&lower)
            || (word.capital() && may_be_given(&lower))
            || is_surname(&lower) && word.capital()
            || given_before())
    {
        return;
    }
    let mut begin = start;
    if start > 0 && text[..start].ends_with(' ') {
        let before = word_start(start - 1);
        if let Some(first) = word_at(text, before).filter(|first| first.end == start - 1)
            && (is_given(&first.lower()) || (first.capital() && may_be_given(&first.lower())))
        {
            begin = before;
        }
    }
    hits.push(Hit {
        start: begin,
        end: at,
        score: 0.6,
    });
}

/// A given name followed by a surname, or two known names, without a cue.
fn full(text: &str, _cues: &[Cue<'_>], hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    let letter = |b: u8| b.is_ascii_alphabetic() || b >= 0x80;
    let mut at = 0;
    while at < bytes.len() {
        if !letter(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && letter(bytes[at]) {
            at += 1;
        }
        let coded = start > 0
            && (bytes[start - 1].is_ascii_digit() || matches!(bytes[start - 1], b'_' | b'@' | b'.'));
        let goes_on = matches!(bytes.get(at), Some(b' ' | b'\'' | b'-'));
        if coded || !goes_on || !may_begin_name(&text[start..at]) {
            continue;
        }
        let Some(first) = word_at(text, start) else {
            continue;
        };
        let lower = first.lower();
        // "John's": nothing else than a name takes both a capital and a possessive here.
        if first.text.ends_with("'s")
            && first.capital()
            && is_given(&lower)
            && !never(&lower)
            && !next_capital(text, first.end)
            && !["St. ", "St ", "Saint "]
                .iter()
                .any(|saint| text[..start].ends_with(saint))
        {
            hits.push(Hit {
                start,
                end: name_end(first),
                score: 0.55,
            });
            at = first.end;
            continue;
        }
        if bytes.get(first.end) == Some(&b' ')
            && let Some(second) = word_at(text, first.end + 1)
            && is_full_name(first, second, text)
        {
            let end = read_name(text, first, false, false).max(name_end(second));
            hits.push(Hit {
                start,
                end,
                score: 0.55,
            });
            at = end;
        }
    }
}

/// Whether a capitalised word follows: "St. John's Wort", "Trader Joe's Organic".
fn next_capital(text: &str, at: usize) -> bool {
    text[at..]
        .strip_prefix(' ')
        .and_then(|_| word_at(text, at + 1))
        .is_some_and(|word| {
            word.text.starts_with(char::is_uppercase) && word.text.contains(char::is_lowercase)
                || word.lower() == "wort"
        })
}

fn is_full_name(first: Word<'_>, second: Word<'_>, text: &str) -> bool {
    if !first.text.is_ascii() && !first.capital() {
        return false;
    }
    let direct = &text[first.end..second.start] == " ";
    // Cheap tests first: most words are neither capitalised nor in the lists.
    if first.capital() && second.capital() {
        let (a, b) = (first.lower(), second.lower());
        if never(&a) || never(&b) || second.text.len() < 2 {
            return false;
        }
        let shouting = first.text.chars().nth(1).is_some_and(char::is_uppercase);
        return direct
            && (is_given(&a) && (is_surname(&b) || is_given(&b) || (!is_common(&b) && !shouting))
                || may_be_given(&a) && is_surname(&b) && !is_common(&b));
    }
    if first.capital() || second.capital() || !direct {
        return false;
    }
    let (a, b) = (first.lower(), second.lower());
    is_given(&a) && is_surname(&b) && !is_common(&a) && !is_common(&b)
}
