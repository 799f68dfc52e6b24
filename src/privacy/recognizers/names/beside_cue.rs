//! Names that a cue announces.

use super::super::pattern::Hit;
use super::super::places::is_large;
use super::foreign::{is_foreign, is_small_word};
use super::german::{is_said_of_oneself, stands_for_in_the};
use super::reading::{is_joined_particle, push, read_name, skip_announcement, spelled, spells};
use super::without_cue::{KIN, NO_SURNAMES, OPENERS};
use super::word::{SEASONS, Word, skip, word_at, word_before};
use crate::privacy::lexicon::Cue;
use crate::privacy::scan::Scan;
use crate::privacy::sense::{Lead, Sense};

/// Words with a capital that follow a title and are no name: "my Dr. Office called", "Mr. Clean".
const NOT_TITLED: &[&str] = &[
    "office",
    "visit",
    "note",
    "notes",
    "said",
    "says",
    "told",
    "wants",
    "called",
    "prescribed",
    "wrote",
    "clean",
    "dash",
    "coffee",
    "bubble",
    "muscle",
    "approved",
    "faxed",
    "gave",
    "orders",
    "ordered",
    "requested",
    "name",
    "names",
    "appointment",
    "appointments",
    "prescription",
    "changed",
    "needs",
    "will",
    "must",
    "recommends",
    "recommended",
    "suggests",
    "suggested",
    "put",
    "took",
    "just",
    "also",
    "never",
    "refused",
    "refilled",
    "thinks",
];

/// Words after a name that say that its owner speaks.
const HERE: &[&str] = &["here", "calling", "speaking", "again", "writing"];

pub(super) fn find(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for cue in &scan.cues.all {
        for lead in cue.senses.iter().filter_map(|sense| match sense {
            Sense::Introduces(lead) => Some(*lead),
            _ => None,
        }) {
            match lead {
                Lead::Here => before_here(text, cue, hits),
                Lead::Dated => before_birth(text, cue.start, hits),
                Lead::Acts | Lead::Beside => before_act(text, cue, lead, hits),
                lead => after_lead(text, cue, lead, hits),
            }
        }
    }
}

/// Whether `word` can be the first of a name under `lead`; `next` is the one after it.
fn can_begin(lead: Lead, word: Word<'_>, next: Option<Word<'_>>) -> bool {
    if word.never() {
        return false;
    }
    let capital = word.capital();
    let second_capital = next.is_some_and(|next| {
        next.capital() && !next.never() && (!next.common() || next.surname()) || is_joined_particle(next)
    });
    // "Mrs. G. Plumb".
    if word.initial()
        && lead == Lead::Title
        && next.is_some_and(|next| next.title_case() && !next.never() && next.text.len() > 2)
    {
        return capital;
    }
    if word.initial() {
        return capital
            && (second_capital || matches!(lead, Lead::Title | Lead::Declared))
            && next.is_some_and(|next| next.capital());
    }
    let common = word.common() && !word.given();
    // "the name is van der meer".
    if lead == Lead::Declared
        && word.particle()
        && next.is_some_and(|next| next.particle() || next.surname() && !next.common())
    {
        return true;
    }
    // "nombre del medicamento".
    if lead == Lead::Declared && word.is(&["del", "du", "des"]) && !capital {
        return false;
    }
    // "Van Houten", "De La Cruz".
    if capital && word.particle() && second_capital && !matches!(lead, Lead::Introduced | Lead::Greeting) {
        return true;
    }
    let second_surname = next.is_some_and(|next| next.surname() && capital == next.capital());
    match lead {
        Lead::Declared => capital || !common || (word.may_be_given() && word.text.len() > 3),
        Lead::Title => {
            word.given()
                || word.surname()
                || (!common && (capital || word.text.len() > 3))
                // "Dr. May", "Dr. Will Park", but "my Dr. Will not refill".
                || word.title_case()
                    && word.name_and_word()
                    && (!word.is(NOT_TITLED) || next.is_none_or(|next| next.title_case()))
                // "Dr. Feldspar".
                || word.title_case() && word.text.len() > 3 && !word.is(NOT_TITLED)
        }
        Lead::Greeting => (word.known() && (!common || word.surname())) || word.strange_capital(),
        Lead::Label => {
            (word.may_be_given() && second_surname)
                // "Patient Faith Adjei": a word that is a name as well, and a surname in no list.
                || (word.title_case() && word.name_and_word() && next.is_some_and(|next| next.strange_capital()))
                || (capital && !common && (word.known() || second_capital || word.surname()))
        }
        Lead::Introduced => {
            (word.known() && (!common || second_capital))
                || (word.may_be_given() && word.strange() && word.text.len() > 3)
                || (!common && second_surname && !next.is_some_and(|next| next.common()))
                || word.strange_capital()
                || (capital && second_capital && !word.proper() && !common && word.title_case())
                // "this is angel de la cruz".
                || (word.name_and_word() && next.is_some_and(|next| next.is(&["de", "del", "dela", "van", "von", "bin", "ibn", "al"])))
                // "Big Mike".
                || (word.title_case() && next.is_some_and(|next| next.title_case() && next.given() && !next.proper()))
        }
        Lead::Role => {
            word.known() && (!common || second_surname)
                || word.strange_capital()
                || word.surname() && !word.common() && !word.proper()
        }
        Lead::Relation => {
            word.known() && (!common || second_surname) && !word.proper()
                || word.strange_capital() && next.is_some_and(|next| next.strange_capital())
        }
        Lead::ForeignKin if !capital => word.given_in_lower_case(),
        Lead::Kin | Lead::ForeignKin => {
            word.given()
                || (word.may_be_given() && (capital || word.strange()))
                || (word.strange() && capital && !word.proper())
        }
        Lead::SignOff | Lead::Here | Lead::Acts | Lead::Beside | Lead::Dated | Lead::Spelled => false,
    }
}

fn after_lead(text: &str, cue: &Cue<'_>, mut lead: Lead, hits: &mut Vec<Hit>) {
    let marks: &[char] = match lead {
        Lead::Declared | Lead::Label => &[':', '=', '"', '-', ',', '(', '\'', '>', '#'],
        Lead::SignOff => &[',', '.', '!', '-', '~', '—', '*', ':', '/'],
        Lead::Spelled => &[',', '.', ':', '-'],
        Lead::Title => &['.', ':', ',', ')'],
        Lead::Introduced => &[',', ':'],
        _ => &[',', '(', ':', '"', '-'],
    };
    let (mut at, line) = skip(text, cue.end, marks);
    let passed = &text[cue.end..at];
    let labelled = passed.contains([':', '=']);
    if at == cue.end {
        return;
    }
    // "Drug name: Plaquenil", "trade name is Coumadin": the name of a thing.
    if matches!(lead, Lead::Label | Lead::Declared) && names_a_thing(text, cue) {
        return;
    }
    let said = &text[cue.start..cue.end];
    let mut of_role = false;
    match lead {
        // "RE: Missing tablets": what a mail is about.
        Lead::Label if labelled && said.eq_ignore_ascii_case("re") => {}
        Lead::Label if labelled => {
            of_role = !said.eq_ignore_ascii_case("name");
            lead = Lead::Declared;
        }
        // "user_agent".
        Lead::Role if text[..cue.start].ends_with('_') => return,
        // "To Ada," greets where a line begins; elsewhere it leads to a place or a thing as often as to a person.
        Lead::Greeting if is_to(text, cue) && !begins_line(text, cue.start) => lead = Lead::Relation,
        Lead::Introduced | Lead::Greeting | Lead::Title if line => return,
        _ => {}
    }
    // "name is", "name would be", "my wife's name is", "um".
    for _ in 0..3 {
        let linking: &[&str] = match lead {
            Lead::Declared => &["is", "was", "of", "on", "the", "be", "um", "uh", "to"],
            Lead::Kin | Lead::ForeignKin => &["is", "um", "uh", "named", "called"],
            Lead::Introduced => &["um", "uh"],
            Lead::Label => &["is"],
            _ => break,
        };
        match word_at(text, at) {
            Some(word) if word.is(linking) && word.text.len() > 1 => (at, _) = skip(text, word.end, marks),
            _ => break,
        }
    }
    // "it's v as in victor o i g t".
    if lead == Lead::Introduced
        && let Some(end) = spelled(text, at, 4)
    {
        return hits.push(Hit::new(at, end, 0.6));
    }
    if matches!(lead, Lead::Declared | Lead::Spelled) {
        let letters = skip_announcement(text, at);
        if let Some(end) = spelled(text, letters, 3) {
            // "hargrove spelled h a r g r o v e".
            if let Some(word) = word_before(text, cue.start.saturating_sub(1))
                && spells(&text[letters..end], word.text)
            {
                hits.push(Hit::new(word.start, word.end, 0.6));
            }
            return hits.push(Hit::new(letters, end, 0.6));
        }
        // "Middle initial: B"; but "From: B. Plumb" is more than its initial.
        let goes_on = |end: usize| {
            let next = text[end..]
                .strip_prefix('.')
                .map(|rest| rest.trim_start_matches(' '));
            next.is_some_and(|next| next.starts_with(char::is_uppercase))
                && !text[..cue.end].ends_with("initial")
        };
        if labelled
            && let Some(word) = word_at(text, at).filter(|word| word.initial() && word.capital())
            && !text[word.end..].starts_with([' ', '/', '-'])
            && !goes_on(word.end)
        {
            return push(text, word.start, word.end, 0.6, hits);
        }
    }
    // A title between: "this is Dr. Patel" is found from the title.
    let Some(first) = word_at(text, at) else {
        return;
    };
    // "Blut im Urin", "ich bin Diabetikerin".
    if lead == Lead::Introduced
        && (stands_for_in_the(text, &text[cue.start..cue.end], cue.start, first) || is_said_of_oneself(first))
    {
        return;
    }
    // What begins no name, whatever follows.
    let unknown = || {
        !first.known()
            && !first.name_and_word()
            && !(first.capital() && (first.initial() || first.particle() || first.strange()))
    };
    if lead != Lead::SignOff && (first.never() || lead == Lead::Relation && unknown()) {
        return;
    }
    let next_at = first.end + if text[first.end..].starts_with(". ") { 2 } else { 1 };
    let next = text
        .get(first.end..next_at)
        .filter(|gap| matches!(*gap, " " | ". "))
        .and_then(|_| word_at(text, next_at));
    if lead == Lead::SignOff {
        return sign_off(text, cue, at, first, hits);
    }
    // "Patient: Adult", "Attn: Billing": what somebody is, or an office.
    if of_role
        && first.common()
        && !first.may_be_given()
        && !first.surname()
        && !next
            .is_some_and(|next| next.capital() && (next.strange() || next.surname() || next.may_be_given()))
    {
        return;
    }
    // "her name will change".
    let is_said = || {
        let between = text[cue.start..first.start].trim_end_matches([' ', ':', '=', '"', ',']);
        [" is", " was", "'s"].iter().any(|link| between.ends_with(link))
    };
    if lead == Lead::Declared && first.is(&["will", "may"]) && !first.title_case() && !labelled && !is_said()
    {
        return;
    }
    // "the label says Zolpidem": what a label says is as often what is in it.
    if lead == Lead::Declared && is_on_label(text, cue) && !is_name_on_label(first, next) {
        return;
    }
    // "it's karen again", "this is tobias fenwick calling".
    let here = || {
        let followed = |word: Option<Word<'_>>| word.is_some_and(|word| word.is(HERE));
        lead == Lead::Introduced
            && (first.strange() || first.name_and_word())
            && (followed(next)
                || next.is_some_and(|next| {
                    next.strange()
                        && text[next.end..].starts_with(' ')
                        && followed(word_at(text, next.end + 1))
                }))
    };
    // "DOE, JANE" and "doe, jane" under a label, "Doe, Jane" beside one.
    let reversed = || {
        text[first.end..].starts_with(", ") && word_at(text, first.end + 2).is_some_and(|word| word.known())
    };
    let shouted = first.strange() && !first.initial() && !first.text.contains(char::is_lowercase);
    let turned = lead == Lead::Label && (first.strange_capital() || shouted) && reversed();
    // "my daughter wren": in lower case, a name that is also a word counts where the clause ends.
    let closes = || lead == Lead::Kin && first.name_and_word() && ends_clause(text, first.end);
    let closes = || {
        closes()
            // "I'm Destiny, a quick question", "I'm Bill's carer".
            || lead == Lead::Introduced
                && first.title_case()
                && first.name_and_word()
                && (ends_clause(text, first.end) || first.text.len() > first.stem().len() && !first.is(SEASONS))
            || is_pet(text, cue)
                && first.title_case()
                && !first.proper()
                && !next.is_some_and(|next| next.capital())
    };
    let closes = || {
        closes()
            || lead == Lead::Greeting && first.title_case() && first.name_and_word() && ends_clause(text, first.end)
            // "its for Jalen, hes 6".
            || matches!(lead, Lead::Relation | Lead::Label) && first.strange_capital() && is_spoken_of(text, first.end)
            // "tell Xiomara", "[NAME_REDACTED] and Jalen".
            || lead == Lead::Relation
                && is_said_to(text, cue)
                && (first.strange_capital() || first.title_case() && first.surname() && !first.proper())
            // "the delivery guy Rico", "your agent Prince", "Aunt May".
            || lead == Lead::Role
                && first.name_and_word()
                && (first.title_case() && !first.thing()
                    // "Manager, Fern House".
                    || first.title_case()
                        && passed == " "
                        && (said.starts_with(char::is_uppercase) || !first.is(SEASONS))
                        && !next.is_some_and(|next| next.is(NO_SURNAMES))
                    || ends_clause(text, first.end) && !is_state(first))
            // "script under Obrecht", "a parcel addressed to Okwuosa".
            || lead == Lead::Label
                && (text[..cue.end].ends_with("under") || text[..cue.end].ends_with("addressed to"))
                && first.strange_capital()
            // "Member Mark Chow": two words with capitals behind what somebody is.
            || lead == Lead::Label
                && OWNERS.iter().any(|owner| said.eq_ignore_ascii_case(owner))
                && first.title_case()
                && first.name_and_word()
                && next.is_some_and(|next| {
                    next.title_case()
                        && !next.never()
                        && !next.is(NO_SURNAMES)
                        && (!next.common() || !first.is(&["will", "may"]))
                })
            // "husband Mark and I", "son: Chance, 9".
            || lead == Lead::Relation
                && ["son", "daughter", "wife", "husband"].iter().any(|kin| said.eq_ignore_ascii_case(kin))
                && first.title_case()
                && first.name_and_word()
                && !text[first.end..].trim_start().starts_with(|c: char| c.is_ascii_digit())
            // "my name is art".
            || lead == Lead::Declared && first.name_and_word() && is_said()
    };
    // "im april and i", "hi grace,".
    let closes = || closes() || name_and_word_in_frame(text, cue, lead, first, passed);
    if !can_begin(lead, first, next) && !here() && !turned && !closes()
        || lead == Lead::Title && is_no_titled(text, cue, first, passed)
    {
        return;
    }
    // "Mein Sohn: Fieber seit gestern": a noun has a capital in German.
    let german = || {
        text[cue.start..cue.end]
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("mein"))
    };
    if lead == Lead::ForeignKin && passed.contains([':', ',', '(']) && !first.known() && german() {
        return;
    }
    // "mi mamá nada más", "mon mari".
    if lead != Lead::Declared && is_small_word(text, first) {
        return;
    }
    // "ship to Georgia": where parcels go, a word that is also a place is one.
    let person = || first.given() || next.is_some_and(|next| next.surname() || is_joined_particle(next));
    // "ships from Nevada".
    if !labelled
        && lead == Lead::Label
        && is_large(first.text)
        && !next.is_some_and(|next| next.surname() || next.strange_capital())
    {
        return;
    }
    // "and Johnson & Johnson" is a company.
    if lead == Lead::Relation && (text[first.end..].starts_with(" & ") || text[..first.start].ends_with("& "))
    {
        return;
    }
    if !labelled
        && lead != Lead::Declared
        && leads_to_place(text, cue)
        && !person()
        && !text[..cue.end].ends_with("addressed to")
    {
        return;
    }
    let comma = lead == Lead::Declared && (first.capital() || reversed()) || turned;
    let sure = match lead {
        Lead::Declared | Lead::Title => first.capital(),
        Lead::Label => OWNERS.iter().any(|owner| said.eq_ignore_ascii_case(owner)) && first.name_and_word(),
        Lead::Introduced | Lead::Kin | Lead::ForeignKin => first.capital() && first.may_be_given(),
        _ => false,
    };
    // "Mrs. Meyer's soap", "Dr. Brown's bottles".
    if lead == Lead::Title
        && first.text.len() > first.stem().len()
        && let Some(next) = word_at(text, first.end + 1)
        && (next.product()
            || next.is(&[
                "bottle", "bottles", "belt", "rice", "sauce", "pads", "nipples", "generic",
            ]))
    {
        return;
    }
    // In lower case the words behind it are in no list either.
    let small = first.text.starts_with(char::is_lowercase)
        && match lead {
            Lead::ForeignKin => true,
            Lead::Title => is_noun_title(text, cue),
            Lead::Relation => is_foreign(text),
            _ => false,
        };
    let end = if small {
        with_known_surname(text, first)
    } else {
        read_name(text, first, comma, sure)
    };
    // The title belongs to the name, and so does a pair of titles.
    let titled = lead == Lead::Role
        && text[cue.start..cue.end].starts_with(char::is_uppercase)
        && passed == " "
        && first.capital();
    let start = if lead == Lead::Title || titled {
        pair_of_titles(text, cue.start)
    } else {
        first.start
    };
    push(text, start, end, 0.6, hits);
    // Each "and" in a list is a cue itself.
    if matches!(
        lead,
        Lead::Kin | Lead::ForeignKin | Lead::Declared | Lead::Relation
    ) && !text[cue.start..cue.end].eq_ignore_ascii_case("and")
    {
        others(text, end, hits);
    }
}

/// Titles of other languages that are as often nouns there: "la señora dijo", "die Frau kommt".
const TITLES_AND_NOUNS: &[&str] = &[
    "docteur",
    "docteure",
    "doctora",
    "doctor",
    "dokter",
    "doktor",
    "dottor",
    "dottore",
    "dottoressa",
    "doutor",
    "doutora",
    "señor",
    "señora",
    "herr",
    "frau",
    "monsieur",
    "madame",
    "signor",
    "signora",
    "signore",
    "senhor",
    "senhora",
    "dona",
    "meneer",
    "mevrouw",
    "pani",
    "panią",
    "pana",
    "panu",
];

/// Of those, the ones that are no nouns of a text written in lower case, where an unknown word behind them may be a name.
const SELDOM_NOUNS: &[&str] = &["herr", "frau", "señor", "señora", "monsieur", "madame", "mevrouw"];

/// Whether a cue is one of [`TITLES_AND_NOUNS`].
fn is_noun_title(text: &str, title: &Cue<'_>) -> bool {
    let said = text[title.start..title.end].to_lowercase();
    TITLES_AND_NOUNS.contains(&said.as_str()) && (said != "doctor" || is_foreign(text))
}

/// Whether the title of another language is one that is spoken to, "Docteur, puis-je", or a noun, behind which its verb stands in lower case.
fn is_no_titled(text: &str, title: &Cue<'_>, first: Word<'_>, passed: &str) -> bool {
    let spoken_to = passed.contains(',');
    let is_verb = || {
        first.text.starts_with(char::is_lowercase)
            && !first.known()
            && !(first.surname() && first.strange())
            // A text that has capitals has one in a name.
            && (text.contains(char::is_uppercase)
                || !SELDOM_NOUNS.iter().any(|known| text[title.start..title.end].eq_ignore_ascii_case(known)))
    };
    (spoken_to || is_verb()) && is_noun_title(text, title)
}

/// The end of a name in lower case that begins with `first`: with the small words of a name, "van der aa", and the surname behind it, where that
/// is nothing else or a given name stands before.
fn with_known_surname(text: &str, first: Word<'_>) -> usize {
    let next = |word: Word<'_>| {
        text[word.end..]
            .strip_prefix(' ')
            .and_then(|_| word_at(text, word.end + 1))
    };
    let mut last = first;
    while last.particle()
        && let Some(word) = next(last)
    {
        last = word;
    }
    next(last)
        .filter(|second| {
            second.surname()
                && second.text.len() > 3
                && (second.strange() || first.given() && !second.never())
                && !is_small_word(text, *second)
        })
        .map_or(last.stem_end(), |second| second.stem_end())
}

/// Most names that follow the first of a list.
const MAX_OTHERS: usize = 6;

/// The rest of "my kids Ivy, Tommy and Ella", whose first name ends at `end`.
fn others(text: &str, mut end: usize, hits: &mut Vec<Hit>) {
    for _ in 0..MAX_OTHERS {
        let marked = [", and ", " and ", " & ", ", "]
            .iter()
            .find_map(|mark| Some((*mark, text[end..].strip_prefix(mark)?)));
        let Some((mark, rest)) = marked else {
            return;
        };
        let Some(next) = word_at(text, text.len() - rest.len()) else {
            return;
        };
        // Behind a comma an apposition may begin: "my son Will, Jr.", "my wife June, Oregon".
        let sure = next.given() || next.name_and_word();
        let known = next.may_be_given() && !next.proper();
        if !next.capital() || !(sure && known || mark != ", " && (known || next.strange_capital())) {
            return;
        }
        end = read_name(text, next, false, false);
        push(text, next.start, end, 0.6, hits);
    }
}

/// Whether a name that is also a word is one here, in lower case or behind a greeting: "im april and i", "hi grace, i still", "its may again".
fn name_and_word_in_frame(text: &str, cue: &Cue<'_>, lead: Lead, word: Word<'_>, passed: &str) -> bool {
    // Said of oneself, or asked, as words.
    const GOES_ON: [&str; 19] = [
        "thank", "can", "could", "you", "do", "i", "i'm", "im", "i've", "quick", "its", "it's", "this", "my",
        "just", "thanks", "sorry", "from", "and",
    ];
    let is_capital = word.text.starts_with(char::is_uppercase);
    if passed != " "
        || !word.name_and_word()
        || is_capital && !matches!(lead, Lead::Greeting | Lead::Relation | Lead::Introduced)
    {
        return false;
    }
    let rest = &text[word.end..];
    let next = rest.strip_prefix(' ').and_then(|_| word_at(text, word.end + 1));
    let is_followed_by = |words: &[&str]| next.is_some_and(|next| next.is(words));
    let marked = rest.is_empty() || rest.starts_with([',', '.', '!', '?', '\n']);
    let is_cue = |cues: &[&str]| {
        cues.iter()
            .any(|known| text[cue.start..cue.end].eq_ignore_ascii_case(known))
    };
    let passes = !word.thing() && !is_state(word);
    match lead {
        // "a guy named rich".
        Lead::Kin if is_cue(&["named"]) => true,
        // "i talked to summer on chat", "can i speak to crystal please".
        Lead::Kin | Lead::Relation if is_of_talk(text, cue) => {
            !word.is(&["guy", "buddy"]) && (marked || is_followed_by(AFTER_TALK))
        }
        // "my husband grant set up the account": behind one person no verb stands in this form, but for these.
        Lead::Kin if is_of_family(text, cue) => {
            !is_state(word) && !word.is(&["may", "drew", "precious", "christian"])
        }
        // "tell joy thank you", "Ask May at the counter".
        Lead::Relation if is_cue(&["tell", "told", "ask", "thank"]) => {
            passes || is_capital && is_followed_by(&["at", "in", "to", "about", "if", "for", "that", "who"])
        }
        // "prescription number 7704192 for hope my daughter".
        Lead::Relation
            if is_cue(&["for"])
                && !word.is(&["will", "may"])
                && is_followed_by(&["my"])
                && next.is_some_and(|my| {
                    text[my.end..].starts_with(' ')
                        && word_at(text, my.end + 1).is_some_and(|kin| kin.is(KIN))
                }) =>
        {
            true
        }
        // "order for violet never came", "its for hazel".
        Lead::Relation if text[..cue.end].ends_with("for") => {
            passes && is_wanted(text, cue) && (ends_clause(text, word.end) || is_followed_by(&AFTER_OWNER))
        }
        Lead::Introduced if is_cue(&["it's", "its", "it is"]) => {
            is_followed_by(HERE) || is_followed_by(&["from"]) && !is_state(word)
        }
        Lead::Introduced => {
            (is_capital || !is_state(word))
                && (marked || is_followed_by(&["and", "from"]) || is_followed_by(HERE))
        }
        // "thx chase, appreciate it", "Thank you Mark for the help".
        Lead::Greeting if is_cue(&["thanks", "thank you", "thank u", "thx", "ty", "thanx", "tysm"]) => {
            !is_state(word)
                && !word.is(&["buddy", "sonny", "princess", "precious"])
                && (marked || is_capital && is_followed_by(&["for"]))
        }
        Lead::Greeting if is_cue(&["hi", "hey", "hello", "dear", "hiya"]) => {
            marked || is_followed_by(&GOES_ON) && !word.is(&["will", "may"])
        }
        _ => false,
    }
}

/// What follows a name behind "talked to".
const AFTER_TALK: &[&str] = &[
    "on",
    "in",
    "at",
    "from",
    "about",
    "last",
    "yesterday",
    "today",
    "this",
    "please",
    "and",
    "earlier",
    "again",
    "who",
    "before",
    "she",
    "he",
];

/// Who a pharmacy writes of, before a name.
const OWNERS: [&str; 8] = [
    "patient",
    "pt",
    "member",
    "customer",
    "caller",
    "client",
    "resident",
    "subscriber",
];

/// Whether the cue speaks of a talk with somebody: "spoke to", "talking with".
fn is_of_talk(text: &str, cue: &Cue<'_>) -> bool {
    let said = &text[cue.start..cue.end];
    ["spoke", "talk", "speak", "chatted"].iter().any(|verb| {
        said.get(..verb.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(verb))
    })
}

/// Whether the cue "name" is that of a thing: "drug name", "the brand's name is".
fn names_a_thing(text: &str, cue: &Cue<'_>) -> bool {
    const THINGS: &[&str] = &[
        "drug",
        "drugs",
        "medication",
        "medicine",
        "med",
        "product",
        "brand",
        "generic",
        "trade",
        "store",
        "pharmacy",
        "plan",
        "insurance",
        "item",
        "device",
        "test",
        "program",
        "chemical",
        "ingredient",
        "vaccine",
        "tablet",
        "pill",
        "cream",
    ];
    let is_name = text
        .get(cue.start..cue.start + "name".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("name"));
    is_name
        && word_before(text, text[..cue.start].trim_end_matches(' ').len())
            .is_some_and(|thing| thing.is(THINGS))
}

/// Whether the cue speaks of what is printed on a label.
fn is_on_label(text: &str, cue: &Cue<'_>) -> bool {
    let said = text[cue.start..cue.end].to_ascii_lowercase();
    let said = said.strip_suffix(" is").unwrap_or(&said);
    said.ends_with(" says")
        || said.ends_with(" reads")
        || said.starts_with("says on")
        || ["label", "bottle", "package", "prescription"].iter().any(|on| {
            said.strip_suffix(on)
                .is_some_and(|said| said.ends_with("name on the "))
        })
}

/// Whether what a label says is a person: a known name, or two words of which one can be nothing else.
fn is_name_on_label(first: Word<'_>, next: Option<Word<'_>>) -> bool {
    let ends_name = |next: Word<'_>| {
        next.surname() && !next.common() && !next.proper() || next.strange_capital() && next.capital()
    };
    first.given()
        || first.may_be_given() && first.strange() && (first.capital() || first.text.len() > 3)
        || first.surname() && first.strange()
        || first.capital()
            && (first.may_be_given() || first.strange() || first.initial())
            && next.is_some_and(|next| next.capital() && ends_name(next))
}

/// Said of oneself, or asked, as words; so no name behind "im", in lower case.
fn is_state(word: Word<'_>) -> bool {
    word.is(&[
        "rich", "rusty", "frank", "sunny", "guy", "will", "misty", "rocky", "ward", "summer", "noble",
        "royal", "lucky", "star", "stormy", "windy",
    ])
}

/// Whether the cue is one person of a family or beside it, "my husband", and no verb.
fn is_of_family(text: &str, cue: &Cue<'_>) -> bool {
    let cue = &text[cue.start..cue.end];
    !cue.ends_with(['s', 'S'])
        && ["my ", "our ", "his ", "her "].iter().any(|owner| {
            cue.get(..owner.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(owner))
        })
}

/// Whether what `word`, a name and as often something else, is said to do can be said of things too: "the bill was my fault", "summer and I".
fn is_weak(text: &str, cue: &Cue<'_>, word: Word<'_>) -> bool {
    word.thing()
        && [
            "is ", "was ", "will ", "can ", "took ", "lost ", "never ", "picked ", "turned", "takes",
            "wants", "and ",
        ]
        .iter()
        .any(|verb| text[cue.start..].starts_with(verb))
        && !text[cue.start..].starts_with("is my")
}

/// Words that may follow a name where something for its owner is spoken of.
const AFTER_OWNER: [&str; 16] = [
    "never", "still", "not", "to", "please", "pls", "but", "he", "she", "his", "her", "came", "didn't",
    "didnt", "hasnt", "today",
];

/// Whether the cue, which ends in "for", speaks of what is ordered for somebody: "refill for", "its for".
fn is_wanted(text: &str, cue: &Cue<'_>) -> bool {
    const WANTED: &[&str] = &[
        "refill",
        "order",
        "prescription",
        "script",
        "rx",
        "meds",
        "medication",
        "medicine",
        "pills",
        "inhaler",
        "insulin",
        "package",
        "parcel",
        "drops",
        "appointment",
        "it's",
        "its",
        "is",
        "was",
        "one",
        "ordered",
    ];
    let at = cue.end - "for".len();
    word_before(text, text[..at].trim_end_matches(' ').len()).is_some_and(|word| word.is(WANTED))
}

/// Whether what follows the cue is spoken to, "tell", or stands beside a name, as "and" does behind one that is masked.
fn is_said_to(text: &str, cue: &Cue<'_>) -> bool {
    let said = &text[cue.start..cue.end];
    ["tell", "told", "ask", "thank"]
        .iter()
        .any(|known| said.eq_ignore_ascii_case(known))
        || said.eq_ignore_ascii_case("and") && text[..cue.start].ends_with("\u{1} ")
}

/// Whether a person is spoken of from `at`: ", hes 6", ", she needs it", " who".
fn is_spoken_of(text: &str, at: usize) -> bool {
    const OF_PEOPLE: &[&str] = &[
        "he", "she", "hes", "shes", "he's", "she's", "who", "whos", "who's", "his", "her", "aged",
    ];
    let rest = text[at..].trim_start_matches([',', '.', ' ']);
    word_at(text, text.len() - rest.len()).is_some_and(|word| word.is(OF_PEOPLE))
}

/// "hope told me", "is jasmine there", "henrik with a k": the name before the cue.
fn before_act(text: &str, cue: &Cue<'_>, lead: Lead, hits: &mut Vec<Hit>) {
    let Some(end) = cue
        .start
        .checked_sub(1)
        .filter(|end| text.as_bytes()[*end] == b' ')
    else {
        return;
    };
    let Some(word) = word_before(text, end).filter(|word| !word.never() && word.text.len() > 1) else {
        return;
    };
    let before = text[..word.start].trim_end_matches(' ');
    let previous = word_before(text, before.len());
    let follows = |words: &[&str]| previous.is_some_and(|previous| previous.is(words));
    // "grace kim told me".
    let first = previous.filter(|first| {
        first.end + 1 == word.start
            && (first.given() || first.name_and_word())
            && word.surname()
            && !word.common()
    });
    if let Some(first) = first {
        return hits.push(Hit::new(first.start, end, 0.6));
    }
    let rare = word.may_be_given() && word.strange();
    let accepted = if lead == Lead::Acts {
        let begins = before.is_empty()
            || before.ends_with(['.', '!', '?', ',', ';', ':', '\n', '-'])
            || follows(OPENERS);
        word.given() && !word.common()
            || begins && (rare || word.name_and_word() && !is_weak(text, cue, word) || word.strange_capital())
    } else if text[cue.start..cue.end].to_ascii_lowercase().starts_with("with") {
        // One letter, said to spell the name.
        (word.given() || rare)
            && word_at(text, cue.end + 1).is_some_and(|letter| letter.text.len() == 1 && letter.end > cue.end)
    } else {
        follows(&["is", "was", "are"]) && (word.given() || rare || word.name_and_word())
    };
    if accepted {
        hits.push(Hit::new(word.start, word.stem_end(), 0.6));
    }
}

/// Whether who speaks is told by `word`, a name and as often something else, before `cue`: at a beginning, and with no clause going on.
fn is_speaker(text: &str, word: Word<'_>, cue: &Cue<'_>) -> bool {
    let said = &text[cue.start..cue.end];
    let is_said = |words: &[&str]| words.iter().any(|known| said.eq_ignore_ascii_case(known));
    let before = text[..word.start].trim_end_matches([' ', ',']);
    let begins = begins_line(text, word.start)
        || word_before(text, before.len())
            .is_some_and(|before| before.is(&["yes", "hi", "hello", "hey", "hiya", "yeah", "um", "uh"]));
    let rest = &text[cue.end..];
    let next = rest.strip_prefix(' ').and_then(|_| word_at(text, cue.end + 1));
    let goes_on = &["calling", "again", "from", "i", "i'm", "im", "my"];
    let apart = rest.is_empty()
        || rest.starts_with([',', '.', '!', '-', '\n'])
        || next.is_some_and(|next| next.is(goes_on));
    // "put ray on the phone".
    let is_put = is_said(&["on the phone", "on the line"])
        && word_before(text, before.len())
            .is_some_and(|before| before.is(&["put", "get", "got", "have", "had"]));
    is_put || begins && (is_said(&["speaking", "calling"]) && !is_state(word) || is_said(&["here"]) && apart)
}

/// Whether nothing of the clause follows at `at`, or its verb does.
fn ends_clause(text: &str, at: usize) -> bool {
    const VERBS: [&str; 25] = [
        "or", "is", "has", "was", "had", "needs", "takes", "got", "gets", "said", "says", "and", "who",
        "wants", "isn't", "hasn't", "can't", "cannot", "died", "passed", "doesn't", "takes", "called",
        "ordered", "lives",
    ];
    let rest = text[at..].trim_start_matches(' ');
    rest.is_empty()
        || rest.starts_with(['.', ',', '!', '?', ';', ')', '\n'])
        || word_at(text, text.len() - rest.len()).is_some_and(|word| word.is(&VERBS))
}

/// Whether the cue speaks of an animal, which may be called anything.
fn is_pet(text: &str, cue: &Cue<'_>) -> bool {
    ["dog", "cat", "puppy", "kitten"]
        .iter()
        .any(|pet| text[..cue.end].ends_with(pet))
}

/// Where "Mr. and Mrs. Haverford" begins, given where its last title does.
fn pair_of_titles(text: &str, start: usize) -> usize {
    [
        "Mr. and ", "Mr and ", "Mr. & ", "Mr & ", "Dr. and ", "Dr and ", "Dr. & ", "Dr & ",
    ]
    .iter()
    .find(|pair| text[..start].ends_with(**pair))
    .map_or(start, |pair| start - pair.len())
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

/// Titles that are words as well, before a signature.
const TITLES: &[&str] = &[
    "sister", "father", "brother", "nurse", "captain", "sergeant", "officer", "deacon", "aunt", "uncle",
    "miss", "lady", "sir", "nana", "grandma", "grandpa", "granny", "mama", "papa", "big", "old",
];

/// A signature: the words after a closing, to the end of their line.
fn sign_off(text: &str, cue: &Cue<'_>, at: usize, first: Word<'_>, hits: &mut Vec<Hit>) {
    let passed = &text[cue.end..at];
    let new_line = passed.contains('\n');
    // "Grazie della pazienza".
    if !new_line && first.is_seldom_in_lower_case() {
        return;
    }
    let end = read_name(text, first, false, new_line && first.capital());
    let rest = &text[end..];
    // What may follow a name on its line is short: more marks than these and it is no signature.
    // "Ta, Bex x": kisses.
    let rest = rest.strip_prefix(' ').map_or(rest, |after| {
        let kissed = after.trim_start_matches(['x', 'X']);
        if kissed.is_empty() || kissed.starts_with(['\n', ' ', '.']) {
            kissed
        } else {
            rest
        }
    });
    let ends_line = rest
        .chars()
        .take_while(|c| *c != '\n')
        .take(16)
        .all(|c| !c.is_alphanumeric());
    let signs = rest
        .trim_start_matches(' ')
        .starts_with([',', '(', '|', '-', '–'])
        || ends_line;
    // "Sister Mary Agnes", "m. castillo".
    let next_at = first.end + if text[first.end..].starts_with(". ") { 2 } else { 1 };
    let next = word_at(text, next_at)
        .filter(|next| !next.never() && (next.surname() || next.strange() || next.may_be_given()));
    let titled = first.title_case()
        && next.is_some_and(|next| next.title_case() && (first.is(TITLES) || next.may_be_given()))
        // "love, nana ruth".
        || first.is(TITLES) && next.is_some_and(|next| next.given());
    let abbreviated = first.initial() && text[first.end..].starts_with(['.', ' ']);
    if (new_line || passed.contains(','))
        && (titled || new_line && abbreviated)
        && let Some(next) = next
    {
        let end = read_name(text, next, false, new_line && next.capital());
        if ends_clause(text, end) {
            return push(text, first.start, end, 0.6, hits);
        }
    }
    // "Comfort Mensah": a word that we know as no name, before a surname that is nothing else.
    let before_surname = new_line
        && first.title_case()
        && text[first.end..].starts_with(' ')
        && next.is_some_and(|next| {
            next.title_case() && next.surname() && next.strange() && ends_clause(text, next.end)
        });
    if first.never() || (first.common() && !first.may_be_given() && !first.surname() && !before_surname) {
        return;
    }
    let initial = first.initial() && first.capital();
    // "PJ"
    let initials = first.text.len() == 2
        && first.text.bytes().all(|b| b.is_ascii_uppercase())
        && !first.common()
        && ends_line;
    let accepted = if new_line {
        signs && (initials || first.capital() || first.known() || first.text.len() > 2)
    } else {
        (first.known() && (!first.common() || passed.contains([',', '-'])) && (ends_line || end > first.end))
            || (ends_line && passed.contains([',', '-', '~']) && (first.strange_capital() || initial))
    };
    if accepted {
        push(text, first.start, end, 0.6, hits);
    }
}

/// "mark tavares dob 4/9/71": a name that is a word as well, or a surname in no list, right before a date of birth.
fn before_birth(text: &str, at: usize, hits: &mut Vec<Hit>) {
    let before = |end: usize| {
        let end = text[..end].trim_end_matches([' ', ',', '(']).len();
        word_before(text, end).filter(|word| !word.never() && word.text.len() > 1)
    };
    let Some(surname) = before(at) else {
        return;
    };
    let Some(first) = before(surname.start).filter(|first| first.end + 1 == surname.start) else {
        return;
    };
    let named = first.given() || first.name_and_word();
    if named && first.capital() == surname.capital() && (surname.surname() || surname.strange()) {
        hits.push(Hit::new(first.start, surname.stem_end(), 0.6));
    }
}

/// "Tim here", "mr abernathy speaking", "Quentin is my name": the name before `cue`.
fn before_here(text: &str, cue: &Cue<'_>, hits: &mut Vec<Hit>) {
    let at = cue.start;
    let Some(end) = at
        .checked_sub(1)
        .filter(|end| matches!(text.as_bytes()[*end], b' ' | b','))
    else {
        return;
    };
    let Some(word) = word_before(text, end) else {
        return;
    };
    let first = word
        .start
        .checked_sub(1)
        .filter(|gap| text.as_bytes()[*gap] == b' ')
        .and_then(|gap| word_before(text, gap))
        .filter(|first| !first.never());
    // "Ada Example here": a given name, and then any capital.
    let given_before = first.filter(|first| {
        first.given() && (word.capital() || word.strange())
            // "dean yarborough here".
            || first.name_and_word() && word.surname() && word.strange()
            || first.capital()
                && (first.may_be_given() || first.strange_capital() || first.surname() && !first.common())
                && word.capital()
    });
    let alone = word.known() && (!word.common() || begins_line(text, word.start))
        || word.surname() && word.capital() && !word.common()
        || word.may_be_given() && word.strange()
        || word.strange_capital() && begins_line(text, word.start)
        // "Le is my surname", "Ng is the name on the label".
        || word.title_case()
            && (word.surname() || word.may_be_given() || word.strange())
            && begins_line(text, word.start)
            && text[at..].starts_with("is ")
        // "summer here, calling about my pills", "yes rose speaking".
        || word.name_and_word() && is_speaker(text, word, cue)
        // "dong-hyun here".
        || word.strange()
            && word.text.len() > 2
            && !word.text.bytes().all(|byte| byte.is_ascii_uppercase())
            && begins_line(text, word.start)
            && ["here", "speaking", "calling"].iter().any(|said| text[at..].starts_with(said));
    if word.never() || !(alone || given_before.is_some()) {
        return;
    }
    hits.push(Hit::new(
        given_before.map_or(word.start, |first| first.start),
        end,
        0.6,
    ));
}
