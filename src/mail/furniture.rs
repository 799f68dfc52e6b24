//! Nobody's words: legal notices, advice that a mail gives to everybody ("if this is an emergency call 911"), footers of mail programs.
//!
//! A paragraph or sentence in which somebody speaks of himself, or of a patient, is never taken for one. Nothing here fails.

use std::sync::LazyLock;

use regex::Regex;

use super::{FIRST_PERSON, Part, expression, has_word, starts_with_ignore_case};

/// Marks footers and paragraphs that are notices.
pub(super) fn mark(lines: &[&str], parts: &mut [Part]) {
    for at in 0..lines.len() {
        let part = parts[at];
        if is_footer(lines[at]) {
            parts[at] = Part::Furniture;
        } else if matches!(part, Part::Said | Part::Signature) && begins_notice(lines[at]) {
            let goes_on = |next: &usize| parts[*next] == part && !lines[*next].trim().is_empty();
            let end = at + 1 + (at + 1..lines.len()).take_while(goes_on).count();
            if !lines[at..end].iter().any(|line| tells_of_somebody(line)) {
                parts[at..end].fill(Part::Furniture);
            }
        }
    }
}

/// What a mail program puts below: a person who goes on ("Sent from my phone while ...") says more.
fn is_footer(line: &str) -> bool {
    const PROGRAMS: [&str; 4] = [
        "sent from my ",
        "get outlook for ",
        "gesendet von mein",
        "enviado desde mi ",
    ];
    let line = line.trim_start();
    PROGRAMS
        .iter()
        .any(|program| starts_with_ignore_case(line, program))
        && line.split_whitespace().count() <= 6
}

/// How a legal notice begins.
fn begins_notice(line: &str) -> bool {
    static NOTICE: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"^[\W_]*(?:
                (?:legal\ |privacy\ |confidentiality\ )?(?:notice|disclaimer)\s*[:.-]
              | (?:aviso|hinweis|avviso|avis)(?:\ \w+){0,2}\s*:
              | important\ safety\ information
              | adverse\ (?:event|reaction)s?\ reporting
              | (?:this|the)\ (?:e-?mail|message|communication|transmission)(?:\ \w+){0,6}\ (?:confidential|intended|privileged)
              | (?:this|the)\ (?:e-?mail|message|communication|transmission),?\ (?:and\ any|including\ any|may\ contain)
              | (?:diese\ (?:e-?mail|nachricht)|ce\ (?:message|courriel)|este\ (?:correo|mensaje))(?:\ \w+){0,8}\ (?:vertraulich|confidentiel|confidencial)
              | \w[\w\ ]{0,40}\ 42\ CFR\ part\ 2
            )",
        )
    });
    NOTICE.is_match(line)
}

/// Whether somebody speaks of himself or of a patient.
fn tells_of_somebody(line: &str) -> bool {
    const THIRD_PERSON: [&str; 14] = [
        "he", "she", "his", "her", "him", "patient", "husband", "wife", "son", "daughter", "mother",
        "father", "mom", "dad",
    ];
    has_word(line, &FIRST_PERSON) || has_word(line, &THIRD_PERSON)
}

/// Whether a sentence of `line` may be [`is_advice`]: hardly any line has its words.
pub(super) fn may_advise(line: &str) -> bool {
    static CUE: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"911|112|988|999|emergenc|notfall|urgence|poison|suicid|overdose|heart\ attack|stroke|chest\ pain|trouble\ breathing",
        )
    });
    CUE.is_match(line)
}

/// Whether a sentence tells everybody whom to call in an emergency: "If you have chest pain, call 911." A question asks.
pub(super) fn is_advice(sentence: &str) -> bool {
    static ADVICE: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"^[\W_]*(?:\w+:\ )?(?:if|in\ case|in\ an?|in\ the\ event|for\ (?:an?\ )?(?:\w+\ )?emergenc|should\ you|bei|im\ notfall|si|para\ emergencias|en\ caso|en\ cas|se|in\ caso)\b
              .*\b(?:call|dial|contact|text|report|go\ to|visit|seek|do\ not\ use|llame|marque|acuda|wählen|rufen|appelez|composez|chiami)\b",
        )
    });
    may_advise(sentence)
        && !sentence.trim_end().ends_with('?')
        && ADVICE.is_match(sentence)
        && !tells_of_somebody(sentence)
}

/// Where the first sentence of `text` ends, the spaces behind it included.
pub(super) fn sentence_end(text: &str) -> usize {
    let mut ended = false;
    for (at, c) in text.char_indices() {
        match c {
            '.' | '!' | '?' => ended = true,
            _ if !c.is_whitespace() => {
                if ended && text[..at].ends_with(char::is_whitespace) {
                    return at;
                }
                ended = false;
            }
            _ => {}
        }
    }
    text.len()
}
