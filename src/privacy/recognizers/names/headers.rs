//! The people in the header of a mail that somebody forwards or pastes, in the words of their mail program: "Von: L. Okafor",
//! "Expéditeur : Yann Kerguelen", "Para: Nuria Zubizarreta; Ana Prieto".
//!
//! Who stands there is a person or an office. Offices are told by what they are called; anything else that is written like a name is masked,
//! known or not, and a word in lower case is left. What else a text puts before a colon is left to its cue (`beside_cue.rs`).

use super::super::pattern::Hit;
use super::word::{Word, word_at, word_before};
use crate::privacy::normalise::OPAQUE;

/// What stands before a person in a header, and in no other line.
const PEOPLE: &[&str] = &[
    "von",
    "absender",
    "absenderin",
    "empfänger",
    "empfängerin",
    "expéditeur",
    "destinataire",
    "remitente",
    "destinatario",
    "destinatária",
    "destinatário",
    "mittente",
    "sender",
    "reply-to",
    "antwort an",
    "afzender",
    "geadresseerde",
    "avsändare",
    "nadawca",
    "von / from",
    "from / von",
    "bcc",
    "від",
    "от",
    "кому",
];
/// The same, in words that other lines may begin with too; they count beside another line of a header.
const PEOPLE_OF_HEADERS: &[&str] = &[
    "an", "de", "da", "para", "à", "a", "van", "aan", "od", "do", "från", "fra", "til", "till", "kopie",
    "copie", "copia", "kopia", "cc",
];
/// What else a header says.
const OTHER_LINES: &[&str] = &[
    "betreff",
    "gesendet",
    "datum",
    "objet",
    "envoyé",
    "envoyé le",
    "date",
    "asunto",
    "enviado",
    "enviado el",
    "fecha",
    "oggetto",
    "inviato",
    "data",
    "onderwerp",
    "verzonden",
    "temat",
    "wysłano",
    "assunto",
    "ämne",
    "skickat",
    "emne",
    "sendt",
    "subject",
    "sent",
];
/// What offices are called.
const OFFICES: &[&str] = &[
    "kundenservice",
    "kundendienst",
    "kundenbetreuung",
    "apotheke",
    "versandapotheke",
    "online-apotheke",
    "pharmacie",
    "farmacia",
    "apotheek",
    "apteka",
    "assistenza",
    "servizio",
    "atención",
    "service",
    "servicio",
    "klantenservice",
    "biuro",
    "obsługa",
    "support",
    "info",
    "team",
    "noreply",
    "no-reply",
    "kundtjänst",
    "kundeservice",
    "serviço",
    "clientèle",
    "clients",
    "clientes",
    "clienti",
];
/// Longest word before the colon, in bytes.
const MAX_FIELD_BYTES: usize = 24;
/// Most people of one line that are read.
const MAX_PEOPLE: usize = 8;

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    let mut header = None;
    for (field, value) in fields(text) {
        let is = |fields: &[&str]| fields.iter().any(|known| *known == field);
        if is(PEOPLE) || is(PEOPLE_OF_HEADERS) && *header.get_or_insert_with(|| is_header(text)) {
            people(text, value, hits);
        }
    }
}

/// Whether a text has two lines of a header.
fn is_header(text: &str) -> bool {
    fields(text)
        .filter(|(field, _)| {
            [PEOPLE, PEOPLE_OF_HEADERS, OTHER_LINES]
                .iter()
                .any(|fields| fields.contains(&field.as_str()))
        })
        .nth(1)
        .is_some()
}

/// What stands before the first colon of each line, in lower case, and where the rest begins.
fn fields(text: &str) -> impl Iterator<Item = (String, usize)> {
    let mut start = 0;
    text.split('\n').filter_map(move |line| {
        let at = start;
        start += line.len() + 1;
        let colon = line.find(':')?;
        let field = line[..colon].trim_matches([' ', '\t', '>', '*', '|']);
        (!field.is_empty() && field.len() <= MAX_FIELD_BYTES).then(|| (field.to_lowercase(), at + colon + 1))
    })
}

/// The people that a line names from `at`, apart by semicolons.
pub(super) fn people(text: &str, at: usize, hits: &mut Vec<Hit>) {
    let line = &text[at..];
    let line = &line[..line.find('\n').unwrap_or(line.len())];
    let mut start = at;
    for part in line.split(';').take(MAX_PEOPLE) {
        let lead = part.len() - part.trim_start_matches([' ', '\t', '*', '"', '\'']).len();
        if let Some(end) = person(text, start + lead, start + part.len()) {
            hits.push(Hit::new(start + lead, end, 0.6));
        }
        start += part.len() + 1;
    }
}

/// The end of the name that begins at `start`: words with a capital, up to an address or `end`.
pub(super) fn person(text: &str, start: usize, end: usize) -> Option<usize> {
    let mut name_end = None;
    let mut at = start;
    while at < end {
        let Some(word) = word_at(text, at).filter(|word| !word.is(OFFICES)) else {
            break;
        };
        // "Okafor von Thornbury": such a word is in a name only where the name goes on behind it.
        let particle = name_end.is_some() && word.particle();
        let written = word.text.starts_with(char::is_uppercase);
        if !particle && (word.never() || !written) {
            break;
        }
        // A lone capital, or a word of the language alone, is no name yet.
        if written && (tells(word) || name_end.is_some()) {
            name_end = Some(word.end);
        } else if !particle && !word.initial() {
            break;
        }
        at = word.end;
        at += text[at..end]
            .bytes()
            .take_while(|byte| matches!(byte, b'.' | b',' | b' '))
            .count();
        if at == word.end {
            break;
        }
    }
    name_end
}

fn tells(word: Word<'_>) -> bool {
    !word.initial() && (!word.common() || word.may_be_given() || word.surname()) && !word.proper()
}

/// "Halvard Lien <h@example.org>": the words with capitals before a mail address in brackets.
pub(super) fn before_addresses(text: &str, hits: &mut Vec<Hit>) {
    for (at, _) in text.match_indices(" <") {
        let inside = &text[at + 2..];
        let inside = &inside[..inside.find(['>', ' ', '\n']).unwrap_or(inside.len())];
        if inside.len() > MAX_ADDRESS_BYTES || !inside.contains('@') && !inside.contains(OPAQUE) {
            continue;
        }
        let quoted = text[..at].ends_with('"');
        let end = at - usize::from(quoted);
        let mut start = end;
        for _ in 0..4 {
            let gap = text[..start].trim_end_matches([' ', '.', ',']);
            // "On Mon, Mar 3, 2026 Halvard Lien": a date comes before.
            let apart = start - gap.len();
            if start < end && !(1..=2).contains(&apart) {
                break;
            }
            match word_before(text, gap.len()) {
                Some(word)
                    if word.capital()
                        && !word.never()
                        && (!word.common() || word.surname() || word.may_be_given()) =>
                {
                    start = word.start;
                }
                _ => break,
            }
        }
        if start < end {
            hits.push(Hit::new(start, end, 0.6));
        }
    }
}

/// Longest mail address.
const MAX_ADDRESS_BYTES: usize = 254;

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn people_in_the_header_of_a_mail_are_masked_and_the_rest_stays() {
        let redactor = Redactor::new();
        for (text, redacted) in [
            (
                "Von: L. Okafor\nAn: Kundenservice\nBetreff: Ihre Bestellung\n\nDie Tabletten sind zerbrochen.",
                "Von: [NAME_REDACTED]\nAn: Kundenservice\nBetreff: Ihre Bestellung\n\nDie Tabletten sind zerbrochen.",
            ),
            (
                "> De : R. Ibarguren\n> Para: Nuria Zubizarreta; farmacia\n> Asunto: Pedido dañado",
                "> De : [NAME_REDACTED]\n> Para: [NAME_REDACTED]; farmacia\n> Asunto: Pedido dañado",
            ),
            (
                "Da: assistenza\nA: T. Scognamiglio\nOggetto: reso",
                "Da: assistenza\nA: [NAME_REDACTED]\nOggetto: reso",
            ),
            ("Expéditeur : Y. Kerguelen", "Expéditeur : [NAME_REDACTED]"),
            (
                "Sender: D. Vasquez-Thornbury\nwhere is order 66115",
                "Sender: [NAME_REDACTED]\nwhere is order 66115",
            ),
            (
                "An: Zellweger\nBetreff: Frage",
                "An: [NAME_REDACTED]\nBetreff: Frage",
            ),
            (
                "Von: Okafor, L.; Zellweger von der Thornbury",
                "Von: [NAME_REDACTED].; [NAME_REDACTED]",
            ),
            ("Sender: Okafor da Thornbury", "Sender: [NAME_REDACTED]"),
            ("Von: \"Thornbury\"", "Von: \"[NAME_REDACTED]\""),
            // What is no person: something that happened, a word, a town, a letter.
            ("Sender: Anaphylaxis", "Sender: Anaphylaxis"),
            ("Absender: Der Kunde", "Absender: Der Kunde"),
            ("Sender: Warehouse", "Sender: Warehouse"),
            ("Von: Berlin", "Von: Berlin"),
            ("Von: L.", "Von: L."),
            // One line alone is no header.
            ("A: Zubizarreta, twice a day", "A: Zubizarreta, twice a day"),
            (
                "Gesendet: Freitag\nWann kommt mein Paket?",
                "Gesendet: Freitag\nWann kommt mein Paket?",
            ),
            (
                "Q: twice a day?\nA: Yes, with food",
                "Q: twice a day?\nA: Yes, with food",
            ),
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), redacted);
        }
    }
}
