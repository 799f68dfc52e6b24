//! What keeps German, French and Spanish words apart from names, where only a capital or an English cue says that they are names.
//!
//! German writes every noun with a capital, and its "im" (in the) looks like an English "I'm": a symptom that is taken for a name is lost to
//! whoever reads the report. A word that is a given name stays one; only words in no list are let go.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::super::words::is_given;
use super::word::{Word, word_at, word_before};

/// Small words that stand in nearly every German text and in no English one.
const GERMAN: &[&str] = &[
    "ich", "habe", "und", "nicht", "mir", "mich", "mein", "meine", "meinem", "meinen", "meiner", "seit",
    "bitte", "wann", "kann", "nach", "vielen", "wurde", "sind", "ist", "eine", "einen", "auf", "für", "mit",
    "das", "der", "dem", "beim", "zum", "zur", "vom", "hat", "haben", "warum", "gibt", "wie", "wer",
];

fn german_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| GERMAN.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Whether `im`, from `start`, is German: it stands behind a noun, or in a text that has other German words, before a noun in no list.
pub(super) fn stands_for_in_the(text: &str, im: &str, start: usize, first: Word<'_>) -> bool {
    if !im.eq_ignore_ascii_case("im") || !first.title_case() {
        return false;
    }
    if first.given() {
        return false;
    }
    let behind_noun = text[..start]
        .strip_suffix(' ')
        .and_then(|before| word_before(text, before.len()))
        .is_some_and(|noun| noun.title_case() && noun.strange());
    behind_noun || german_words(text).next().is_some()
}

/// Whether `word` is what somebody says of themselves: "ich bin Diabetikerin", "je suis Enceinte", "soy Celíaca".
pub(super) fn is_said_of_oneself(word: Word<'_>) -> bool {
    const ENDINGS: &[&str] = &[
        "iker",
        "ikerin",
        "patient",
        "patientin",
        "kunde",
        "kundin",
        "rentner",
        "rentnerin",
        "schwester",
        "pfleger",
        "pflegerin",
        "nehmer",
        "nehmerin",
        "mutter",
        "vater",
        "leidende",
        "leidender",
        "kranke",
        "kranker",
        "pflichtig",
        "ique",
        "iques",
        "ática",
        "ático",
        "ética",
        "ético",
        "éptica",
        "éptico",
        "érgica",
        "érgico",
    ];
    const WORDS: &[&str] = &[
        "ärztin",
        "arzt",
        "apotheker",
        "apothekerin",
        "schwanger",
        "bluter",
        "bluterin",
        "student",
        "studentin",
        "allergisch",
        "verwirrt",
        "krank",
        "besorgt",
        "tochter",
        "sohn",
        "betreuer",
        "betreuerin",
        "angehörige",
        "angehöriger",
        "vegetarier",
        "veganer",
        "veganerin",
        "raucher",
        "raucherin",
        "enceinte",
        "infirmière",
        "infirmier",
        "cliente",
        "client",
        "malade",
        "étudiante",
        "étudiant",
        "retraitée",
        "retraité",
        "inquiète",
        "inquiet",
        "hémophile",
        "maman",
        "mère",
        "père",
        "embarazada",
        "celíaca",
        "celíaco",
        "celiaca",
        "celiaco",
        "enfermera",
        "enfermero",
        "clienta",
        "paciente",
        "madre",
        "padre",
        "jubilada",
        "jubilado",
        "hipertensa",
        "hipertenso",
        "hipertendue",
        "alérgica",
        "viuda",
        "viudo",
    ];
    let lower = word.text.to_lowercase();
    WORDS.contains(&lower.as_str())
        || ENDINGS.iter().any(|ending| lower.ends_with(ending)) && !is_name(word, &lower)
}

/// Whether a word is a name of the lists, which have some names without their accents only: "Angélique".
fn is_name(word: Word<'_>, lower: &str) -> bool {
    let plain = || -> String { lower.nfd().filter(|c| !is_combining_mark(*c)).collect() };
    word.may_be_given() || word.surname() || !word.text.is_ascii() && is_given(&plain())
}

/// Whether the word at `start` stands behind a German "im": "im Juli".
pub(super) fn is_after_im(text: &str, start: usize) -> bool {
    text[..start]
        .strip_suffix(' ')
        .and_then(|before| word_before(text, before.len()))
        .filter(|im| im.is(&["im"]))
        .zip(word_at(text, start))
        .is_some_and(|(im, word)| stands_for_in_the(text, im.text, im.start, word))
}

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn symptoms_and_states_in_other_languages_stay_readable() {
        let redactor = Redactor::new();
        for text in [
            "Ich habe Blut im Urin",
            "Blut im Stuhl seit gestern",
            "Schwellung im Gesicht und Juckreiz am Arm",
            "im Juli habe ich Ausschlag bekommen",
            "habe ich am Telefon erfahren",
            "ich bin Diabetikerin",
            "Ich bin Schwanger und habe Krämpfe",
            "je suis Asthmatique et Enceinte",
            "j'ai des vertiges",
            "Soy Diabética y tengo Náuseas",
            "Kann man Johanniskraut mit Sertralin nehmen?",
            "Ho la Febbre da ieri",
            "El frasco llegó roto.",
            "J'ai reçu la Tchoupitoulas",
            "Schmerzen im Bauch",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
        // One word of another language is a quotation, and does not make a text German.
        let quoted = redactor
            .redact("the label said nicht, a parcel meant for Bazzetor")
            .text;
        assert!(!quoted.as_str().contains("Bazzetor"), "{quoted}");
        // A name in a script without capitals ends somewhere.
        let arabic = redactor.redact("اسمي فاطمة الزهراء ولدي طفح جلدي").text;
        assert!(arabic.as_str().ends_with("طفح جلدي"), "{arabic}");
    }

    #[test]
    fn a_name_in_their_place_is_masked() {
        let redactor = Redactor::new();
        for (text, name) in [
            ("hi im Bronislava and my pills are late", "Bronislava"),
            // "Hi" is no noun that something could be in.
            ("Hi im Bronislava and my pills are late", "Bronislava"),
            ("hi im Monique und ich habe Fieber", "Monique"),
            ("hi im destiny, ich habe Fieber", "destiny"),
            ("My name is Client", "Client"),
            // The same endings as "Asthmatique" and "Kranker".
            ("je suis Angélique, j'ai de la fièvre", "Angélique"),
            ("soy Manrique", "Manrique"),
            ("Hallo, ich bin Okafor und habe Fieber", "Okafor"),
            ("je suis Monique, j'ai de la fièvre", "Monique"),
            ("soy Itziar, tengo fiebre", "Itziar"),
            ("Mi chiamo Fiammetta Lo Cascio e ho la nausea", "Cascio"),
            ("Mme Tchoupitoulas attend son colis", "Tchoup"),
            ("this is for patient ZELLWEGER, ADALBERT", "ZELLWEGER"),
            ("this is for patient XU, ADALBERT", "XU"),
        ] {
            let redacted = redactor.redact(text).text;
            assert!(!redacted.as_str().contains(name), "{redacted}");
        }
    }
}
