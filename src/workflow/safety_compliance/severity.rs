//! Severity by rule, beside the classifier's: raised, never lowered.
//!
//! The rules know only what is an emergency on its face, and reactions after a medicine. A general question about a
//! product ("does it cause seizures?") is not a report and raises nothing. The channel plays no part: the same words
//! have the same severity everywhere.

use std::borrow::Cow;

use super::case_report::SeverityFinding;
use super::terms::Terms;
use crate::classify::Severity;
use crate::workflow::patterns::{Pattern, PatternSet, Scan};
use crate::workflow::pressing::leak;

/// Judges how fast a person has to look.
#[derive(Debug)]
pub(super) struct SeverityRules {
    causation: Pattern,
}

impl SeverityRules {
    pub(super) fn new(patterns: &mut PatternSet) -> Self {
        Self {
            causation: patterns.add(r"(?i)\b(?:gave (?:me|him|her|us)|made (?:me|him|her|my)|reaction (?:to|from)|side effects? (?:of|from)|allergic to|(?:after|since) (?:i |he |she |we |my \w+ )?(?:taking|took|taken|starting|started|using|used|the (?:first|second|last)? ?(?:dose|shot|pill|vaccine|injection)|switching)|(?:from|because of) (?:the|my|this|these|your) (?:new )?(?:\w+ )?(?:medicine|medication|meds?|pills?|tablets?|drug|vaccine|shot|cream|antibiotics?))\b"),
        }
    }

    /// The higher of what the classifier says and what the rules say about what is told ([`what_is_told`]) and the `events` in it.
    pub(super) fn judge(
        &self,
        told: &Scan<'_>,
        events: &[String],
        by_classifier: Severity,
        terms: &Terms,
    ) -> SeverityFinding {
        let (by_rules, words) = self.by_rules(told, events, terms);
        SeverityFinding {
            level: by_classifier.max(by_rules),
            by_classifier,
            by_rules,
            words,
        }
    }

    /// The rules' severity and the words that made it; the first rule that matches decides.
    fn by_rules(&self, told: &Scan<'_>, events: &[String], terms: &Terms) -> (Severity, Vec<String>) {
        let urgent = terms.severity.words("urgent", told);
        if !urgent.is_empty() {
            return (Severity::Urgent, urgent);
        }
        // A reaction after a medicine.
        if let Some(cause) = self.causation.find(told)
            && !events.is_empty()
        {
            return (
                Severity::High,
                events
                    .iter()
                    .cloned()
                    .chain([cause.as_str().to_owned()])
                    .collect(),
            );
        }
        // Too much of a medicine, or the wrong one, that was really taken.
        let overdose = terms.situations.words("overdose", told);
        if !overdose.is_empty() {
            return (Severity::High, overdose);
        }
        let error = terms.situations.words("medication_error", told);
        let taken = terms.severity.words("taken", told);
        if !error.is_empty() && !taken.is_empty() {
            return (Severity::High, error.into_iter().chain(taken).collect());
        }
        // A medicine that harms an unborn child, and a pregnancy.
        let harmful = terms.severity.words("harms_unborn", told);
        let pregnancy = terms.situations.words("pregnancy", told);
        if !harmful.is_empty() && !pregnancy.is_empty() {
            return (Severity::High, pregnancy.into_iter().chain(harmful).collect());
        }
        let mut high = terms.severity.words("high", told);
        // A leak has a clock of its own, with which a report may not wait a day.
        high.extend(leak(told.text()));
        if high.is_empty() {
            (Severity::Standard, Vec::new())
        } else {
            (Severity::High, high)
        }
    }
}

/// Words that open a question.
const OPENERS: [&str; 14] = [
    "can", "could", "does", "do", "is", "are", "will", "would", "may", "what", "which", "how", "why",
    "should",
];
/// What may stand before them.
const BEFORE_OPENERS: [&str; 9] = [
    "hi", "hello", "hey", "so", "and", "also", "please", "question", "quick",
];
/// Words for people and animals: a question with one of them is about somebody.
const SOMEBODY: [&str; 28] = [
    "i", "im", "ive", "me", "my", "he", "him", "his", "she", "her", "we", "our", "us", "they", "them",
    "their", "baby", "son", "daughter", "husband", "wife", "mom", "mother", "dad", "father", "child", "dog",
    "cat",
];

fn words(sentence: &str) -> impl Iterator<Item = &str> {
    sentence
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}

fn is_one_of(word: &str, of: &[&str]) -> bool {
    of.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a sentence begins as a question does, perhaps after a greeting.
fn opens_a_question(sentence: &str) -> bool {
    let mut words = words(sentence);
    let Some(mut first) = words.next() else {
        return false;
    };
    if is_one_of(first, &BEFORE_OPENERS) {
        let mut next = words.next().unwrap_or_default();
        if first.eq_ignore_ascii_case("quick") {
            // "quick question" is one greeting of two words.
            match next.eq_ignore_ascii_case("question") {
                true => next = words.next().unwrap_or_default(),
                false => return false,
            }
        }
        first = next;
    }
    is_one_of(first, &OPENERS)
}

fn speaks_of_somebody(sentence: &str) -> bool {
    words(sentence).any(|word| is_one_of(word, &SOMEBODY))
}

/// What the text tells: without sentences that ask about a product in general. `text` is without look-alikes.
pub(super) fn what_is_told(text: &str) -> Cow<'_, str> {
    let sentences = || text.split_inclusive(['.', '?', '!', '\n']);
    let told = |sentence: &&str| !opens_a_question(sentence) || speaks_of_somebody(sentence);
    match sentences().all(|sentence| told(&sentence)) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(sentences().filter(told).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    #[test]
    fn rules_raise_and_never_lower() {
        let reader = Reader::built_in();
        for (text, by_rules) in [
            ("I can't breathe after taking amoxicillin", Severity::Urgent),
            ("my toddler swallowed two of grandma's pills", Severity::Urgent),
            ("i took a whole bottle of tylenol", Severity::Urgent),
            ("i want to die", Severity::Urgent),
            ("his lips are turning blue", Severity::Urgent),
            (
                "rash all over since starting lamotrigine. since I started it",
                Severity::High,
            ),
            ("the new pills gave me hives", Severity::High),
            ("i took a double dose of metoprolol", Severity::High),
            ("Does Keppra cause seizures?", Severity::Standard),
            ("can ibuprofen cause chest pain?", Severity::Standard),
            ("I have no chest pain, is it safe with milk?", Severity::Standard),
            ("the seal was broken", Severity::Standard),
            ("i got somebody else's pills and took two of them", Severity::High),
            (
                "i got somebody else's pills, i have not taken any",
                Severity::Standard,
            ),
            ("my seizure medicine is late", Severity::Standard),
            ("I have no insulin left", Severity::High),
            ("we've run out of my son's insulin", Severity::High),
            ("I ran out of my insulin and the order is late", Severity::High),
            ("only one dose of my epilepsy medicine left", Severity::High),
            (
                "my inhaler is empty and the new one hasn't arrived",
                Severity::High,
            ),
            ("she's out of her warfarin", Severity::High),
            ("I have no problem with my insulin", Severity::Standard),
            ("what if I run out of insulin?", Severity::Standard),
            ("I'm out of vitamin C", Severity::Standard),
            ("I am not out of insulin", Severity::Standard),
            ("my mom passed away last week, she was on Xarelto", Severity::High),
            (
                "I just found out I'm pregnant and I take isotretinoin",
                Severity::High,
            ),
            ("my wife is 9 weeks along and was on Depakote", Severity::High),
            ("I'm pregnant and take a prenatal vitamin", Severity::Standard),
            ("is methotrexate safe in pregnancy?", Severity::Standard),
            ("the meter's battery died", Severity::Standard),
            ("my mother was found dead this morning", Severity::High),
            ("she's dead, she was on Xarelto", Severity::High),
            ("my insulin pump is dead", Severity::High),
            ("my husband with the insulin pump died", Severity::High),
            ("my glucose meter just died", Severity::Standard),
            ("the phone is dead", Severity::Standard),
            ("I took two tablets instead of one of my warfarin", Severity::High),
            ("tomé el doble de mi dosis de insulina", Severity::High),
            ("j'ai pris deux fois ma dose", Severity::High),
            ("я принял двойную дозу", Severity::High),
            ("the epipen cap is stuck, I couldn't use it", Severity::High),
            ("my insulin pump keeps alarming", Severity::High),
            ("me quedé sin insulina", Severity::High),
            ("I got two boxes instead of one", Severity::Standard),
            ("my INR is 9", Severity::High),
            ("my INR is 2.5", Severity::Standard),
            ("the lithium level came back 2.4", Severity::High),
            ("the lithium level is 0.8", Severity::Standard),
            ("I'm on clozapine and have a sore throat", Severity::High),
            ("where do I store an EpiPen", Severity::Standard),
            ("I had a stroke in 2019, is ginseng fine", Severity::Standard),
            ("I had a stroke yesterday", Severity::Urgent),
            ("i had no side effects and feel fine", Severity::Standard),
        ] {
            for by_classifier in Severity::ALL.iter().copied() {
                let plain = reader.terms.without_look_alikes(&reader.prefilter.scan(text));
                let told = what_is_told(&plain);
                let told = reader.prefilter.scan(&told);
                let events = reader.terms.events.words("terms", &told);
                let found = reader
                    .severity
                    .judge(&told, &events, by_classifier, &reader.terms);
                assert_eq!(found.by_rules, by_rules, "{text}");
                assert_eq!(found.level, by_classifier.max(by_rules), "{text}");
                assert_eq!(found.words.is_empty(), by_rules == Severity::Standard, "{text}");
            }
        }
    }
}
