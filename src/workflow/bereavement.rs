//! Whether a message tells of a death, so that the answer does not pass over it: "my mum passed away, please close her account".
//!
//! Safety reports have their own reading of an outcome. Here a relation has to stand before the death, or the word for the deceased: phones,
//! batteries and hopes die as well.

use std::sync::LazyLock;

use regex::Regex;

use super::patterns::regex;

/// What comes before any other word.
pub(super) const CONDOLENCES: &str = "We are very sorry for your loss.";

/// What each of [`OF_SOMEBODY`] has. In ASCII alone: few beginnings are left then, and a text without one is passed over at a glance.
static DEATH: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i-u)\b(?:passed|died|deceased|death)\b"));
static OF_SOMEBODY: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)\b(?:my|our|his|her|their)\s+(?:(?:late|dear|elderly|ex|step|great|beloved)[\s-]*)*",
        r"(?:mum|mom|mother|mama|dad|father|papa|parent|husband|wife|spouse|partner|fianc[eé]e?|son|daughter|baby|child|boy|girl|brother|sister",
        r"|twin|grand(?:ma|pa|mother|father|son|daughter)|gran|granny|nan|nana|aunt|auntie|uncle|cousin|niece|nephew|friend|neighbou?r)",
        r"(?:[\s-]in[\s-]law)?\b[^.!?\n]{0,40}?\b(?:passed\s+away|died)\b",
        r"|\b(?:is|was|the|my|our)\s+deceased\b|\b(?:he|she)\s+(?:has\s+|had\s+|just\s+)?(?:passed\s+away|died)\b",
        r"|\bdeath\s+(?:certificate|in\s+the\s+family|of\s+(?:my|our|his|her))\b",
    ))
});

/// Whether the customer's `own` words tell of somebody's death.
pub(super) fn is_bereaved(own: &str) -> bool {
    DEATH.is_match(own) && OF_SOMEBODY.is_match(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_is_told_from_what_else_dies() {
        for text in [
            "My mum passed away, please close her account",
            "my mother-in-law died on Sunday, cancel her refills",
            "the account holder is deceased",
            "our dear friend, whom you know, died",
            "she passed away last week. Stop the deliveries",
            "I can send the death certificate",
        ] {
            assert!(is_bereaved(text), "{text}");
        }
        for text in [
            "my phone died while I ordered",
            "the battery died, my son says it is new",
            "I am sick to death of waiting",
            "my husband wants to know where his order is",
            "the deadline has passed",
            "she passed on the offer",
        ] {
            assert!(!is_bereaved(text), "{text}");
        }
    }
}
