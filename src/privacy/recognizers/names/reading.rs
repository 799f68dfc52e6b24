//! How far a name goes, once it has begun; and names that are spelled out.

use super::super::pattern::Hit;
use super::word::{Word, is_medicine, skip, word_at};

/// Most words that a name has.
const MAX_WORDS: usize = 5;

/// Most words that a name has in a script without capitals, where nothing tells a name from what follows: a symptom must not go with it.
const MAX_CASELESS_WORDS: usize = 3;

/// Whether a letter is of a script that has no capitals.
fn is_caseless(letter: char) -> bool {
    !letter.is_lowercase() && !letter.is_uppercase()
}

/// Whether `word` can go on a name whose first word was capitalised or not; where it is `sure` that a surname comes, any
/// capital can.
fn can_follow(word: Word<'_>, capitals: bool, sure: bool) -> bool {
    if word.never() {
        return false;
    }
    if sure && capitals && word.capital() && word.text.contains(char::is_lowercase) {
        return true;
    }
    // "BENEDICT OYEDEPO", "Benedict OYEDEPO".
    let shouted = word.text.len() > 3 && word.text.bytes().all(|byte| byte.is_ascii_uppercase());
    if sure && capitals && shouted && word.strange() && !is_medicine(&word.text.to_ascii_lowercase()) {
        return true;
    }
    // "Abdulrahman al-Fayed".
    if capitals && is_joined_particle(word) {
        return true;
    }
    if word.capital() {
        return word.initial() || !word.common() && !word.proper() || word.surname() || word.may_be_given();
    }
    if word.initial() {
        return false;
    }
    if capitals {
        word.surname() && !word.common() && !word.proper()
    } else {
        word.surname() || word.given() || !word.common()
    }
}

/// Whether a word is a small one of a name, in lower case, and with a hyphen the next: "al-Fayed".
pub(super) fn is_joined_particle(word: Word<'_>) -> bool {
    word.text.split_once('-').is_some_and(|(particle, name)| {
        ["al", "el", "ul", "bin", "ibn"].contains(&particle) && name.starts_with(char::is_uppercase)
    })
}

/// The end of the name that begins with `first`, on one line. `comma`: "Smith, Jane" is one name. `sure`: a second word with a
/// capital belongs to it, whatever it is.
pub(super) fn read_name(text: &str, first: Word<'_>, comma: bool, sure: bool) -> usize {
    let capitals = first.capital();
    let mut end = first.stem_end();
    let mut at = first.end;
    let most = match first.text.chars().next().is_some_and(is_caseless) {
        true => MAX_CASELESS_WORDS,
        false => MAX_WORDS,
    };
    for words in 1..most {
        // "J. Smith", "Smith Jr.", and where a label promises it, "Smith, Jane".
        let rest = &text[at..];
        // "this is Amy. I am dizzy": a sentence ends there.
        let abbreviated = after_initial(text, at)
            || ends_in_saint(text, at)
            // "Ed. A. Tuttle".
            || at == first.end
                && (first.is(ABBREVIATED)
                    || first.text.len() < 5
                        && word_at(text, at + 2)
                            .is_some_and(|word| word.initial() && text[word.end..].starts_with(". ")));
        let next_at = if rest.starts_with(". ") && abbreviated {
            at + 2
        } else if rest.starts_with(' ') || (rest.starts_with('.') && after_initial(text, at)) {
            at + 1
        } else if comma && words == 1 && rest.starts_with(", ") {
            at + 2
        } else {
            break;
        };
        let Some(word) = word_at(text, next_at) else {
            break;
        };
        // "Rose M. I fell": an initial behind another has its full stop or a name behind it.
        let ends = next_at == at + 2 && word.is(&["i", "a"]) && {
            let rest = &text[word.end..];
            !rest.starts_with('.')
                && !rest
                    .strip_prefix(' ')
                    .is_some_and(|rest| rest.starts_with(char::is_uppercase))
        };
        if ends {
            break;
        }
        if word.particle() {
            // "van der Berg", "St. Clair".
            let mut after = word.end;
            if let Some(second) = word_at(text, after + 1).filter(Word::particle) {
                after = second.end;
            }
            let gap = if text[after..].starts_with(". ") { 2 } else { 1 };
            match word_at(text, after + gap) {
                Some(next)
                    if text[after..].starts_with([' ', '.'])
                        && can_follow(next, capitals, capitals && next.title_case()) =>
                {
                    end = next.stem_end();
                    at = next.end;
                    continue;
                }
                _ if word.surname() && word.capital() => {}
                _ => break,
            }
        }
        if !can_follow(
            word,
            capitals,
            sure && words == 1 && (next_at == first.end + 1 || first.initial()),
        ) {
            break;
        }
        end = word.stem_end();
        at = word.end;
    }
    // A trailing initial's or title's full stop belongs to the name only if more follows; leave it.
    end
}

/// What given names and titles are shortened to, with a full stop.
const ABBREVIATED: &[&str] = &[
    "wm", "st", "ste", "dr", "jr", "sr", "mr", "mrs", "ms", "md", "mohd", "chas", "geo", "jos", "thos",
    "jas", "fr", "alex", "benj", "robt", "danl", "saml", "abd", "ph", "phil", "fam", "mag", "brgy", "hon",
    "sec", "dipl", "ing", "prof", "rev",
];

/// Whether the word before `at` is a single capital.
fn after_initial(text: &str, at: usize) -> bool {
    let mut chars = text[..at].chars().rev();
    chars.next().is_some_and(char::is_uppercase) && !chars.next().is_some_and(char::is_alphanumeric)
}

fn ends_in_saint(text: &str, at: usize) -> bool {
    text[..at].ends_with(" St") || text[..at].ends_with(" Jr")
}

/// Letters said or typed one by one from `at`: "w i l l i a m s", "W-I-L-L". The end, for at least `least` letters.
pub(super) fn spelled(text: &str, mut at: usize, least: usize) -> Option<usize> {
    let mut letters = 0;
    let mut end = at;
    while let Some(letter) = text[at..].chars().next().filter(|c| c.is_alphabetic()) {
        let after = at + letter.len_utf8();
        let next = text[after..].chars().next();
        if next.is_some_and(|c| c.is_alphanumeric() || c == '\'') {
            break;
        }
        letters += 1;
        end = after;
        // "r as in romeo".
        let explained = [" as in ", " for ", " like "]
            .iter()
            .find_map(|link| text[after..].strip_prefix(link))
            .and_then(|rest| word_at(text, text.len() - rest.len()))
            .filter(|word| {
                word.text.len() > 1 && word.text.starts_with(|c: char| c.eq_ignore_ascii_case(&letter))
            });
        let after = match explained {
            Some(word) => {
                end = word.end;
                word.end
            }
            None => after,
        };
        let (gap, _) = skip(text, after, &['-', '.', ',']);
        if gap == after || gap > after + 3 {
            break;
        }
        at = gap;
    }
    (letters >= least).then_some(end)
}

/// Whether `letters`, with what stands between them, spell `word`.
pub(super) fn spells(letters: &str, word: &str) -> bool {
    let plain = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphabetic())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    plain(letters) == plain(word)
}

/// Skips "that's spelled" and the like, between a name and its letters.
pub(super) fn skip_announcement(text: &str, mut at: usize) -> usize {
    for _ in 0..5 {
        let (next, _) = skip(text, at, &[',', '.', ':', '-', '(', ';']);
        match word_at(text, next) {
            Some(word)
                if word.is(&[
                    "that", "thats", "is", "it", "its", "spelled", "spelt", "spell", "spelling", "so", "as",
                    "um", "uh",
                ]) =>
            {
                at = word.end
            }
            _ => return next,
        }
    }
    at
}

/// The end of a name that ends at `end`, with what its owner is: ", MD".
pub(super) fn with_credentials(text: &str, end: usize) -> usize {
    const CREDENTIALS: &[&str] = &[
        "MD", "DO", "RN", "NP", "PA", "DDS", "DMD", "PharmD", "PhD", "Esq", "Jr", "Sr", "II", "III", "CPhT",
        "RPh", "LCSW",
    ];
    // "Augustus Finch III".
    if let Some(word) = word_at(text, end + 1)
        && text[end..].starts_with(' ')
        && ["II", "III", "IV", "Jr", "Sr"].contains(&word.text)
    {
        return word.end;
    }
    text[end..]
        .strip_prefix(", ")
        .and_then(|_| word_at(text, end + 2))
        .filter(|word| CREDENTIALS.contains(&word.text))
        .map_or(end, |word| word.end)
}

/// Appends a name, and its letters where they follow.
pub(super) fn push(text: &str, start: usize, end: usize, score: f32, hits: &mut Vec<Hit>) {
    hits.push(Hit::new(start, with_credentials(text, end), score));
    let letters = skip_announcement(text, end);
    if let Some(spelled) = spelled(text, letters, 3) {
        hits.push(Hit::new(letters, spelled, score));
        // "hugo h u g o valdez".
        if let Some(surname) = word_at(text, spelled + 1)
            .filter(|word| text[spelled..].starts_with(' ') && word.surname() && word.strange())
        {
            hits.push(Hit::new(surname.start, surname.stem_end(), score));
        }
    }
}
