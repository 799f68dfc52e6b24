//! Names that stand before their cue: "hope told me", "mark tavares dob 4/9/71", "Tim here".

use super::super::pattern::Hit;
use super::cue_frames::{begins_line, is_state};
use super::frames::OPENERS;
use super::word::{Word, word_at, word_before};
use crate::privacy::lexicon::Cue;
use crate::privacy::sense::Lead;

/// "hope told me", "is jasmine there", "henrik with a k": the name before the cue.
pub(super) fn before_act(text: &str, cue: &Cue<'_>, lead: Lead, hits: &mut Vec<Hit>) {
    let Some(end) = cue
        .start
        .checked_sub(1)
        .filter(|end| text.as_bytes()[*end] == b' ')
    else {
        return;
    };
    let Some(word) = word_before(text, end).filter(|word| !word.never() && word.text.len() > 1) else {
        return;
    };
    let before = text[..word.start].trim_end_matches(' ');
    let previous = word_before(text, before.len());
    let follows = |words: &[&str]| previous.is_some_and(|previous| previous.is(words));
    // "grace kim told me".
    let first = previous.filter(|first| {
        first.end + 1 == word.start
            && (first.given() || first.name_and_word())
            && word.surname()
            && !word.common()
    });
    if let Some(first) = first {
        return hits.push(Hit::new(first.start, end, 0.6));
    }
    let rare = word.may_be_given() && word.strange();
    let accepted = if lead == Lead::Acts {
        let begins = before.is_empty()
            || before.ends_with(['.', '!', '?', ',', ';', ':', '\n', '-'])
            || follows(OPENERS);
        word.given() && !word.common()
            || begins && (rare || word.name_and_word() && !is_weak(text, cue, word) || word.strange_capital())
    } else if text[cue.start..cue.end].to_ascii_lowercase().starts_with("with") {
        // One letter, said to spell the name.
        (word.given() || rare)
            && word_at(text, cue.end + 1).is_some_and(|letter| letter.text.len() == 1 && letter.end > cue.end)
    } else {
        follows(&["is", "was", "are"]) && (word.given() || rare || word.name_and_word())
    };
    if accepted {
        hits.push(Hit::new(word.start, word.stem_end(), 0.6));
    }
}

/// Whether what `word`, a name and as often something else, is said to do can be said of things too: "the bill was my fault", "summer and I".
fn is_weak(text: &str, cue: &Cue<'_>, word: Word<'_>) -> bool {
    word.thing()
        && [
            "is ", "was ", "will ", "can ", "took ", "lost ", "never ", "picked ", "turned", "takes",
            "wants", "and ",
        ]
        .iter()
        .any(|verb| text[cue.start..].starts_with(verb))
        && !text[cue.start..].starts_with("is my")
}

/// "mark tavares dob 4/9/71": a name that is a word as well, or a surname in no list, right before a date of birth.
pub(super) fn before_birth(text: &str, at: usize, hits: &mut Vec<Hit>) {
    let before = |end: usize| {
        let end = text[..end].trim_end_matches([' ', ',', '(']).len();
        word_before(text, end).filter(|word| !word.never() && word.text.len() > 1)
    };
    let Some(surname) = before(at) else {
        return;
    };
    let Some(first) = before(surname.start).filter(|first| first.end + 1 == surname.start) else {
        return;
    };
    let named = first.given() || first.name_and_word();
    if named && first.capital() == surname.capital() && (surname.surname() || surname.strange()) {
        hits.push(Hit::new(first.start, surname.stem_end(), 0.6));
    }
}

/// "Tim here", "mr abernathy speaking", "Quentin is my name": the name before `cue`.
pub(super) fn before_here(text: &str, cue: &Cue<'_>, hits: &mut Vec<Hit>) {
    let at = cue.start;
    let Some(end) = at
        .checked_sub(1)
        .filter(|end| matches!(text.as_bytes()[*end], b' ' | b','))
    else {
        return;
    };
    let Some(word) = word_before(text, end) else {
        return;
    };
    let first = word
        .start
        .checked_sub(1)
        .filter(|gap| text.as_bytes()[*gap] == b' ')
        .and_then(|gap| word_before(text, gap))
        .filter(|first| !first.never());
    // "Ada Example here": a given name, and then any capital.
    let given_before = first.filter(|first| {
        first.given() && (word.capital() || word.strange())
            // "dean yarborough here".
            || first.name_and_word() && word.surname() && word.strange()
            || first.capital()
                && (first.may_be_given() || first.strange_capital() || first.surname() && !first.common())
                && word.capital()
    });
    let alone = word.known() && (!word.common() || begins_line(text, word.start))
        || word.surname() && word.capital() && !word.common()
        || word.may_be_given() && word.strange()
        || word.strange_capital() && begins_line(text, word.start)
        // "Le is my surname", "Ng is the name on the label".
        || word.title_case()
            && (word.surname() || word.may_be_given() || word.strange())
            && begins_line(text, word.start)
            && text[at..].starts_with("is ")
        // "summer here, calling about my pills", "yes rose speaking".
        || word.name_and_word() && is_speaker(text, word, cue)
        // "dong-hyun here".
        || word.strange()
            && word.text.len() > 2
            && !word.text.bytes().all(|byte| byte.is_ascii_uppercase())
            && begins_line(text, word.start)
            && ["here", "speaking", "calling"].iter().any(|said| text[at..].starts_with(said));
    if word.never() || !(alone || given_before.is_some()) {
        return;
    }
    hits.push(Hit::new(
        given_before.map_or(word.start, |first| first.start),
        end,
        0.6,
    ));
}

/// Whether who speaks is told by `word`, a name and as often something else, before `cue`: at a beginning, and with no clause going on.
fn is_speaker(text: &str, word: Word<'_>, cue: &Cue<'_>) -> bool {
    let said = &text[cue.start..cue.end];
    let is_said = |words: &[&str]| words.iter().any(|known| said.eq_ignore_ascii_case(known));
    let before = text[..word.start].trim_end_matches([' ', ',']);
    let begins = begins_line(text, word.start)
        || word_before(text, before.len())
            .is_some_and(|before| before.is(&["yes", "hi", "hello", "hey", "hiya", "yeah", "um", "uh"]));
    let rest = &text[cue.end..];
    let next = rest.strip_prefix(' ').and_then(|_| word_at(text, cue.end + 1));
    let goes_on = &["calling", "again", "from", "i", "i'm", "im", "my"];
    let apart = rest.is_empty()
        || rest.starts_with([',', '.', '!', '-', '\n'])
        || next.is_some_and(|next| next.is(goes_on));
    // "put ray on the phone".
    let is_put = is_said(&["on the phone", "on the line"])
        && word_before(text, before.len())
            .is_some_and(|before| before.is(&["put", "get", "got", "have", "had"]));
    is_put || begins && (is_said(&["speaking", "calling"]) && !is_state(word) || is_said(&["here"]) && apart)
}
