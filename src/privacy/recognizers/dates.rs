//! Dates of birth, other dates tied to a person, and ages over 89.
//!
//! A date beside a birth cue is a date of birth in any form. Without a cue, a full date at least as old as
//! [`OLD_YEAR`] is taken for one: nothing that a customer of today orders, returns or asks about is so dated.

use super::pattern::{Family, Needs, Pattern, Place, digits};
use crate::privacy::kind::IdentifierKind::{Age, Date, Dob};
use crate::privacy::sense::Sense;

/// A full date of this year or before, without a cue, is a date of birth.
const OLD_YEAR: u32 = 2012;

/// Whether the match holds a four-digit year from 1900 to [`OLD_YEAR`].
fn old(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|part| part.len() == 4)
        .filter_map(|part| part.parse().ok())
        .any(|year: u32| (1900..=OLD_YEAR).contains(&year))
}

/// Month and day in range, in either order; the year is not judged.
fn calendar(text: &str) -> bool {
    let parts: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .filter_map(|part| part.parse().ok())
        .collect();
    match parts.as_slice() {
        [a, b, c] if *a > 31 => {
            (1..=12).contains(b) && (1..=31).contains(c) || (1..=12).contains(c) && (1..=31).contains(b)
        }
        [a, b, _] => {
            (1..=12).contains(a) && (1..=31).contains(b) || (1..=12).contains(b) && (1..=31).contains(a)
        }
        _ => false,
    }
}

fn over_89(text: &str) -> bool {
    let age = digits(text).fold(0, |sum: u32, digit| sum.saturating_mul(10).saturating_add(digit));
    (90..=125).contains(&age)
        || (age == 0 && text.to_ascii_lowercase().contains("ninet"))
        || text.to_ascii_lowercase().contains("hundred")
}

macro_rules! month {
    () => {
        // English, then German, French, Spanish, Italian, Portuguese, Dutch, Polish and Turkish where they differ, as a text is read (a Turkish ı is an i).
        r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|maerz|mai|juni|juli|oktober|dezember|janvier|f[ée]vrier|mars|avril|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|se[pt]tiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|januari|februari|maart|mei|augustus|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia|ocak|şubat|mart|nisan|mayis|haziran|temmuz|ağustos|eylül|ekim|kasim|aralik)"
    };
}
macro_rules! day {
    () => {
        r"(?:\d{1,2}(?: ?st| ?nd| ?rd| ?th| ?er)?|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|one|two|three|four|five|six|seven|eight|nine)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|twenty|thirty|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
    };
}
macro_rules! year {
    () => {
        r"(?:(?:19|20) ?\d{2}|'?\d{2}|nineteen (?:hundred|oh|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[ -]?(?:one|two|three|four|five|six|seven|eight|nine)?|two thousand(?: (?:and )?(?:one|two|three|four|five|six|seven|eight|nine))?)"
    };
}
macro_rules! written {
    () => {
        concat!(
            month!(),
            r"\.?,? ?(?:the )?[ -]?",
            day!(),
            r",?(?: of)?[ ,./-]{1,3}(?:in )?",
            year!(),
            "|",
            r"(?:the )?",
            day!(),
            r"(?: day)?(?: of| de)?[ ,./-]{0,3}",
            month!(),
            r"\.?,?(?: del?)?[ ,./-]{0,3}",
            year!(),
            "|",
            r"(?:19|20)\d{2}[ ,./-]{1,2}",
            month!(),
            r"[ ,./-]{1,2}\d{1,2}"
        )
    };
}
macro_rules! numeric {
    () => {
        r"\d{1,2} ?[-/.|] ?\d{1,2} ?[-/.|] ?(?:\d{4}|\d{2})|(?:19|20)\d{2} ?[-/.] ?\d{1,2} ?[-/.] ?\d{1,2}"
    };
}

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Dob),
            "dob, d.o.b., d.o.b, d o b, date of birth, birth date, birthdate, birthday, bday, b-day, born, \
             born on, born in, dateofbirth, birth day, birth, born the, bd, birth dt, date of birth is, fecha \
             de nacimiento, nacido, nacida, birthdt, was born, my birthday is, year of birth, birth year, b. \
             d., geboren, geboren am, geb., geb. am, geburtsdatum, geburtstag, né le, née le, ne le, nee le, date de naissance, né en, née en, nací el, \
             naci el, nacido el, nacida el, nació el, nacio el, nació, nata il, nato il, data di nascita, nascido em, nascida em, nasceu em, nasceu a, nasci \
             em, nascido a, data de nascimento, geboortedatum, geboren op, data urodzenia, urodzony, urodzona, urodził się, urodziła się, ur., doğum \
             tarihi, doğum tarihim, doğumlu, doğumluyum",
        ),
        (
            Sense::Confirms(Date),
            "admit date, date admitted, date discharged, d/c date, dc date, admitted, admitted on, admission date, admission, discharged, discharged on, discharge date, \
             died, died on, passed away, passed away on, date of death, deceased, date of admission, date of \
             discharge, date of service, dos, surgery on, surgery was, operated on, operation on, diagnosed \
             on, hospitalized on, hospitalised on, hospitalized, hospitalised, procedure on, seen in er on, \
             in the er on, my surgery, hospital on, hospital from, deathdate, married on, wedding, \
             anniversary, vaccinated on, date of procedure, had surgery, my surgery was, passed on, passed in, passed, seen on, visit on, visit date, implanted, implanted on, transplant on, \
             date of visit, er visit, delivered my baby on, gave birth on, intubated on, went in on, came out on, came out, went into hospital on, went into hospital, taken in on, came home on, came home, sent home on, went home on, hospital stay, in hospital since, in hospital from",
        ),
        (
            Sense::Suggests(Date),
            "dc, d/c, discharge, admit, surgery, operation, hospitalization, seen by, appointment with, appt with, visit with, saw, consult with, \
             checkup with, scan, biopsy, mri, colonoscopy, chemo, dialysis, due date, checkup, check-up",
        ),
        (
            Sense::Confirms(Age),
            "age, aged, turned, turning, age is, years old, year old, y/o, yo, yr old, yrs old, years of age, \
             year-old, i am, i'm, he is, she is, she's, he's, im, ages, turns, just turned, grandpa is, grandpa, grandma, granny, nana, \
             grandma is, grandmother is, grandfather is, mother is, father is, mom is, dad is, mum is, \
             husband is, wife is, aunt is, uncle is, nana is, gran is, granny is, nan is, sister is, brother is, papa is, patient is, neighbor is, who is, who's, shes, \
             hes, at age, my mother, my father, my mom, my mum, my dad, my grandmother, my grandfather, my grandma, \
             my grandpa, my nana, my gran, my granny, my nan, my papa, my aunt, my uncle, my husband, my wife, my neighbor, my neighbour, my late husband, \
             my late wife, my mother in law, my father in law, my great aunt, my great uncle, my partner, my friend, mother, \
             father, mom, mum, dad, grandmother, grandfather, grandma, grandpa, nana, neighbor, neighbour, husband, wife, \
             aunt, uncle, patient, the patient, my patient, my client, resident, elderly mother, elderly father, an elderly \
             woman, an elderly man, mom's, mum's, dad's, mother's, father's, grandma's, grandpa's, nana's, granny's, gran's, husband's, wife's, aunt's, uncle's, a woman, a man, customer, widow, widower",
        ),
    ],
    patterns: &[
        Pattern {
            name: "date_numeric",
            kind: Dob,
            shape: numeric!(),
            needs: Needs::Digits(4),
            bare: 0.0,
            confirmed: 0.9,
            cues: &[Dob, Date],
            valid: calendar,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "date_of_birth_by_year",
            kind: Dob,
            shape: numeric!(),
            needs: Needs::OldYear,
            bare: 0.6,
            confirmed: 0.9,
            cues: &[Dob, Date],
            valid: |text| calendar(text) && old(text),
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "date_written_by_year",
            kind: Dob,
            shape: written!(),
            needs: Needs::OldYear,
            bare: 0.6,
            confirmed: 0.9,
            cues: &[Dob, Date],
            valid: old,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "date_written",
            kind: Dob,
            shape: written!(),
            needs: Needs::Cue,
            confirmed: 0.9,
            cues: &[Dob, Date],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "date_without_year",
            kind: Dob,
            shape: concat!(
                month!(),
                r"\.?,? ?(?:the )?",
                day!(),
                r"|(?:the )?",
                day!(),
                r" ?(?:of )?",
                month!(),
                r"|\d{1,2} ?[/-] ?\d{1,2}"
            ),
            needs: Needs::Cue,
            confirmed: 0.7,
            cues: &[Dob, Date],
            ..Pattern::DEFAULT
        },
        // "seen by Dr. Grady on May 4", "appointment with my surgeon is on the 3rd of June".
        Pattern {
            name: "date_of_visit",
            kind: Date,
            shape: concat!(
                r" (?:dr\.? |doctor |my |the |mr\.? |ms\.? |mrs\.? )?(?:\x01|[a-z]+)(?: (?:is|was|again|there))?(?: on| for| is|,) ((?:the )?(?:",
                month!(),
                r"\.?,? ?(?:the )?",
                day!(),
                r"|",
                day!(),
                r" ?(?:of )?",
                month!(),
                r"))\b"
            ),
            needs: Needs::Cue,
            place: Place::AfterCue,
            confirmed: 0.7,
            cues: &[Date],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "date_compact",
            kind: Dob,
            shape: r"\d{4,8}|\d{2} \d{2} \d{4}|\d{2} \d{2} \d{2}|\d{4} \d{4}|\d{1,2} \d{1,2} (?:19|20)\d{2}",
            needs: Needs::Digits(4),
            confirmed: 0.8,
            cues: &[Dob],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "month_and_year",
            kind: Dob,
            shape: concat!(
                month!(),
                r"\.?,?(?: of)? (?:19|20)\d{2}|(?:0?[1-9]|1[0-2])[/-](?:19|20)\d{2}"
            ),
            needs: Needs::Digits(4),
            confirmed: 0.7,
            cues: &[Dob, Date],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "birth_year",
            kind: Dob,
            shape: r"(?:19\d{2}|20[012]\d)|'\d{2}",
            needs: Needs::Digits(2),
            confirmed: 0.6,
            cues: &[Dob],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "age_over_89",
            kind: Age,
            shape: r"\b(?:9\d|1[01]\d|12[0-5]|ninety(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one) hundred(?: (?:and )?(?:one|two|three|four|five|six|seven))?)[ -]*(?:years?|yrs?|yr)?[ -]*(?:old|of age|y/?o|y\.o\.|yo)\b|\b(?:9\d|1[01]\d|12[0-5]) (?:jahre alt|ans\b|años|anni\b|anos de idade|jaar oud|lat\b|lata\b|yaşinda)",
            needs: Needs::HighAge,
            place: Place::Unbounded,
            bare: 0.8,
            confirmed: 0.8,
            denied: 0.8,
            cues: &[Age],
            valid: over_89,
            ..Pattern::DEFAULT
        },
        // "Dolores Whitfield, 93, of Muncie", "Dolores is 93 and", once the name is masked.
        Pattern {
            name: "age_behind_name",
            kind: Age,
            shape: r"\x01(?:, ?| \(| is | was | turned | turns )((?:9\d|1[01]\d|12[0-5]))(?:,|\)|\.(?:[ \n]|$)| and | now\b| but |$)",
            needs: Needs::HighAge,
            place: Place::Unbounded,
            bare: 0.6,
            confirmed: 0.6,
            denied: 0.0,
            cues: &[Age],
            valid: over_89,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "age_over_89_labelled",
            kind: Age,
            shape: r"(?:(?: (?-i:[A-Z])[a-z\x{80}-\x{10FFFF}'-]{1,20}){1,2},| \x01,?)?[ :=,(]*(?:aged? |is |of |just |now |almost |nearly |already |like |about )?\b((?:a )?(?:9\d|1[01]\d|12[0-5])|ninety(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one) hundred(?: and (?:one|two|three|four|five|six|seven))?)\b(?:[,;!?)]|\.(?:[ \n]|$)| and\b| in\b| next\b| this\b| last\b| now\b| so\b| but\b| with\b| who\b| yrs?\b| years?\b| yo\b| y/?o\b| on \w+day| today| i\b| he\b| she\b| we\b| my\b| yesterday| tomorrow| already| last\b| over the\b| be\b| when\b| because| takes?\b| taking| lives?\b| living| has\b| had\b| needs?\b| is\b| was\b| can\b| can't| doesn't| still| please| \(|$)",
            needs: Needs::CueAndDigits(2),
            place: Place::AfterCue,
            confirmed: 0.7,
            cues: &[Age],
            valid: over_89,
            ..Pattern::DEFAULT
        },
    ],
};

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn a_high_age_is_masked_beside_whoever_bears_it() {
        let redactor = Redactor::new();
        for (text, redacted) in [
            (
                "Dolores is 101 and still sharp",
                "[NAME_REDACTED] is [AGE_REDACTED] and still sharp",
            ),
            (
                "my gran winnie is 93 and fell",
                "my gran [NAME_REDACTED] is [AGE_REDACTED] and fell",
            ),
            (
                "Dolores, 93, of Muncie",
                "[NAME_REDACTED], [AGE_REDACTED], of [LOCATION_REDACTED]",
            ),
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), redacted);
        }
        for text in [
            "it is 98 and rising",
            "the box is 120 tablets",
            "mom is 86 and well",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
    }
}
