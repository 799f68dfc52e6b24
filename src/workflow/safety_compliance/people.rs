//! Who reports and who is affected, as far as the report plainly says.
//!
//! Nothing is guessed: where it could be either of two people, it is unknown. Reads redacted text; the redaction's
//! placeholders tell that contact details were there.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::affected::{Affected, is_animal};
use super::case_report::{Age, Patient, Reporter};
use super::known_by::KnownBy;
use super::terms::Terms;
use crate::message::Metadata;
use crate::workflow::numbers::small_number;
use crate::workflow::patterns::{Pattern, PatternList, PatternSet, Scan, regex};

/// Finds people.
#[derive(Debug)]
pub(super) struct People {
    age: Pattern,
    relation: Pattern,
    /// A health professional speaks of a patient, not of herself.
    a_patient: Pattern,
    /// One expression for each wording: those that are nothing but phrases are not run.
    first_person: PatternList,
    /// The reporter has had it happen to herself.
    experience: Pattern,
    /// Ways to reach somebody, masked. A name alone is none, and may be anybody's.
    contact: Pattern,
    profession: Pattern,
}

impl People {
    pub(super) fn new(patterns: &mut PatternSet) -> Self {
        Self {
            age: patterns.add(r"(?i)\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[\s-]?(years?|yrs?|months?|mos?|weeks?|days?|y)[\s-]?(?:olds?|/?o\b)|\b(?:i['’]?m|i am|he['’]?s|he is|she['’]?s|she is|aged?)\s+(\d{1,3})\b(?:\s*(?:years|,|\.|and\b|$))|\b(\d{1,3})\s?(?:yo|y/o)\b"),
            relation: patterns.add(r"(?i)\b(?:my|our)\s+(?:\w+[\s-]){0,4}?(daughter|son|wife|husband|mother|mom|mum|father|dad|grandmother|grandma|grandfather|grandpa|grandson|granddaughter|grandchild|sister|brother|aunt|uncle|niece|nephew|girlfriend|boyfriend|partner|friend|neighbou?r|baby|toddler|infant|newborn|child|kid|kids|children|patient|roommate|dog|cat|puppy|kitten|pet|horse|rabbit)\b"),
            a_patient: patterns.add(r"(?i)\b(?:(?:one of )?(?:my|our|the|a|this) patients?|patient of (?:mine|ours))\b"),
            first_person: patterns.add_all(
                [
                    "i(?:['’]?m| am| was| have| had|['’]?ve| got| get| feel| felt| took| take| started| keep| can['’]?t| cannot| could(?:n['’]?t)?| broke| woke| swallowed| used| missed| threw| passed| fainted| developed| noticed| ended| vomited| itch| almost| nearly| injected| ate| drank| just| accidentally)",
                    "(?:gave|gives|giving|made|makes|making|got|sent|leaves|left) me",
                    r"me (?:\w+ )?(?:sick|dizzy|ill)",
                    r"my (?:\w+ )?(?:throat|chest|tongue|lips|face|skin|stomach|heart|head|arms?|legs?|hands?|feet|eyes?|body|back|blood|period|mouth|vision|ears?|pregnancy)",
                ]
                .map(|words| format!(r"(?i)\b(?:{words})\b")),
            ),
            experience: patterns.add(r"(?i)\bi (?:feel|felt|got|developed|broke|woke|vomited|threw|fainted|passed|itch|swallowed|took|can['’]?t breathe)\b|\bmy (?:throat|chest|tongue|lips|face|skin|stomach|heart|head|arms?|legs?|hands?|feet|eyes?|rash|hives)\b|\bmade me\b"),
            contact: patterns.add(r"\[(?:EMAIL|PHONE|ADDRESS)_REDACTED\]"),
            profession: patterns.add(r"(?i)\b(?:i['’]?m|i am|as)\s+(?:an?|the|his|her)\s+(?:\w+\s+){0,2}?(doctor|physician|gp|pharmacist|nurse|paramedic|dentist|midwife)\b"),
        }
    }

    /// Who reports.
    pub(super) fn reporter(&self, scan: &Scan<'_>, metadata: &Metadata) -> Reporter {
        let mut by: Vec<String> = Vec::new();
        for known in KnownBy::all(metadata) {
            if !by.iter().any(|name| name == known.name()) {
                by.push(known.name().to_owned());
            }
        }
        if self.contact.is_match(scan) {
            by.push("contact details (redacted)".to_owned());
        }
        let qualification =
            self.profession
                .captures(scan)
                .map(|captures| match captures[1].to_lowercase().as_str() {
                    "doctor" | "physician" | "gp" => "physician",
                    "pharmacist" => "pharmacist",
                    _ => "other_health_professional",
                });
        Reporter {
            identifiable: !by.is_empty(),
            by,
            qualification: qualification.map(str::to_owned),
        }
    }

    /// Who is affected.
    pub(super) fn patient(
        &self,
        scan: &Scan<'_>,
        terms: &Terms,
        reporter: &Reporter,
        affected: Affected,
    ) -> Patient {
        let text = scan.text();
        let related = self
            .relation
            .captures_iter(scan)
            .find(|captures| affected.animal || !is_animal(&captures[1]));
        let relation = related.as_ref().map(|captures| captures[1].to_lowercase());
        let relation = relation.or_else(|| self.a_patient.is_match(scan).then(|| "patient".to_owned()));
        let is_reporter = match (&relation, self.speaks_of_herself(scan)) {
            (Some(relation), _) if relation == "patient" => Some(false),
            // "My mom says the rash I got ..." may be about either.
            (Some(_), true) if self.experience.is_match(scan) => None,
            (Some(_), _) => Some(false),
            (None, true) => Some(true),
            (None, false) => None,
        };
        let age = self.age(scan, is_reporter).or_else(|| {
            let after = &text[related?.get(0)?.end()..];
            let captures = AGE_AFTER_RELATION.captures(after)?;
            let value = captures.get(1).or(captures.get(2))?.as_str().parse().ok()?;
            (value <= 120).then(|| Age {
                value,
                unit: "years".to_owned(),
            })
        });
        let mut groups: Vec<String> = terms
            .affected
            .codes()
            .filter(|code| match *code {
                "animal" => affected.animal,
                code => terms.affected.has(code, scan),
            })
            .map(str::to_owned)
            .collect();
        if let Some(age) = &age {
            let years = if age.unit == "years" { age.value } else { 0 };
            for (group, applies) in [("child", years < 18), ("elderly", years >= 65)] {
                if applies
                    && !groups.iter().any(|known| known == group)
                    && !groups.iter().any(|known| known == "animal")
                {
                    groups.push(group.to_owned());
                }
            }
        }
        // Redaction masks ages of 90 and more.
        let age_redacted = text.contains("[AGE_REDACTED]");
        if age_redacted && !groups.iter().any(|group| group == "elderly" || group == "animal") {
            groups.push("elderly".to_owned());
        }
        let has_group = |name: &str| groups.iter().any(|group| group == name);
        let sex = match is_reporter {
            Some(true) => has_group("pregnant").then_some("female"),
            Some(false) => relation.as_deref().and_then(sex_of).or_else(|| pronoun(text)),
            None => None,
        };
        let young = [
            "baby",
            "toddler",
            "infant",
            "newborn",
            "child",
            "kid",
            "grandchild",
        ];
        let age_group = relation
            .as_deref()
            .is_some_and(|relation| young.contains(&relation));
        let by: Vec<String> = [
            ("age", age.is_some()),
            ("age (redacted)", age_redacted),
            ("date of birth (redacted)", text.contains("[DOB_REDACTED]")),
            ("age group", age_group && age.is_none()),
            ("sex", sex.is_some()),
            ("animal", has_group("animal")),
            ("relation", relation.is_some()),
            (
                "is the reporter",
                is_reporter == Some(true) && reporter.identifiable,
            ),
        ]
        .into_iter()
        .filter(|(_, known)| *known)
        .map(|(name, _)| name.to_owned())
        .collect();
        // A relation alone ("my friend") is a hint; with age, age group or sex it is a particular person.
        let identifiable = by.iter().any(|by| by != "relation");
        Patient {
            is_reporter,
            identifiable,
            by,
            relation,
            sex: sex.map(str::to_owned),
            age,
            groups,
        }
    }

    fn speaks_of_herself(&self, scan: &Scan<'_>) -> bool {
        let mut wordings = self.first_person.that_may_match(scan);
        wordings.any(|wording| wording.is_match(scan))
    }

    /// The patient's age. What the reporter says of herself counts only where she is the patient.
    fn age(&self, scan: &Scan<'_>, is_reporter: Option<bool>) -> Option<Age> {
        let of_the_patient =
            |captures: &Captures<'_>| is_reporter == Some(true) || !of_the_reporter(scan.text(), captures);
        let captures = self.age.captures_iter(scan).find(of_the_patient)?;
        let get = |at: usize| captures.get(at).map(|group| group.as_str().to_lowercase());
        let number = get(1).or(get(3)).or(get(4))?;
        let value = small_number(&number)?;
        let unit = match get(2).as_deref() {
            Some(unit) if unit.starts_with("mo") => "months",
            Some(unit) if unit.starts_with('w') => "weeks",
            Some(unit) if unit.starts_with('d') => "days",
            _ => "years",
        };
        (value <= 120).then(|| Age {
            value,
            unit: unit.to_owned(),
        })
    }
}

/// Whether an age is said of the reporter: "I'm 34", "I am a 34 year old".
fn of_the_reporter(text: &str, age: &Captures<'_>) -> bool {
    static I_AM: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)^(?:i['’]?m|i am)\s"));
    static I_AM_BEFORE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\b(?:i['’]?m|i am)\s+(?:\w+\s+)?$"));
    let age = age.get(0).expect("a match has a whole");
    let before = &text[..age.start()];
    // Room for "i am almost ": all of the text again for each age would be quadratic.
    let before = &before[before.floor_char_boundary(before.len().saturating_sub(16))..];
    I_AM.is_match(age.as_str()) || I_AM_BEFORE.is_match(before)
}

/// Whether the reporter is a consumer, as far as is told, where no profession is: the patient, or whose patient it is but a health
/// professional's.
pub(super) fn is_a_consumer(patient: &Patient) -> bool {
    patient.is_reporter == Some(true)
        || patient
            .relation
            .as_deref()
            .is_some_and(|relation| relation != "patient")
}

/// `my husband (71)`, `my husband, 71,`.
static AGE_AFTER_RELATION: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*(?:\((\d{1,3})\)|,\s*(\d{1,3})\s*,)"));

fn sex_of(relation: &str) -> Option<&'static str> {
    match relation {
        "daughter" | "wife" | "mother" | "mom" | "mum" | "grandmother" | "grandma" | "granddaughter"
        | "sister" | "aunt" | "niece" | "girlfriend" => Some("female"),
        "son" | "husband" | "father" | "dad" | "grandfather" | "grandpa" | "grandson" | "brother"
        | "uncle" | "nephew" | "boyfriend" => Some("male"),
        _ => None,
    }
}

/// "He" or "she" says the sex of a patient who is not the reporter, when only one of both is used.
fn pronoun(text: &str) -> Option<&'static str> {
    let words = || text.split(|c: char| !c.is_alphabetic());
    let she = words().any(|word| ["she", "her", "hers"].contains(&word.to_lowercase().as_str()));
    let he = words().any(|word| ["he", "him", "his"].contains(&word.to_lowercase().as_str()));
    match (she, he) {
        (true, false) => Some("female"),
        (false, true) => Some("male"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::reader::Reader;
    use super::*;

    fn reporter(text: &str, metadata: &Metadata) -> Reporter {
        let reader = Reader::built_in();
        reader.people.reporter(&reader.prefilter.scan(text), metadata)
    }

    fn read(text: &str) -> Patient {
        let reader = Reader::built_in();
        let scan = reader.prefilter.scan(text);
        let reporter = reader.people.reporter(&scan, &Metadata::default());
        let affected = Affected::read(&scan, &reader.terms);
        reader.people.patient(&scan, &reader.terms, &reporter, affected)
    }

    #[test]
    fn the_patient_is_who_the_words_plainly_say() {
        for (text, is_reporter, relation, sex, age, groups) in [
            (
                "my 5 year old son has hives",
                Some(false),
                Some("son"),
                Some("male"),
                Some((5, "years")),
                &["child"][..],
            ),
            (
                "my 6 month old swallowed it",
                None,
                None,
                None,
                Some((6, "months")),
                &["child"],
            ),
            (
                "my husband, 71, fell",
                Some(false),
                Some("husband"),
                Some("male"),
                Some((71, "years")),
                &["elderly"],
            ),
            ("i got a rash", Some(true), None, None, None, &[]),
            (
                "I'm pregnant and took it",
                Some(true),
                None,
                Some("female"),
                None,
                &["pregnant"],
            ),
            (
                "my mom says the rash i got is bad",
                None,
                Some("mom"),
                None,
                None,
                &[],
            ),
            ("my dog ate it", Some(false), Some("dog"), None, None, &["animal"]),
            ("dog ate my levothyroxine", None, None, None, None, &["animal"]),
            (
                "I took one of my dog's heart pills by mistake",
                Some(true),
                None,
                None,
                None,
                &[],
            ),
            (
                "I gave my dog's meds to my son by accident",
                Some(false),
                Some("son"),
                Some("male"),
                None,
                &["child"],
            ),
            ("I like hot dogs", None, None, None, None, &[]),
            (
                "my baby has a fever",
                Some(false),
                Some("baby"),
                None,
                None,
                &["child"],
            ),
            (
                "my grandmother is dizzy",
                Some(false),
                Some("grandmother"),
                Some("female"),
                None,
                &["elderly"],
            ),
            (
                "i'm breastfeeding, is it ok",
                Some(true),
                None,
                None,
                None,
                &["breastfeeding"],
            ),
            (
                "I'm a nurse, one of our patients, 84 y/o, fell. She is ok",
                Some(false),
                Some("patient"),
                Some("female"),
                Some((84, "years")),
                &["elderly"],
            ),
            (
                "I'm 34 and my daughter has hives after amoxicillin",
                Some(false),
                Some("daughter"),
                Some("female"),
                None,
                &["child"],
            ),
            (
                "I am a 34 year old, and my daughter, 5 years old, has hives",
                Some(false),
                Some("daughter"),
                Some("female"),
                Some((5, "years")),
                &["child"],
            ),
            (
                "I’m 34 and got hives",
                Some(true),
                None,
                None,
                Some((34, "years")),
                &[],
            ),
            ("is it safe", None, None, None, None, &[]),
            ("a 150 year old tree", None, None, None, None, &[]),
        ] {
            let found = read(text);
            assert_eq!(found.is_reporter, is_reporter, "{text}");
            assert_eq!(found.relation.as_deref(), relation, "{text}");
            assert_eq!(found.sex.as_deref(), sex, "{text}");
            let age = age.map(|(value, unit)| Age {
                value,
                unit: unit.to_owned(),
            });
            assert_eq!(found.age, age, "{text}");
            assert_eq!(found.groups, groups, "{text}");
        }
        assert!(read("my baby has a fever").identifiable && read("my dog ate it").identifiable);
        assert!(
            !read("my friend is dizzy").identifiable,
            "a relation alone is nobody in particular"
        );
    }

    #[test]
    fn the_reporter_is_identifiable_when_somebody_can_be_asked_back() {
        let metadata =
            |value: serde_json::Value| Metadata::parse(value.as_object().unwrap().clone()).unwrap();
        assert!(!reporter("rash", &metadata(json!({ "order_id": "1" }))).identifiable);
        assert!(reporter("rash", &metadata(json!({ "customer_id": "C-1" }))).identifiable);
        for (key, value, by) in [
            ("email", "ada@example.com", "mail address (metadata)"),
            (
                "customer_email",
                "Ada Example <ada@example.com>",
                "mail address (metadata)",
            ),
            ("from", "ada@example.com", "mail address (metadata)"),
            ("phone", "5550102345", "phone number (metadata)"),
            ("customer_phone", "(555) 010-2345", "phone number (metadata)"),
            ("caller", "+1 555 010 2345", "phone number (metadata)"),
        ] {
            let found = reporter("rash", &metadata(json!({ key: value })));
            assert_eq!(
                (found.identifiable, found.by),
                (true, vec![by.to_owned()]),
                "{key}"
            );
        }
        assert!(!reporter("rash", &metadata(json!({ "email": "nobody", "phone": "123" }))).identifiable);
        assert!(reporter("rash, write to [EMAIL_REDACTED]", &Metadata::default()).identifiable);
        assert!(!reporter("rash, thanks, [NAME_REDACTED]", &Metadata::default()).identifiable);
        for (text, qualification) in [
            ("I'm a nurse here", Some("other_health_professional")),
            ("I am her doctor", Some("physician")),
            ("as the pharmacist", Some("pharmacist")),
            ("my doctor says", None),
        ] {
            assert_eq!(
                reporter(text, &Metadata::default()).qualification.as_deref(),
                qualification,
                "{text}"
            );
        }
    }
}
