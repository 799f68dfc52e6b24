//! What a report plainly says: which product, lot, dose, since when, how it ended.
//!
//! Nothing is guessed: what is not said stays unknown. Reads redacted text.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::case_report::{Moment, Outcome, Product};
use super::terms::Terms;
use crate::message::Metadata;
use crate::workflow::date_mentions::DateMentions;
use crate::workflow::patterns::{Pattern, PatternSet, Scan, regex};
use crate::workflow::products::products;
use crate::workflow::wording::{plain_id, plain_line};

/// Finds what a report says of product, dose and time.
#[derive(Debug)]
pub(super) struct Facts {
    lot: Pattern,
    dose: Pattern,
    described: Pattern,
    since_started: Pattern,
    duration: Pattern,
    dates: DateMentions,
}

impl Facts {
    pub(super) fn new(patterns: &mut PatternSet) -> Self {
        Self {
            lot: patterns.add(r"(?i)\b(?:lot|batch)\s*(?:(?:number|no\.?|num\.?|code|id)\s*)?(?:is|was|:|#|=)*\s*#?\s*([A-Z0-9][A-Z0-9-]*\d[A-Z0-9-]*)"),
            dose: patterns.add(r"(?i)\b(?:\d+(?:[.,]\d+)?(?:/\d+(?:[.,]\d+)?)?\s?(?:mg|milligrams?|mcg|micrograms?|g|ml|milliliters?|units?)|(?:(?:\d+\s)?\d/\d(?:\s(?:of\s)?an?)?|\d+(?:[.,]\d+)?|half an?|an?|one|two|three|four|five|six|seven|eight|nine|ten)\s(?:puffs?|drops?|tablets?|pills?|capsules?|patch(?:es)?|teaspoons?|tablespoons?|injections?))\b(?:\s+(?:once|twice|three times|every|per|an?|each|daily)(?:\s+(?:\d+\s+)?(?:a|per|daily|day|hours?|night|morning|week|other day))*\b)?"),
            described: patterns.add(r"(?i)\b(?:my|the|his|her|this|these|those|your|new|some|of)\s+((?:(?:blood pressure|blood thinner|heart|diabetes|thyroid|birth control|sleeping|sleep|pain|allergy|cholesterol|water|seizure|anxiety|depression|cough|iron|stomach|migraine|acne|adhd|asthma|cold|flu|vitamin|diet|weight loss|eye|ear|new|antibiotic)\s+)(?:pills?|meds?|medicines?|medications?|tablets?|capsules?|drops?|patch(?:es)?|shots?|vaccine|syrup|cream|inhaler|gummies|supplements?)|antibiotics?|painkillers?|statins?|antidepressants?|blood thinners?|inhaler|vaccine|epi ?pen|cough syrup|eye drops|ear drops|glucose meter|thermometer|blood pressure (?:cuff|monitor))\b"),
            since_started: patterns.add(r"(?i)\b(?:since|after|when)\s+(?:i|he|she|they|we)\s+(?:first\s+)?(?:started|began|took|switched)(?:\s+(?:on|the|taking|my|his|her|new|this|using|to|it)\b){0,4}(?:\s+[a-z]{4,})?"),
            duration: patterns.add(r"(?i)\b(?:for|about|within|after)\s+(?:the (?:last|past)\s+)?(?:about\s+|around\s+|almost\s+)?((?:\d{1,3}|an?|one|two|three|four|five|six|seven|ten|thirty|a few|a couple of)\s+(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?))\b|\b((?:\d{1,3}|an?|one|two|three|four|five|six|half an)\s+(?:minutes?|mins?|hours?|hrs?|days?)\s+(?:after|later|ago|into))\b"),
            dates: DateMentions::new(patterns),
        }
    }

    /// Products named, and a description where none is.
    pub(super) fn suspect_products(
        &self,
        scan: &Scan<'_>,
        metadata: &Metadata,
    ) -> (Vec<Product>, Option<String>) {
        let text = scan.text();
        let known = products(text);
        let lower = match known.is_empty() {
            true => String::new(),
            false => text.to_lowercase(),
        };
        let mut found: Vec<Product> = known
            .into_iter()
            .map(|known| {
                // Of several mentions the first that has one: "Lipitor gave me a rash. I take Lipitor 20 mg".
                let mut mentions = lower.match_indices(known.name).filter_map(|(at, name)| {
                    let (before, after) = (&lower[..at], &lower[at + name.len()..]);
                    let whole_word =
                        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
                    whole_word.then_some(after)
                });
                let strength = mentions.find_map(|after| Some(STRENGTH_AFTER.captures(after)?[1].to_owned()));
                Product {
                    name: known.name.to_owned(),
                    strength,
                    prescription: Some(known.prescription),
                }
            })
            .collect();
        // What the caller names is taken where the text names nothing: both mostly mean the same product.
        if found.is_empty() {
            let by_name = |key| {
                metadata
                    .text(key)
                    .and_then(|name| plain_product_name(&plain_line(&name)))
            };
            let name = by_name("product_name").or_else(|| by_name("product"));
            let name = name.or_else(|| metadata.text("product_id").and_then(|id| plain_id(&id)));
            found.extend(name.map(|name| Product {
                name,
                strength: None,
                prescription: None,
            }));
        }
        let described = self
            .described
            .captures(scan)
            .map(|captures| captures[1].to_lowercase());
        (found, described)
    }

    /// Lot or batch number.
    pub(super) fn lot(&self, scan: &Scan<'_>) -> Option<String> {
        self.lot
            .captures(scan)
            .map(|captures| captures[1].trim_matches('-').to_uppercase())
            .filter(|lot| lot.len() <= 24)
    }

    /// Dose, as said. The strength on the package is no dose.
    pub(super) fn dose(&self, scan: &Scan<'_>, products: &[Product]) -> Option<String> {
        let strengths = || products.iter().filter_map(|product| product.strength.as_deref());
        let dose = self.dose.find_iter(scan).map(|dose| plain_line(dose.as_str()));
        let mut dose = dose;
        dose.find(|dose| strengths().all(|strength| !strength.eq_ignore_ascii_case(dose)))
    }

    /// When it began, and when the product was begun or taken: two different dates, told apart by the words before them.
    /// `today` is the day of receipt.
    pub(super) fn onset_and_exposure(
        &self,
        scan: &Scan<'_>,
        today: Date,
    ) -> (Option<Moment>, Option<Moment>) {
        let text = scan.text();
        let (mut onset, mut exposure) = (None, None);
        let mut from = 0;
        for mention in self.dates.read(scan, today) {
            let Some(at) = text[from..].find(&mention.text).map(|at| at + from) else {
                continue;
            };
            from = at + mention.text.len();
            let before = &text[..at];
            let lower = mention.text.to_lowercase();
            let relative = lower.ends_with("ago")
                || ["today", "yesterday", "this morning", "tonight", "last night"].contains(&lower.as_str());
            let moment = || {
                Some(Moment {
                    text: plain_line(&mention.text),
                    date: mention.date,
                })
            };
            if TAKEN.is_match(last_statement(before)) {
                exposure = exposure.or_else(moment);
            } else if relative || SINCE.is_match(before) {
                onset = onset.or_else(moment);
            }
        }
        let told = |words: regex::Match<'_>| Moment {
            text: plain_line(words.as_str()),
            date: None,
        };
        if let Some(words) = self.duration.find(scan) {
            let before = &text[..words.start()];
            let slot = if TAKEN.is_match(last_statement(before)) {
                &mut exposure
            } else {
                &mut onset
            };
            slot.get_or_insert_with(|| told(words));
        }
        if onset.is_none() {
            onset = self.since_started.find(scan).map(told);
        }
        (onset, exposure)
    }
}

static STRENGTH_AFTER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^\s*(?:xr|er|sr|xl|cr)?\s*\(?(\d+(?:[.,]\d+)?\s?(?:mg|mcg|g|ml|units?|%))"));
/// Where one statement ends and the next begins.
static CLAUSE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)[.!?;\n]|,|\b(?:and|but|so|then|now)\b"));
/// A product was begun, taken, bought or delivered: the date after it is not that of an event.
static TAKEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:started|took|taken|take|taking|began (?:taking|using)|switched|prescribed|ordered|bought|filled|picked up|delivered|arrived|received|you sent|injected|swallowed|used)\b",
    )
});
static SINCE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(?:since|starting|started|began|from|after|on|about|for)\s+[^.!?\n]{0,30}$")
});

/// The statement that `before` breaks off in.
fn last_statement(before: &str) -> &str {
    let ends = CLAUSE.find_iter(before).last();
    &before[ends.map_or(0, |boundary| boundary.end())..]
}

/// A product name from metadata: letters, digits, spaces and a few signs, so that no address or number slips in.
fn plain_product_name(name: &str) -> Option<String> {
    let ok =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '/' | '.' | ',' | '%' | '(' | ')' | '+');
    let digits = name.chars().filter(char::is_ascii_digit).count();
    (name.chars().all(ok) && name.len() <= 80 && digits <= 6 && name.chars().any(char::is_alphabetic))
        .then(|| name.to_owned())
}

/// How it ended, as said; the worst of what is said.
pub(super) fn outcome(scan: &Scan<'_>, terms: &Terms) -> Outcome {
    [
        ("fatal", Outcome::Fatal),
        ("not_recovered", Outcome::NotRecovered),
        ("recovered_with_sequelae", Outcome::RecoveredWithSequelae),
        ("recovering", Outcome::Recovering),
        ("recovered", Outcome::Recovered),
    ]
    .into_iter()
    .find(|(code, _)| terms.outcome.has(code, scan))
    .map_or(Outcome::Unknown, |(_, outcome)| outcome)
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    fn scan(text: &str) -> Scan<'_> {
        Reader::built_in().prefilter.scan(text)
    }

    #[test]
    fn products_lots_doses_and_onsets_are_read_where_they_are_plain() {
        let facts = &Reader::built_in().facts;
        let products = |text: &str| -> Vec<(String, Option<String>)> {
            let found = facts.suspect_products(&scan(text), &Metadata::default()).0;
            found
                .into_iter()
                .map(|product| (product.name, product.strength))
                .collect()
        };
        assert_eq!(
            products("Lipitor 20 mg and Advil"),
            [
                ("lipitor".to_owned(), Some("20 mg".to_owned())),
                ("advil".to_owned(), None)
            ]
        );
        for text in [
            "Lipitor gave me a rash. I take Lipitor 20 mg",
            "advilx 200 mg or lipitors 10 mg or Lipitor 20 mg",
        ] {
            let strength = ("lipitor".to_owned(), Some("20 mg".to_owned()));
            assert_eq!(products(text), [strength], "{text}");
        }
        assert_eq!(products("my pills"), []);
        let described = |text| facts.suspect_products(&scan(text), &Metadata::default()).1;
        assert_eq!(
            described("my blood pressure pills").as_deref(),
            Some("blood pressure pills")
        );
        assert_eq!(described("the thing"), None);
        for (text, expected) in [
            ("lot AX4471B", Some("AX4471B")),
            ("Lot number: 12-99X", Some("12-99X")),
            ("batch no. 0097", Some("0097")),
            ("a lot of 20 pills", None),
            ("lots of pain", None),
        ] {
            assert_eq!(facts.lot(&scan(text)).as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("20 mg twice a day", Some("20 mg twice a day")),
            ("two tablets", Some("two tablets")),
            ("1/2 tablet of lisinopril twice", Some("1/2 tablet")),
            ("1/2 a tablet daily", Some("1/2 a tablet daily")),
            ("1 1/2 pills", Some("1 1/2 pills")),
            ("one 5/325 mg twice", Some("5/325 mg twice")),
            ("20 minutes ago", None),
            ("i had a good day", None),
        ] {
            assert_eq!(facts.dose(&scan(text), &[]).as_deref(), expected, "{text}");
        }
        let received: Date = "2026-11-22".parse().unwrap();
        let onset = |text| facts.onset_and_exposure(&scan(text), received).0;
        let exposure = |text| {
            let (_, exposure) = facts.onset_and_exposure(&scan(text), received);
            exposure.map(|moment| moment.text)
        };
        assert_eq!(
            exposure("he started lisinopril on November 3rd and has a cough").as_deref(),
            Some("November 3rd")
        );
        assert_eq!(
            exposure("took it twice this morning, i feel dizzy").as_deref(),
            Some("this morning")
        );
        assert_eq!(exposure("rash since November 3rd"), None);
        assert!(onset("he started lisinopril on November 3rd and has a cough").is_none());
        for (text, words, date) in [
            ("rash since November 3rd", "November 3rd", Some("2026-11-03")),
            ("it began yesterday", "yesterday", Some("2026-11-21")),
            ("dizzy for three days", "for three days", None),
            (
                "since i started the new pills i itch",
                "since i started the new pills",
                None,
            ),
        ] {
            let found = onset(text).unwrap();
            assert_eq!(found.text, words, "{text}");
            assert_eq!(found.date.map(|date| date.to_string()).as_deref(), date, "{text}");
        }
        assert!(onset("I have a rash").is_none());
        assert!(onset("my birthday is May 3").is_none());
        assert_eq!(exposure("I took 1/2 tablet of lisinopril and got dizzy"), None);
    }

    #[test]
    fn the_outcome_is_the_worst_that_is_said_and_unknown_otherwise() {
        let reader = Reader::built_in();
        for (text, expected) in [
            ("she died", Outcome::Fatal),
            ("the rash won't go away", Outcome::NotRecovered),
            ("still dizzy", Outcome::NotRecovered),
            ("it left me with a scar", Outcome::RecoveredWithSequelae),
            ("feeling a little better", Outcome::Recovering),
            ("the rash went away", Outcome::Recovered),
            ("I have a rash", Outcome::Unknown),
        ] {
            assert_eq!(
                outcome(&reader.prefilter.scan(text), &reader.terms),
                expected,
                "{text}"
            );
        }
        // A death is an event by whatever word it is told.
        for text in [
            "she died",
            "he passed away",
            "she is dead",
            "he’s dead",
            "found dead",
            "it was fatal",
        ] {
            let scan = reader.prefilter.scan(text);
            assert_eq!(outcome(&scan, &reader.terms), Outcome::Fatal, "{text}");
            assert!(!reader.terms.events.words("terms", &scan).is_empty(), "{text}");
        }
    }
}
