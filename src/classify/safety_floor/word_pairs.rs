//! Reports in other languages that are told by words of several classes beside each other: lips and swelling, a child that ate
//! somebody's pills, a medicine and that it is the wrong one.
//!
//! What these languages bend is the endings, so a table of the beginnings of words ([`word_table`](super::word_table)), concept by language,
//! says with a few rules what thousands of phrases would. The beginnings are looked for in the walk that looks for everything else; a message that
//! has none of them costs nothing here. Words count together if they are of one language, near each other and in one clause, where the
//! rule does not reach further; a denial before or between them ("nicht geschwollen", "没有") makes an emergency none. Three rules need a number instead of
//! a second word: a blood sugar or a pulse that nobody walks about with. Pure and cannot fail.

use std::ops::Range;

use super::denials::Denials;
use super::raise::{Emergency, Raise, RaiseReason};
use crate::classify::label::Severity;
use crate::classify::local::reading::{Kind, Reading, Token};

/// What a word tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concept {
    /// Face, lips, mouth, tongue, throat.
    Face,
    Swollen,
    /// Hanging down on one side.
    Crooked,
    /// A child or a pet.
    Child,
    /// Eaten, not taken as one takes a medicine.
    Ate,
    /// In languages that have one word for eating or drinking and for taking.
    Took,
    /// Whose medicine it was: nobody's who was to have it.
    SomebodysOwn,
    Medicine,
    /// Wrong, mistaken, mixed up.
    Wrong,
    /// Of another patient.
    Strangers,
    /// What else can be wrong near a medicine: an address, a bill, what the sender ordered by mistake.
    Errand,
    Pregnant,
    Bleeds,
    Newborn,
    /// An age in weeks.
    Weeks,
    Fever,
    Blood,
    InUrineOrStool,
    Stool,
    Black,
    /// Blood sugar.
    Sugar,
    Pulse,
}

/// A language of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Spanish,
    French,
    German,
    Italian,
    Portuguese,
    Dutch,
    Polish,
    Russian,
    Turkish,
    Vietnamese,
    Chinese,
    Japanese,
    Korean,
    Arabic,
    Persian,
    Indonesian,
    Tagalog,
}

impl Language {
    /// How many bytes a letter takes, so that a reach means as many words in each.
    const fn bytes_per_letter(self) -> usize {
        match self {
            Self::Russian | Self::Arabic | Self::Persian => 2,
            // Syllables fall apart into their letters when text is folded.
            Self::Korean => 4,
            _ => 1,
        }
    }
}

/// A word of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) language: Language,
    pub(super) concept: Concept,
    /// Whether it may stand within a word, as in German compounds.
    pub(super) anywhere: bool,
}

/// What is told by words of all of these.
struct Rule {
    name: &'static str,
    of: &'static [Concept],
    help: Option<Emergency>,
    /// From the first of them to the last, in letters.
    reach: usize,
    /// Whether commas and full stops may stand between.
    across: bool,
}

const IN_OTHER_LANGUAGES: &str = "not in English";

const fn emergency(help: Emergency, of: &'static [Concept], reach: usize) -> Rule {
    Rule {
        name: IN_OTHER_LANGUAGES,
        of,
        help: Some(help),
        reach,
        across: false,
    }
}

const fn report(name: &'static str, of: &'static [Concept], reach: usize) -> Rule {
    Rule {
        name,
        of,
        help: None,
        reach,
        across: false,
    }
}

const RULES: &[Rule] = &[
    emergency(Emergency::Medical, &[Concept::Face, Concept::Swollen], 45),
    emergency(Emergency::Medical, &[Concept::Face, Concept::Crooked], 40),
    emergency(
        Emergency::Poisoning,
        &[Concept::Child, Concept::Ate, Concept::Medicine],
        60,
    ),
    emergency(
        Emergency::Poisoning,
        &[
            Concept::Child,
            Concept::Took,
            Concept::SomebodysOwn,
            Concept::Medicine,
        ],
        60,
    ),
    Rule {
        across: true,
        ..emergency(
            Emergency::Medical,
            &[Concept::Newborn, Concept::Weeks, Concept::Fever],
            60,
        )
    },
    Rule {
        across: true,
        ..emergency(Emergency::Medical, &[Concept::Pregnant, Concept::Bleeds], 100)
    },
    report("wrong medicine", &[Concept::Wrong, Concept::Medicine], 32),
    report("wrong medicine", &[Concept::Strangers, Concept::Medicine], 40),
    report("bleeding", &[Concept::Blood, Concept::InUrineOrStool], 40),
    report("bleeding", &[Concept::Black, Concept::Stool], 30),
];

/// Where a word of the table was met.
struct Met {
    word: Word,
    span: Range<usize>,
    clause: u32,
}

/// The clause that is walked through.
pub(super) struct Clause<'a> {
    pub(super) number: u32,
    /// Where it begins in the folded text.
    pub(super) start: usize,
    /// With the space after its last word.
    pub(super) text: &'a str,
}

/// What one message holds of the table, as the walk comes to it.
#[derive(Default)]
pub(super) struct Heard {
    met: Vec<Met>,
    /// What the clause tells, unless an [errand](Concept::Errand) of the same language explains it.
    told: Vec<(Language, &'static Rule)>,
    errands: Vec<Language>,
}

impl Heard {
    /// Takes in a word met at `hit` of a clause.
    pub(super) fn hear(
        &mut self,
        reading: &Reading,
        denials: &Denials,
        word: Word,
        hit: Range<usize>,
        clause: &Clause<'_>,
    ) -> Option<Raise> {
        if word.concept == Concept::Errand {
            if !self.errands.contains(&word.language) {
                self.errands.push(word.language);
            }
            return None;
        }
        self.met.push(Met {
            word,
            span: clause.start + hit.start..clause.start + hit.end,
            clause: clause.number,
        });
        let met = &self.met[self.met.len() - 1];
        if matches!(word.concept, Concept::Sugar | Concept::Pulse) {
            return is_out_of_range(reading, met)
                .then(|| raise(IN_OTHER_LANGUAGES, Some(Emergency::Medical)));
        }
        for rule in RULES.iter().filter(|rule| rule.of.contains(&word.concept)) {
            let known = self
                .told
                .iter()
                .any(|(language, told)| *language == word.language && std::ptr::eq(*told, rule));
            if known {
                continue;
            }
            let Some(whole) = self.complete(rule) else {
                continue;
            };
            let between = &reading.text[whole.clone()];
            // Of three words, and of two sentences, the last one tells: "no sé cómo, se comió las pastillas".
            let denied = rule.help.is_some()
                && if rule.of.len() == 2 && whole.start >= clause.start {
                    let pair = whole.start - clause.start..whole.end - clause.start;
                    denials.deny(clause.text, pair, true)
                } else {
                    denials.deny(clause.text, hit.clone(), false)
                };
            if !denied && (rule.across || !between.contains(['。', '،'])) {
                self.told.push((word.language, rule));
            }
        }
        None
    }

    /// From where to where the words of `rule` go of which the one just met is the last.
    fn complete(&self, rule: &Rule) -> Option<Range<usize>> {
        let last = self.met.last()?;
        let reach = rule.reach * last.word.language.bytes_per_letter();
        let mut whole = last.span.clone();
        for concept in rule.of.iter().filter(|concept| **concept != last.word.concept) {
            let other = self
                .met
                .iter()
                .rev()
                .take_while(|other| other.span.end + reach >= last.span.start)
                .filter(|other| rule.across || other.clause == last.clause)
                .find(|other| other.word.language == last.word.language && other.word.concept == *concept)?;
            whole = whole.start.min(other.span.start)..whole.end.max(other.span.end);
        }
        (whole.len() <= reach + last.span.len()).then_some(whole)
    }

    /// What the clause that ends here has told.
    pub(super) fn end_clause(&mut self) -> impl Iterator<Item = Raise> {
        let errands = std::mem::take(&mut self.errands);
        self.told
            .drain(..)
            .filter(move |(language, rule)| rule.help.is_some() || !errands.contains(language))
            .map(|(_, rule)| raise(rule.name, rule.help))
    }
}

fn raise(name: &'static str, help: Option<Emergency>) -> Raise {
    Raise {
        reason: RaiseReason::Pattern(name),
        severity: help.map(|_| Severity::Urgent),
        emergency: help,
        also: None,
    }
}

/// Whether the number that follows a word for blood sugar or pulse is one with which somebody is in danger. Sugars are read in mg/dl and mmol/l
/// alike: 20 to 49 is too low in one and far too high in the other.
fn is_out_of_range(reading: &Reading, met: &Met) -> bool {
    /// How many words may stand between: "est tombée à".
    const BETWEEN: usize = 4;
    let behind = reading
        .tokens
        .partition_point(|token| token.span.end <= met.span.start)
        + 1;
    let mut tokens = reading.tokens[behind.min(reading.tokens.len())..]
        .iter()
        .take(BETWEEN + 1);
    let in_clause = |token: &&Token| token.clause == met.clause;
    let Some(at) = tokens.position(|token| in_clause(&token) && token.kind == Kind::Number) else {
        return false;
    };
    let number = &reading.tokens[behind + at];
    let after = reading.tokens.get(behind + at + 1);
    let Ok(value) = reading.word(number).parse::<u16>() else {
        return false;
    };
    // The point of 2.3 ends a clause.
    let decimals = after.is_some_and(|next| next.kind == Kind::Number && next.clause == number.clause + 1);
    // 500 g, 40 Stück, 30 packs: it is for sale. 38 mg/dl is a value.
    let of_goods = after.filter(|next| in_clause(next)).is_some_and(|next| {
        let word = reading.word(next);
        const GOODS: [&str; 20] = [
            "g",
            "gr",
            "kg",
            "ml",
            "gramm",
            "gramos",
            "grammes",
            "grammi",
            "gramas",
            "stuck",
            "st",
            "x",
            "pack",
            "packs",
            "unidades",
            "sobres",
            "tabletten",
            "sachets",
            "bustine",
            "euro",
        ];
        GOODS.contains(&word)
    });
    if of_goods {
        return false;
    }
    match met.word.concept {
        Concept::Sugar if decimals => matches!(value, 1 | 2),
        Concept::Sugar => matches!(value, 20..50 | 400..1000),
        _ => !decimals && matches!(value, 20..45),
    }
}
