//! What a mail quotes: where a quotation begins, whose words it holds, and whether the writer hands it over.
//!
//! A quotation begins with a line that mail programs write ("On 23 November Jo wrote:", "-----Original Message-----", a block of From:, Sent:,
//! Subject:), or is a run of lines behind `>`. Nothing here fails.

use std::sync::LazyLock;

use regex::Regex;

use super::{Part, contains_ignore_case, expression, starts_with_ignore_case};

/// Marks what is quoted and neither forwarded nor handed over.
pub(super) fn mark(lines: &[&str], parts: &mut [Part]) {
    let end = lines
        .iter()
        .position(|line| is_forward(line))
        .unwrap_or(lines.len());
    let is_own = |line: &&str| !is_marked(line) && !line.trim().is_empty();
    let has_own = lines.iter().any(is_own);
    let Some(quotation) = (0..end).find_map(|at| Quotation::beginning(lines, at, has_own)) else {
        return;
    };
    let Quotation {
        start,
        body,
        marked,
        sender,
    } = quotation;
    let is_said = |at: usize| at < start || (marked && at >= body && !is_marked(lines[at]));
    let said: String = (0..lines.len())
        .filter(|&at| is_said(at))
        .flat_map(|at| [lines[at], "\n"])
        .collect();
    if hands_over(&said, is_service(&sender)) {
        return;
    }
    parts[start..body].fill(Part::Furniture);
    for at in body..lines.len() {
        // The line above a quotation within the quotation.
        let within = marked && lines[at].trim_end().ends_with("wrote:");
        if !is_said(at) || within {
            parts[at] = Part::History;
        }
    }
}

#[derive(Debug)]
struct Quotation {
    /// The line that it begins with.
    start: usize,
    /// The first line of what is quoted.
    body: usize,
    /// Whether each of its lines begins with `>`, so that others between and below them are the writer's.
    marked: bool,
    /// Whose words it holds, as far as it says.
    sender: String,
}

impl Quotation {
    /// The quotation that begins with line `at`. `has_own`: whether any line is not marked.
    fn beginning(lines: &[&str], at: usize, has_own: bool) -> Option<Self> {
        let marked = |from: usize| lines[from..].iter().any(|line| is_marked(line));
        if let Some(length) = attribution(lines, at) {
            let body = at + length;
            return Some(Self {
                start: at,
                body,
                marked: marked(body),
                sender: lines[at..body].join(" "),
            });
        }
        if is_original_message(lines[at].trim()) {
            return Some(Self {
                start: at,
                body: at + 1,
                marked: false,
                sender: sender_of_block(&lines[at + 1..]).unwrap_or_default().to_owned(),
            });
        }
        // A person's letter under such a block is handed over; a reply has the service's there.
        if at > 0 && is_header_block(lines, at) && is_service(lines[at]) {
            return Some(Self {
                start: at,
                body: at + 1,
                marked: false,
                sender: lines[at].to_owned(),
            });
        }
        // One such line may be a list's or a prompt's; two are a quotation, beside something that is none.
        let run = is_marked(lines[at]) && lines.get(at + 1).is_some_and(|next| is_marked(next));
        (run && has_own).then(|| Self {
            start: at,
            body: at,
            marked: true,
            sender: String::new(),
        })
    }
}

fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Whether a mail program begins a forwarded message with this line, or a mail server a letter that it could not deliver.
pub(super) fn is_forward(line: &str) -> bool {
    const SAID: [&str; 13] = [
        "forwarded message",
        "weitergeleitete nachricht",
        "message transféré",
        "mensaje reenviado",
        "messaggio inoltrato",
        "mensagem encaminhada",
        "subject: fw",
        "betreff: wg",
        "delivery has failed",
        "could not be delivered",
        "could not be routed",
        "undeliverable",
        "original message follows",
    ];
    const BEGUN: [&str; 5] = ["fwd:", "fw:", "wg:", "tr:", "rv:"];
    let line = line.trim();
    BEGUN.iter().any(|begun| starts_with_ignore_case(line, begun))
        || (line.len() <= MAX_HEADING && SAID.iter().any(|said| contains_ignore_case(line, said)))
}

/// No line that a mail program writes is longer, in bytes: people's paragraphs are passed over at a glance.
const MAX_HEADING: usize = 200;

/// "-----Original Message-----", in the words of the common programs.
fn is_original_message(line: &str) -> bool {
    const WORDS: [&str; 8] = [
        "original message",
        "original appointment",
        "ursprüngliche nachricht",
        "mensaje original",
        "message d'origine",
        "messaggio originale",
        "oorspronkelijk bericht",
        "mensagem original",
    ];
    line.starts_with("--") && WORDS.iter().any(|words| contains_ignore_case(line, words))
}

/// How mail programs begin the line over a quoted message, and end it.
const ATTRIBUTIONS: [(&str, &[&str]); 5] = [
    ("On ", &["wrote:"]),
    ("Le ", &["a écrit :", "a écrit\u{a0}:", "a écrit:"]),
    ("El ", &["escribió:"]),
    ("Il ", &["ha scritto:"]),
    ("Em ", &["escreveu:"]),
];
/// Those that end with the sender instead: "Am 23.11.2026 um 10:12 schrieb Example Pharmacy <...>:".
const ATTRIBUTIONS_TO: [(&str, &str); 2] = [("Am ", " schrieb "), ("Op ", " schreef ")];
/// Whatever it begins with.
const ENDINGS: [&str; 7] = [
    " wrote:",
    " schrieb:",
    " escribió:",
    " a écrit :",
    " a écrit:",
    " ha scritto:",
    " escreveu:",
];

/// How many lines, from `at`, are the one over a quotation: "On Tue, 3 March 2026 at 10:12, Example Pharmacy wrote:", wrapped or not.
fn attribution(lines: &[&str], at: usize) -> Option<usize> {
    let line = lines[at].trim();
    if line.len() > MAX_HEADING {
        return None;
    }
    let next = lines.get(at + 1).map_or("", |next| next.trim());
    let has_digit = line.contains(|c: char| c.is_ascii_digit());
    // A day and a time, or an address: "my doctor wrote:" is the writer's own.
    if ENDINGS.iter().any(|end| line.ends_with(end))
        && (has_digit
            || line.contains(['@', '<'])
            || ATTRIBUTIONS.iter().any(|(start, _)| line.starts_with(start)))
    {
        return Some(1);
    }
    // "пн, 23 нояб. 2026 г. в 09:12, Jo <jo@example.com>:" names nothing but the day and the sender.
    if has_digit && line.ends_with(">:") && line.contains('<') {
        return Some(1);
    }
    if !has_digit {
        return None;
    }
    let ends = |line: &str, end: &&str| line.ends_with(end);
    let starts = |line: &str| ATTRIBUTIONS.iter().find(|(start, _)| line.starts_with(start));
    if let Some((_, end)) = starts(line) {
        if end.iter().any(|end| ends(line, end)) {
            return Some(1);
        }
        return end.iter().any(|end| ends(next, end)).then_some(2);
    }
    let (_, verb) = ATTRIBUTIONS_TO
        .iter()
        .find(|(start, _)| line.starts_with(start))?;
    let to_sender = |whole: &str| whole.ends_with(">:") && whole.contains(verb);
    match to_sender(line) {
        true => Some(1),
        false => to_sender(&format!("{line} {next}")).then_some(2),
    }
}

/// What the header block over a message begins with, and what one of its next lines does.
const HEADERS: [&str; 6] = ["From:", "Von:", "De:", "De :", "Da:", "Van:"];
const HEADER_DATES: [&str; 9] = [
    "Sent:",
    "Date:",
    "Gesendet:",
    "Datum:",
    "Envoyé",
    "Enviado",
    "Inviato:",
    "Data:",
    "Verzonden:",
];

fn begins(line: &str, with: &[&str]) -> bool {
    with.iter().any(|start| line.trim_start().starts_with(start))
}

/// Whether a line names the sender of what stands below it.
pub(super) fn is_header(line: &str) -> bool {
    begins(line, &HEADERS)
}

fn is_header_block(lines: &[&str], at: usize) -> bool {
    is_header(lines[at])
        && lines[at + 1..]
            .iter()
            .take(3)
            .any(|line| begins(line, &HEADER_DATES))
}

fn sender_of_block<'a>(lines: &[&'a str]) -> Option<&'a str> {
    lines.iter().take(4).find(|line| begins(line, &HEADERS)).copied()
}

/// Whether a sender is the service rather than a person, by name or address.
fn is_service(sender: &str) -> bool {
    const WORDS: [&str; 16] = [
        "pharmac",
        "apothek",
        "farmac",
        "support",
        "service",
        "noreply",
        "no-reply",
        "no_reply",
        "donotreply",
        "help@",
        "info@",
        "care@",
        "order",
        "billing",
        "refill",
        " team",
    ];
    let care = sender.contains("Care ") || sender.trim_end().ends_with("Care");
    care || WORDS.iter().any(|word| contains_ignore_case(sender, word))
}

/// Fewer words than a request of one's own takes.
const FEW_WORDS: usize = 15;

/// Whether who says this over a quotation wants the quotation read. Over the service's own letter, "look into this" is about something else.
fn hands_over(said: &str, of_service: bool) -> bool {
    static POINTS: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b(?:see|look|read|check|review|find|handle|act)\b[^.?!\n]{0,40}\b(?:below|underneath|this\ (?:e-?mail|message|letter|note|thread))\b
              | \bmy\ (?:answers?|replies|comments)\b | \b(?:answered|replied)\b[^.?!\n]{0,30}\b(?:under|below|each|question)
              | \bthis\ (?:one\ )?(?:came|arrived|was\ sent)\b | \bcame\ (?:in\ )?(?:to|through|overnight)\b
              | \bsiehe\ unten\b | \bbitte\ (?:lesen|ansehen)\b | \b(?:ver|vea|mire|lea)\ (?:abajo|esto)\b
              | \bvoir\ ci-dessous\b | \bzie\ hieronder\b | \bvedi\ sotto\b",
        )
    });
    static FORWARD: LazyLock<Regex> =
        LazyLock::new(|| expression(r"\b(look(?:ing|ed)?\s+)?forward(?:ed|ing|s)?\b"));
    static ASKS: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b(?:help|updates?|urgent(?:ly)?|asap|emergency|news|advise|fyi|ayuda|ayúdenme|hilfe|aide)\b | \?\ ?\?
              | \bwhat\ (?:should|do|can)\ (?:i|we)\b | \b(?:look|act|check)\ (?:at|on|into)\ (?:this|it)\b
              | \b(?:take\ care\ of|deal\ with|pass(?:ing)?|handle|take)\ (?:this|it)\b",
        )
    });
    let forwards = || FORWARD.captures_iter(said).any(|found| found.get(1).is_none());
    if POINTS.is_match(said) || forwards() {
        return true;
    }
    let says_nothing = || !said.contains(char::is_alphanumeric);
    let asks_briefly = || said.split_whitespace().count() <= FEW_WORDS && ASKS.is_match(said);
    !of_service && (says_nothing() || asks_briefly())
}
