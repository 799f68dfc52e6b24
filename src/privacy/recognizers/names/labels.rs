//! Labels before a name: whose name it is, a person's or a thing's, and what is printed on a package.

use super::word::{Word, word_before};
use crate::privacy::lexicon::Cue;

/// Who a pharmacy writes of, before a name.
const OWNERS: [&str; 8] = [
    "patient",
    "pt",
    "member",
    "customer",
    "caller",
    "client",
    "resident",
    "subscriber",
];

/// Whether a cue is one of [`OWNERS`].
pub(super) fn is_owner(said: &str) -> bool {
    OWNERS.iter().any(|owner| said.eq_ignore_ascii_case(owner))
}

/// Whether what stands right behind a cue makes it a label: "Patient:".
pub(super) fn is_labelled(passed: &str) -> bool {
    passed.contains([':', '='])
}

/// Whether the cue "name" is that of a thing: "drug name", "the brand's name is".
pub(super) fn names_a_thing(text: &str, cue: &Cue<'_>) -> bool {
    const THINGS: &[&str] = &[
        "drug",
        "drugs",
        "medication",
        "medicine",
        "med",
        "product",
        "brand",
        "generic",
        "trade",
        "store",
        "pharmacy",
        "plan",
        "insurance",
        "item",
        "device",
        "test",
        "program",
        "chemical",
        "ingredient",
        "vaccine",
        "tablet",
        "pill",
        "cream",
    ];
    let is_name = text
        .get(cue.start..cue.start + "name".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("name"));
    is_name
        && word_before(text, text[..cue.start].trim_end_matches(' ').len())
            .is_some_and(|thing| thing.is(THINGS))
}

/// Whether the cue speaks of what is printed on a label.
pub(super) fn is_on_label(text: &str, cue: &Cue<'_>) -> bool {
    let said = text[cue.start..cue.end].to_ascii_lowercase();
    let said = said.strip_suffix(" is").unwrap_or(&said);
    said.ends_with(" says")
        || said.ends_with(" reads")
        || said.starts_with("says on")
        || ["label", "bottle", "package", "prescription"].iter().any(|on| {
            said.strip_suffix(on)
                .is_some_and(|said| said.ends_with("name on the "))
        })
}

/// Whether what a label says is a person: a known name, or two words of which one can be nothing else.
pub(super) fn is_name_on_label(first: Word<'_>, next: Option<Word<'_>>) -> bool {
    let ends_name = |next: Word<'_>| {
        next.surname() && !next.common() && !next.proper() || next.strange_capital() && next.capital()
    };
    first.given()
        || first.may_be_given() && first.strange() && (first.capital() || first.text.len() > 3)
        || first.surname() && first.strange()
        || first.capital()
            && (first.may_be_given() || first.strange() || first.initial())
            && next.is_some_and(|next| next.capital() && ends_name(next))
}
