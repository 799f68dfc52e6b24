//! Days mentioned in a text: as written, and the day meant where it is plain.
//!
//! Month comes before day, as in the United States; a day without a year is the last such day that is not after the day of receipt;
//! "Tuesday" is the last one. "Two months ago" names no day and stays words, and "1/2 tablet" is a half.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::Regex;
use serde::Serialize;
use utoipa::ToSchema;

use super::numbers::small_number;
use super::patterns::{Pattern, PatternSet, Scan, regex};

/// A day that was mentioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DateMention {
    /// As written.
    pub text: String,
    /// The day meant, where it is plain; month before day as in the United States.
    #[schema(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
}

/// Finds mentions of days.
#[derive(Debug)]
pub(super) struct DateMentions(Pattern);

impl DateMentions {
    pub(super) fn new(patterns: &mut PatternSet) -> Self {
        Self(patterns.add(
            r"(?i)\b(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?|(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?|(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?:,?\s+(\d{4}))?|(today|this morning|tonight|yesterday|last night)|(?:(last|on|this past)\s+)?(monday|tuesday|wednesday|thursday|friday|saturday|sunday)|(\d{1,2}|an?|one|two|three|four|five|six|seven|ten)\s+(days?|weeks?|months?)\s+ago)\b",
        ))
    }

    /// Days mentioned in a text, in order. `today` is the day of receipt where the operator is.
    pub(super) fn read(&self, scan: &Scan<'_>, today: Date) -> Vec<DateMention> {
        self.0
            .captures_iter(scan)
            .filter(|captures| !is_amount(captures, scan.text()))
            .map(|captures| {
                let get = |at: usize| captures.get(at).map(|group| group.as_str());
                let text = captures.get(0).map_or("", |whole| whole.as_str()).to_owned();
                let number = |at: usize| get(at).and_then(|digits| digits.parse::<i16>().ok());
                let date = if let (Some(year), Some(month), Some(day)) = (number(1), number(2), number(3)) {
                    day_of(Some(year), month, day, today)
                } else if let (Some(month), Some(day)) = (number(4), number(5)) {
                    day_of(number(6), month, day, today)
                } else if let (Some(name), Some(day)) = (get(7), number(8)) {
                    day_of(number(9), month_of(name), day, today)
                } else if let (Some(day), Some(name)) = (number(10), get(11)) {
                    day_of(number(12), month_of(name), day, today)
                } else if let Some(word) = get(13) {
                    let word = word.to_lowercase();
                    let back = i64::from(word == "yesterday" || word == "last night");
                    today.checked_sub(back.days()).ok()
                } else if let Some(name) = get(15) {
                    // "Tuesday" in a report is the last one before today.
                    today.nth_weekday(-1, weekday_of(name)).ok()
                } else if let (Some(count), Some(unit)) = (get(16), get(17)) {
                    ago(count, unit, today)
                } else {
                    None
                };
                DateMention { text, date }
            })
            .collect()
    }
}

/// Follows a number that measures something: a day is nothing of "5/325 mg".
static MEASURE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^(?:\s?%|[\s-]?(?:mg|milligrams?|mcg|micrograms?|g|grams?|ml|milliliters?|liters?|oz|ounces?|units?|iu)\b)",
    )
});
/// Follows the part of a whole: "1/2 tablet", "1/2 a tablet", "1/4 of my 20 mg pill".
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^[\s-](?:(?:of\s+)?(?:an?|the|my|his|her|one)\s+|of\s+)?(?:\d+\s?m?c?g\s+)?(?:puffs?|drops?|tabs?|tablets?|pills?|caps?|capsules?|caplets?|patch(?:es)?|tea\s?spoons?|tsp|table\s?spoons?|tbsp|cups?|doses?|strips?|vials?|bottles?|packs?|box(?:es)?|inch(?:es)?|hours?|days?|years?)\b",
    )
});

/// Whether what is written like a month and a day is an amount: "1/2 tablet". Only halves, thirds and quarters of a whole, as a tablet may be named
/// behind a date, too.
fn is_amount(captures: &regex::Captures<'_>, text: &str) -> bool {
    let (Some(above), Some(below), None) = (captures.get(4), captures.get(5), captures.get(6)) else {
        return false;
    };
    let after = &text[below.end()..];
    let part = matches!(
        (above.as_str(), below.as_str()),
        ("1", "2" | "3" | "4") | ("2", "3") | ("3", "4")
    );
    MEASURE.is_match(after) || part && WHOLE.is_match(after)
}

/// A day with or without a year; without one, the last such day that is not after today.
fn day_of(year: Option<i16>, month: i16, day: i16, today: Date) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    match year {
        Some(year) => Date::new(if year < 100 { 2000 + year } else { year }, month, day).ok(),
        None => {
            let this_year = Date::new(today.year(), month, day).ok();
            let last_year = || Date::new(today.year() - 1, month, day).ok();
            this_year.filter(|date| *date <= today).or_else(last_year)
        }
    }
}

fn month_of(name: &str) -> i16 {
    let names = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let name = name.to_lowercase();
    (1..)
        .zip(names)
        .find(|(_, short)| name.starts_with(short))
        .map_or(0, |(number, _)| number)
}

fn weekday_of(name: &str) -> Weekday {
    match name.to_lowercase().as_str() {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        _ => Weekday::Sunday,
    }
}

fn ago(count: &str, unit: &str, today: Date) -> Option<Date> {
    let count = match count.to_lowercase().as_str() {
        "a" | "an" => 1,
        count => i64::from(small_number(count)?),
    };
    match unit.to_lowercase().trim_end_matches('s') {
        "day" => today.checked_sub(count.days()).ok(),
        "week" => today.checked_sub(count.weeks()).ok(),
        // "Two months ago" names no day.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(text: &str) -> Vec<DateMention> {
        let mut patterns = PatternSet::default();
        let dates = DateMentions::new(&mut patterns);
        // A Sunday.
        dates.read(&patterns.prefilter().scan(text), "2026-11-22".parse().unwrap())
    }

    #[test]
    fn dates_are_resolved_where_they_are_plain() {
        for (text, date) in [
            ("on 2026-02-28", Some("2026-02-28")),
            ("on 11/03/2026", Some("2026-11-03")),
            ("on 11/3", Some("2026-11-03")),
            ("since December 24th", Some("2025-12-24")),
            ("the 3rd of May 2026", Some("2026-05-03")),
            ("yesterday", Some("2026-11-21")),
            ("last Tuesday", Some("2026-11-17")),
            ("three days ago", Some("2026-11-19")),
            ("2 weeks ago", Some("2026-11-08")),
            ("Feb 30", None),
            ("13/13/2026", None),
            ("two months ago", None),
            ("a rash since 11/3, half a tablet later", Some("2026-11-03")),
            ("on 11/3 a tablet got stuck", Some("2026-11-03")),
            ("from 1/2", Some("2026-01-02")),
        ] {
            let found = dates(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(
                found[0].date.map(|date| date.to_string()).as_deref(),
                date,
                "{text}"
            );
        }
        for text in [
            "may I ask something",
            "I took 1/2 tablet of lisinopril",
            "1/2 a tablet",
            "1/2 of my 20 mg pill",
            "two 5/325 mg tablets a day, 12/25 mg before",
            "1 1/2 pills, 1/4-cup",
        ] {
            assert_eq!(dates(text), [], "{text}");
        }
    }
}
