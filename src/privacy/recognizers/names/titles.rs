//! Titles before a name, "Dr. May", and what stands behind one and is no name: "my Dr. Office called", "la señora dijo".

use super::foreign::is_foreign;
use super::word::Word;
use crate::privacy::lexicon::Cue;

/// Words with a capital that follow a title and are no name: "my Dr. Office called", "Mr. Clean".
pub(super) const NOT_TITLED: &[&str] = &[
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
pub(super) fn is_noun_title(text: &str, title: &Cue<'_>) -> bool {
    let said = text[title.start..title.end].to_lowercase();
    TITLES_AND_NOUNS.contains(&said.as_str()) && (said != "doctor" || is_foreign(text))
}

/// Whether the title of another language is one that is spoken to, "Docteur, puis-je", or a noun, behind which its verb stands in lower case.
pub(super) fn is_no_titled(text: &str, title: &Cue<'_>, first: Word<'_>, passed: &str) -> bool {
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

/// Where "Mr. and Mrs. Haverford" begins, given where its last title does.
pub(super) fn pair_of_titles(text: &str, start: usize) -> usize {
    [
        "Mr. and ", "Mr and ", "Mr. & ", "Mr & ", "Dr. and ", "Dr and ", "Dr. & ", "Dr & ",
    ]
    .iter()
    .find(|pair| text[..start].ends_with(**pair))
    .map_or(start, |pair| start - pair.len())
}
