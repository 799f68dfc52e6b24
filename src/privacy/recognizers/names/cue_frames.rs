//! What around a word behind a cue says that it is a name, where the cue alone does not: "hi grace, i still", "order for violet never
//! came", "tell joy thank you".

use super::frames::KIN;
use super::labels::is_owner;
use super::namesakes::NO_SURNAMES;
use super::word::{SEASONS, Word, word_at, word_before};
use crate::privacy::lexicon::Cue;
use crate::privacy::sense::Lead;

/// The words behind a cue that may be a name.
pub(super) struct Candidate<'a> {
    pub(super) text: &'a str,
    pub(super) cue: &'a Cue<'a>,
    /// What the cue leads to. A label with its mark, "Patient:", declares a name.
    pub(super) lead: Lead,
    /// What stands right behind the cue: marks and blanks.
    pub(super) passed: &'a str,
    pub(super) first: Word<'a>,
    pub(super) next: Option<Word<'a>>,
}

impl<'a> Candidate<'a> {
    /// The cue, as it stands in the text.
    pub(super) fn said(&self) -> &'a str {
        &self.text[self.cue.start..self.cue.end]
    }

    /// "my name is art": whether a verb, or a possession, stands between the cue and the name.
    pub(super) fn is_said_to_be(&self) -> bool {
        let between = &self.text[self.cue.start..self.first.start];
        let between = between.trim_end_matches([' ', ':', '=', '"', ',']);
        [" is", " was", "'s"].iter().any(|link| between.ends_with(link))
    }

    /// Whether what stands around the words says that they are a name.
    pub(super) fn is_name_by_frame(&self) -> bool {
        let Self {
            text,
            cue,
            lead,
            passed,
            first,
            next,
        } = *self;
        let said = self.said();
        let is_said = |words: &[&str]| words.iter().any(|word| said.eq_ignore_ascii_case(word));
        // A word, with a capital, that is a name as well.
        let capital_name = || first.title_case() && first.name_and_word();
        let by_lead = match lead {
            // "my daughter wren": in lower case, a name that is also a word counts where the clause ends.
            Lead::Kin => first.name_and_word() && ends_clause(text, first.end),
            // "I'm Destiny, a quick question", "I'm Bill's carer".
            Lead::Introduced => {
                capital_name()
                    && (ends_clause(text, first.end)
                        || first.text.len() > first.stem().len() && !first.is(SEASONS))
            }
            Lead::Greeting => capital_name() && ends_clause(text, first.end),
            Lead::Relation => {
                // "its for Jalen, hes 6".
                first.strange_capital() && is_spoken_of(text, first.end)
                    // "tell Xiomara", "[NAME_REDACTED] and Jalen".
                    || is_said_to(text, cue)
                        && (first.strange_capital() || first.title_case() && first.surname() && !first.proper())
                    // "husband Mark and I", "son: Chance, 9".
                    || is_said(&["son", "daughter", "wife", "husband"])
                        && capital_name()
                        && !text[first.end..].trim_start().starts_with(|c: char| c.is_ascii_digit())
            }
            Lead::Label => {
                first.strange_capital() && is_spoken_of(text, first.end)
                    // "script under Obrecht", "a parcel addressed to Okwuosa".
                    || (text[..cue.end].ends_with("under") || text[..cue.end].ends_with("addressed to"))
                        && first.strange_capital()
                    // "Member Mark Chow": two words with capitals behind what somebody is.
                    || is_owner(said)
                        && capital_name()
                        && next.is_some_and(|next| {
                            next.title_case()
                                && !next.never()
                                && !next.is(NO_SURNAMES)
                                && (!next.common() || !first.is(&["will", "may"]))
                        })
            }
            // "the delivery guy Rico", "your agent Prince", "Aunt May".
            Lead::Role => {
                first.name_and_word()
                    && (first.title_case() && !first.thing()
                        // "Manager, Fern House".
                        || first.title_case()
                            && passed == " "
                            && (said.starts_with(char::is_uppercase) || !first.is(SEASONS))
                            && !next.is_some_and(|next| next.is(NO_SURNAMES))
                        || ends_clause(text, first.end) && !is_state(first))
            }
            Lead::Declared => first.name_and_word() && self.is_said_to_be(),
            _ => false,
        };
        let pet = || {
            is_pet(text, cue)
                && first.title_case()
                && !first.proper()
                && !next.is_some_and(|next| next.capital())
        };
        by_lead || pet() || name_and_word_in_frame(text, cue, lead, first, passed)
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

/// Words after a name that say that its owner speaks.
pub(super) const HERE: &[&str] = &["here", "calling", "speaking", "again", "writing"];

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

/// Whether the cue speaks of a talk with somebody: "spoke to", "talking with".
fn is_of_talk(text: &str, cue: &Cue<'_>) -> bool {
    let said = &text[cue.start..cue.end];
    ["spoke", "talk", "speak", "chatted"].iter().any(|verb| {
        said.get(..verb.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(verb))
    })
}

/// Said of oneself, or asked, as words; so no name behind "im", in lower case.
pub(super) fn is_state(word: Word<'_>) -> bool {
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

/// Whether nothing of the clause follows at `at`, or its verb does.
pub(super) fn ends_clause(text: &str, at: usize) -> bool {
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

/// Whether the cue is "to" alone.
pub(super) fn is_to(text: &str, cue: &Cue<'_>) -> bool {
    text[cue.start..cue.end].eq_ignore_ascii_case("to")
}

pub(super) fn begins_line(text: &str, at: usize) -> bool {
    text[..at]
        .trim_end_matches([' ', '\t', '>', '*'])
        .chars()
        .next_back()
        .is_none_or(|c| c == '\n')
}

/// Whether the cue ends in "to" and speaks of parcels or journeys: "ship to", "delivery to", "how long does shipping take to".
pub(super) fn leads_to_place(text: &str, cue: &Cue<'_>) -> bool {
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
