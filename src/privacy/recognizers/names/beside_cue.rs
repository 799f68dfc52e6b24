//! Names that a cue announces.

use super::super::pattern::Hit;
use super::super::places::is_large;
use super::before_cue::{before_act, before_birth, before_here};
use super::cue_frames::{Candidate, HERE, begins_line, is_to, leads_to_place};
use super::foreign::{is_foreign, is_small_word};
use super::german::{is_said_of_oneself, stands_for_in_the};
use super::labels::{is_labelled, is_name_on_label, is_on_label, is_owner, names_a_thing};
use super::reading::{is_joined_particle, push, read_name, skip_announcement, spelled, spells};
use super::signatures::sign_off;
use super::titles::{NOT_TITLED, is_no_titled, is_noun_title, pair_of_titles};
use super::word::{Word, skip, word_at, word_before};
use crate::privacy::lexicon::Cue;
use crate::privacy::scan::Scan;
use crate::privacy::sense::{Lead, Sense};

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

fn after_lead(text: &str, cue: &Cue<'_>, lead: Lead, hits: &mut Vec<Hit>) {
    let Some(announcement) = Announcement::read(text, cue, lead) else {
        return;
    };
    if announcement.is_spelled(hits) {
        return;
    }
    // A title between: "this is Dr. Patel" is found from the title.
    let Some(candidate) = announcement.candidate() else {
        return;
    };
    let Candidate { lead, first, .. } = candidate;
    if lead == Lead::SignOff {
        return sign_off(text, cue, announcement.at, first, hits);
    }
    if announcement.of_role && candidate.is_role() || !candidate.is_name() || candidate.is_place_or_thing() {
        return;
    }
    let (start, end) = candidate.extent();
    push(text, start, end, 0.6, hits);
    // Each "and" in a list is a cue itself.
    if matches!(
        lead,
        Lead::Kin | Lead::ForeignKin | Lead::Declared | Lead::Relation
    ) && !candidate.said().eq_ignore_ascii_case("and")
    {
        others(text, end, hits);
    }
}

/// A cue with what leads on from it to where a name may begin.
struct Announcement<'a> {
    text: &'a str,
    cue: &'a Cue<'a>,
    lead: Lead,
    /// What stands right behind the cue: marks and blanks.
    passed: &'a str,
    /// Whether it is a label that says what somebody is, "Patient:", and not that a name follows.
    of_role: bool,
    /// Where the name may begin.
    at: usize,
}

impl<'a> Announcement<'a> {
    /// `None` where no name can follow.
    fn read(text: &'a str, cue: &'a Cue<'a>, mut lead: Lead) -> Option<Self> {
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
        if at == cue.end {
            return None;
        }
        // "Drug name: Plaquenil", "trade name is Coumadin": the name of a thing.
        if matches!(lead, Lead::Label | Lead::Declared) && names_a_thing(text, cue) {
            return None;
        }
        let said = &text[cue.start..cue.end];
        let mut of_role = false;
        match lead {
            // "RE: Missing tablets": what a mail is about.
            Lead::Label if is_labelled(passed) && said.eq_ignore_ascii_case("re") => {}
            Lead::Label if is_labelled(passed) => {
                of_role = !said.eq_ignore_ascii_case("name");
                lead = Lead::Declared;
            }
            // "user_agent".
            Lead::Role if text[..cue.start].ends_with('_') => return None,
            // "To Ada," greets where a line begins; elsewhere it leads to a place or a thing as often as to a person.
            Lead::Greeting if is_to(text, cue) && !begins_line(text, cue.start) => lead = Lead::Relation,
            Lead::Introduced | Lead::Greeting | Lead::Title if line => return None,
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
                Some(word) if word.is(linking) && word.text.len() > 1 => {
                    (at, _) = skip(text, word.end, marks)
                }
                _ => break,
            }
        }
        Some(Self {
            text,
            cue,
            lead,
            passed,
            of_role,
            at,
        })
    }

    /// Whether letters follow instead of a word; they are hits then.
    fn is_spelled(&self, hits: &mut Vec<Hit>) -> bool {
        let Self {
            text, cue, lead, at, ..
        } = *self;
        // "it's v as in victor o i g t".
        if lead == Lead::Introduced
            && let Some(end) = spelled(text, at, 4)
        {
            hits.push(Hit::new(at, end, 0.6));
            return true;
        }
        if !matches!(lead, Lead::Declared | Lead::Spelled) {
            return false;
        }
        let letters = skip_announcement(text, at);
        if let Some(end) = spelled(text, letters, 3) {
            // "hargrove spelled h a r g r o v e".
            if let Some(word) = word_before(text, cue.start.saturating_sub(1))
                && spells(&text[letters..end], word.text)
            {
                hits.push(Hit::new(word.start, word.end, 0.6));
            }
            hits.push(Hit::new(letters, end, 0.6));
            return true;
        }
        // "Middle initial: B"; but "From: B. Plumb" is more than its initial.
        let goes_on = |end: usize| {
            let next = text[end..]
                .strip_prefix('.')
                .map(|rest| rest.trim_start_matches(' '));
            next.is_some_and(|next| next.starts_with(char::is_uppercase))
                && !text[..cue.end].ends_with("initial")
        };
        let initial = word_at(text, at).filter(|word| {
            is_labelled(self.passed)
                && word.initial()
                && word.capital()
                && !text[word.end..].starts_with([' ', '/', '-'])
                && !goes_on(word.end)
        });
        if let Some(word) = initial {
            push(text, word.start, word.end, 0.6, hits);
        }
        initial.is_some()
    }

    /// The words that may be the name; `None` for what begins none, whatever follows.
    fn candidate(&self) -> Option<Candidate<'a>> {
        let Self {
            text,
            cue,
            lead,
            passed,
            at,
            ..
        } = *self;
        let first = word_at(text, at)?;
        // "Blut im Urin", "ich bin Diabetikerin".
        if lead == Lead::Introduced
            && (stands_for_in_the(text, &text[cue.start..cue.end], cue.start, first)
                || is_said_of_oneself(first))
        {
            return None;
        }
        let unknown = || {
            !first.known()
                && !first.name_and_word()
                && !(first.capital() && (first.initial() || first.particle() || first.strange()))
        };
        if lead != Lead::SignOff && (first.never() || lead == Lead::Relation && unknown()) {
            return None;
        }
        let next_at = first.end + if text[first.end..].starts_with(". ") { 2 } else { 1 };
        let next = text
            .get(first.end..next_at)
            .filter(|gap| matches!(*gap, " " | ". "))
            .and_then(|_| word_at(text, next_at));
        Some(Candidate {
            text,
            cue,
            lead,
            passed,
            first,
            next,
        })
    }
}

impl Candidate<'_> {
    /// "Patient: Adult", "Attn: Billing": what somebody is, or an office.
    fn is_role(&self) -> bool {
        let first = self.first;
        first.common()
            && !first.may_be_given()
            && !first.surname()
            && !self.next.is_some_and(|next| {
                next.capital() && (next.strange() || next.surname() || next.may_be_given())
            })
    }

    fn is_name(&self) -> bool {
        let Self {
            text,
            cue,
            lead,
            first,
            next,
            ..
        } = *self;
        if lead == Lead::Declared {
            // "her name will change".
            if first.is(&["will", "may"])
                && !first.title_case()
                && !is_labelled(self.passed)
                && !self.is_said_to_be()
            {
                return false;
            }
            // "the label says Zolpidem": what a label says is as often what is in it.
            if is_on_label(text, cue) && !is_name_on_label(first, next) {
                return false;
            }
        }
        (can_begin(lead, first, next) || self.is_here() || self.is_turned() || self.is_name_by_frame())
            && !(lead == Lead::Title && is_no_titled(text, cue, first, self.passed))
    }

    /// "it's karen again", "this is tobias fenwick calling".
    fn is_here(&self) -> bool {
        let Self {
            text, first, next, ..
        } = *self;
        let followed = |word: Option<Word<'_>>| word.is_some_and(|word| word.is(HERE));
        self.lead == Lead::Introduced
            && (first.strange() || first.name_and_word())
            && (followed(next)
                || next.is_some_and(|next| {
                    next.strange()
                        && text[next.end..].starts_with(' ')
                        && followed(word_at(text, next.end + 1))
                }))
    }

    /// "DOE, JANE" and "doe, jane" under a label, "Doe, Jane" beside one.
    fn is_reversed(&self) -> bool {
        let Self { text, first, .. } = *self;
        text[first.end..].starts_with(", ") && word_at(text, first.end + 2).is_some_and(|word| word.known())
    }

    /// Whether a label without its mark stands before a surname with a comma.
    fn is_turned(&self) -> bool {
        let first = self.first;
        let shouted = first.strange() && !first.initial() && !first.text.contains(char::is_lowercase);
        self.lead == Lead::Label && (first.strange_capital() || shouted) && self.is_reversed()
    }

    /// Whether what would be a name anywhere else is none behind this cue.
    fn is_place_or_thing(&self) -> bool {
        let Self {
            text,
            cue,
            lead,
            passed,
            first,
            next,
        } = *self;
        // "Mein Sohn: Fieber seit gestern": a noun has a capital in German.
        let german = || {
            self.said()
                .get(..4)
                .is_some_and(|start| start.eq_ignore_ascii_case("mein"))
        };
        if lead == Lead::ForeignKin && passed.contains([':', ',', '(']) && !first.known() && german() {
            return true;
        }
        // "mi mamá nada más", "mon mari".
        if lead != Lead::Declared && is_small_word(text, first) {
            return true;
        }
        // "ships from Nevada".
        if !is_labelled(passed)
            && lead == Lead::Label
            && is_large(first.text)
            && !next.is_some_and(|next| next.surname() || next.strange_capital())
        {
            return true;
        }
        // "with St. John's wort".
        if first.is(&["st", "saint"])
            && ["St. John's wort", "St John's wort", "Saint John's wort"]
                .iter()
                .any(|herb| {
                    text.get(first.start..first.start + herb.len())
                        .is_some_and(|said| said.eq_ignore_ascii_case(herb))
                })
        {
            return true;
        }
        // "and Johnson & Johnson" is a company.
        if lead == Lead::Relation
            && (text[first.end..].starts_with(" & ") || text[..first.start].ends_with("& "))
        {
            return true;
        }
        // "ship to Georgia": where parcels go, a word that is also a place is one.
        let person = || first.given() || next.is_some_and(|next| next.surname() || is_joined_particle(next));
        if !is_labelled(passed)
            && lead != Lead::Declared
            && leads_to_place(text, cue)
            && !person()
            && !text[..cue.end].ends_with("addressed to")
        {
            return true;
        }
        // "Mrs. Meyer's soap", "Dr. Brown's bottles".
        lead == Lead::Title
            && first.text.len() > first.stem().len()
            && word_at(text, first.end + 1).is_some_and(|next| {
                next.product()
                    || first.is(&["reddy"])
                    || next.is(&[
                        "bottle", "bottles", "belt", "rice", "sauce", "pads", "nipples", "generic", "wort",
                        "diaper", "baby", "herbal",
                    ])
            })
    }

    /// From where to where the name goes.
    fn extent(&self) -> (usize, usize) {
        let Self {
            text,
            cue,
            lead,
            passed,
            first,
            ..
        } = *self;
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
            let comma = lead == Lead::Declared && (first.capital() || self.is_reversed()) || self.is_turned();
            let sure = match lead {
                Lead::Declared | Lead::Title => first.capital(),
                Lead::Label => is_owner(self.said()) && first.name_and_word(),
                Lead::Introduced | Lead::Kin | Lead::ForeignKin => first.capital() && first.may_be_given(),
                _ => false,
            };
            read_name(text, first, comma, sure)
        };
        // The title belongs to the name, and so does a pair of titles.
        let titled = lead == Lead::Role
            && self.said().starts_with(char::is_uppercase)
            && passed == " "
            && first.capital();
        let start = match lead == Lead::Title || titled {
            true => pair_of_titles(text, cue.start),
            false => first.start,
        };
        (start, end)
    }
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
