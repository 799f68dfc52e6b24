//! Tells who speaks in a pasted chat ("Bot: Which medicine?", "User: Celexa") from the fields of a form ("User: ottilie84").
//!
//! What a customer answered is what a report is about, so such a label is no key and no cue. It takes a chat: a line of somebody who serves, or
//! a second one of the same customer, and among them one that asks or tells something. A label stays one of a form where the line before asked
//! for a name or a login, and where two words follow that look like a name.

use super::names::word::word_at;

/// Who writes to us. The first is a key of user names, the others are keys of people.
const CUSTOMERS: [&str; 5] = ["user", "caller", "customer", "patient", "client"];
/// Who answers them.
const SERVING: &[&str] = &[
    "bot",
    "chatbot",
    "agent",
    "assistant",
    "support",
    "rep",
    "representative",
    "operator",
    "advisor",
    "adviser",
    "service",
    "system",
    "ai",
    "csr",
    "helpdesk",
    "pharmacist",
    "pharmacy",
    "nurse",
    "admin",
    "staff",
];
/// Longest beginning of a line up to its colon that names a speaker, in bytes: "[10:32] Customer Support".
const MAX_LABEL_BYTES: usize = 40;
/// So many words are said; a form has fewer.
const SAID_WORDS: usize = 4;

/// The colon of each label that says only that the customer speaks, in order.
pub(crate) fn find(text: &str) -> Vec<u32> {
    let mut turns: Vec<Turn> = Vec::new();
    let (mut is_served, mut is_said) = (false, false);
    let mut counts = [0_u8; CUSTOMERS.len()];
    let mut before = 0;
    for (colon, _) in text.match_indices(':') {
        let said = before..colon;
        let Some((start, label)) = label(text, colon) else {
            continue;
        };
        let customer = CUSTOMERS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(label));
        if let Some(customer) = customer.filter(|_| begins_turn(text, start)) {
            counts[customer] = counts[customer].saturating_add(1);
            turns.push(Turn {
                colon,
                customer,
                is_asked: asks_for_name(text[said].as_bytes()),
            });
        } else if SERVING.iter().any(|known| known.eq_ignore_ascii_case(label))
            && is_near_beginning(text, start)
        {
            is_served = true;
        } else {
            continue;
        }
        before = colon + 1;
        is_said |= is_speech(&text[colon + 1..]);
    }
    turns.retain(|turn| {
        // Of a second line alone nobody knows that it is not the next entry of a list of people.
        let is_chat = is_served || turn.customer == 0 && counts[0] > 1;
        is_said && is_chat && !turn.is_asked && (turn.customer == 0 || !looks_like_name(text, turn.colon + 1))
    });
    turns.iter().map(|turn| turn.colon as u32).collect()
}

/// A label that may say no more than who speaks.
struct Turn {
    colon: usize,
    /// Which of [`CUSTOMERS`].
    customer: usize,
    /// Whether a name or a login was asked for before.
    is_asked: bool,
}

/// The last word before a colon, and where it begins.
fn label(text: &str, colon: usize) -> Option<(usize, &str)> {
    let before = text[..colon].trim_end_matches([' ', '*']);
    let letters = before
        .bytes()
        .rev()
        .take_while(u8::is_ascii_alphabetic)
        .take(MAX_LABEL_BYTES)
        .count();
    let start = before.len() - letters;
    (letters > 1).then(|| (start, &before[start..]))
}

/// Whether a line, or a sentence in one line, begins at `start`, but for marks and the time of day.
fn begins_turn(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end_matches([' ', '\t', '*', '>', '-']);
    before.is_empty()
        || before.ends_with(['\n', '\r', '.', '?', '!', ']', ')'])
        || before.ends_with(|c: char| c.is_ascii_digit())
}

/// The same for who has a title of more words: "Live Chat Agent".
fn is_near_beginning(text: &str, start: usize) -> bool {
    let line = text[..start]
        .rfind(['\n', '?', '!', '.'])
        .map_or(0, |end| end + 1);
    start - line <= MAX_LABEL_BYTES
}

/// Whether a line that goes on like this asks or tells something.
fn is_speech(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    line.contains('?') || line.split_ascii_whitespace().nth(SAID_WORDS - 1).is_some()
}

/// Whether somebody was asked who they are.
fn asks_for_name(said: &[u8]) -> bool {
    let has = |words: &[&str]| {
        words.iter().any(|word| {
            said.windows(word.len())
                .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        })
    };
    has(&["name", "who ", "login", "user id", "spell"])
        && !has(&["medic", "drug", "product", "pill", "tablet", "brand", "item"])
}

/// Whether two words begin at `at` that are written as a name is.
fn looks_like_name(text: &str, at: usize) -> bool {
    let at = at + text[at..].len() - text[at..].trim_start_matches([' ', '*']).len();
    let is_part =
        |at: usize| word_at(text, at).filter(|word| word.title_case() && !word.common() && !word.never());
    is_part(at).is_some_and(|first| text[first.end..].starts_with(' ') && is_part(first.end + 1).is_some())
}

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn who_speaks_in_a_chat_is_no_field_of_a_form() {
        let redactor = Redactor::new();
        for text in [
            "Bot: Which medication?\nUser: Celexa\nBot: What happened?\nUser: palpitations since yesterday",
            "Bot: order number?\nUser: 45-20817\nBot: thank you",
            "Bot: which strength? User: 50mg",
            "Chatbot: lot number please?\n**User:** JX2291",
            "Agent: which medicine?\nCaller: lyrica",
            "Agent: what is wrong?\nCaller: Tinnitus",
            "[10:32] Customer Support: which product?\n[10:33] Client: Entresto",
            "User: makes me dizzy at night\nUser: Ambien10",
            "Pharmacist: what is it called?\nPatient: Klonopin",
            "Assistant: name of the medicine?\nCustomer: Brilinta",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
        for (text, identifier) in [
            ("Bot: your name?\nUser: Zyler Obrand", "Zyler"),
            ("Bot: May I have your name please?\nCustomer: Zyler", "Zyler"),
            ("Bot: Which username?\nUser: ottilie84", "ottilie84"),
            (
                "Agent: how can I help you today?\nCaller: Zyler Obrand, it is late",
                "Zyler",
            ),
            // Forms and lists.
            ("User: ottilie84", "ottilie84"),
            ("User: ottilie84\nUser: quill_p", "quill_p"),
            ("Agent: Okafor\nCaller: Zyler", "Zyler"),
            ("Patient: Zyler\nPatient: Kynslee", "Kynslee"),
            (
                "Patient: Zyler wants to be called back\nPatient: Kynslee",
                "Kynslee",
            ),
            (
                "{\"agent\": \"which one?\", \"user\": \"ottilie84\"}",
                "ottilie84",
            ),
        ] {
            let redacted = redactor.redact(text).text;
            assert!(!redacted.as_str().contains(identifier), "{redacted}");
        }
    }
}
