//! Requests that may not wait as long as their kind: somebody's health data in the wrong hands, and a question about a safety report.
//!
//! A classifier knows them as a problem, or as a change of an account, and their tickets had a day. A leak has a clock of its own (HIPAA
//! 45 CFR 164.404, GDPR article 33: 72 hours from when it is known), and whoever asks about a safety report was promised a person. Reads
//! the customer's own words, redacted; raises a priority and never lowers one; cannot fail. What comes next is in `service_action.rs`.

use std::sync::LazyLock;

use super::patterns::{Pattern, PatternList, PatternSet, Prefilter, Scan};
use super::priority::Priority;
use crate::reference::{self, RecordKind};

/// Data in the wrong hands.
const LEAKS: [&str; 5] = [
    r"(?i)\b(?:hipaa|data\s+(?:breach|leak)|(?:privacy|confidentiality)\s+(?:breach|violation)|breach\s+of\s+(?:my\s+)?(?:privacy|confidentiality))\b",
    // "I can see another customer's orders".
    r"(?i)\b(?:see|seeing|saw|view|shows?|showing|has|have|with|received|got|getting|sent\s+me|mailed\s+me)\b[^.!?\n]{0,30}\b(?:(?:another|other|different)\s+(?:customer|patient|person|people|client)|(?:someone|somebody)\s+else)['’]?s?['’]?\s+(?:\w+\s+){0,2}(?:orders?|account|details|data|information|records?|history|address|results?|profile|invoices?|names?|labels?|lists?)\b",
    // "somebody posted my medical records online".
    r"(?i)\b(?:posted|published|leaked|uploaded|put)\b[^.!?\n]{0,20}\bmy\s+(?:\w+\s+){0,2}(?:records?|history|data|files?|information|results?|diagnosis|prescriptions?)\b[^.!?\n]{0,30}\b(?:online|internet|facebook|web\w*|public\w*|social)\b",
    // "you mailed my HIV results to my neighbour".
    r"(?i)\b(?:mailed|sent|e-?mailed|gave|given|told|showed|shown|handed|disclosed|leaked|shared|posted|revealed|faxed|delivered)\b[^.!?\n]{0,60}\b(?:tests?|hiv|lab|medical|health|prescriptions?|medications?|medicines?|diagnos\w+|results?|records?)\b[^.!?\n]{0,40}\b(?:to|with|on)\s+(?:(?:my|a|the|our|his|her)\s+)?(?:wrong\s+(?:address|person|number|mail|e-?mail|fax|house|customer|patient)|neighbou?rs?|co-?workers?|colleagues?|boss|employer|ex\b|stranger|(?:another|other)\s+(?:customer|patient|person|people)|(?:whole\s+)?(?:building|office|street)\b)",
    // "your driver told my whole building what medicine I get".
    r"(?i)\b(?:told|telling|showed)\b[^.!?\n]{0,30}\b(?:neighbou?rs?|building|boss|employer|everyone|everybody)\b[^.!?\n]{0,40}\b(?:medicines?|medications?|prescriptions?|diagnosis|condition|pills|taking)\b",
];

/// What is looked for, behind one walk over the text: hardly any request has a word of it.
struct Wordings {
    prefilter: Prefilter,
    leaks: PatternList,
    /// The public id of a safety report, with or without its hyphen.
    safety_report: Pattern,
}

static WORDINGS: LazyLock<Wordings> = LazyLock::new(|| {
    let mut patterns = PatternSet::default();
    Wordings {
        leaks: patterns.add_all(LEAKS.map(str::to_owned)),
        safety_report: patterns.add(&format!(
            "(?i){}",
            reference::pattern_of(RecordKind::Compliance, reference::HYPHEN_AS_COPIED)
        )),
        prefilter: patterns.prefilter(),
    }
});

impl Wordings {
    /// The words that tell of a leak.
    fn leak(&self, scan: &Scan<'_>) -> Option<String> {
        let mut leaks = self.leaks.that_may_match(scan);
        leaks.find_map(|leak| Some(leak.find(scan)?.as_str().to_owned()))
    }
}

/// The words of `text` that tell that somebody's data came into the wrong hands.
pub(super) fn leak(text: &str) -> Option<String> {
    WORDINGS.leak(&WORDINGS.prefilter.scan(text))
}

/// Whether there are such words.
pub(super) fn tells_of_a_leak(text: &str) -> bool {
    leak(text).is_some()
}

/// The least priority of a ticket for `text`.
pub(super) fn least_priority(text: &str) -> Priority {
    let scan = WORDINGS.prefilter.scan(text);
    if WORDINGS.leak(&scan).is_some() || WORDINGS.safety_report.is_match(&scan) {
        Priority::High
    } else {
        Priority::Low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_and_a_question_about_a_report_are_pressing_and_their_neighbours_are_not() {
        for text in [
            "you mailed my HIV results to my neighbour",
            "I can see another customer's orders in my account",
            "I can see another patients refill list in my app",
            "the package you sent has another patient's name on it",
            "somebody posted my medical records online",
            "you emailed my prescription details to my coworker",
            "I got somebody else's invoice in the mail",
            "the app shows a different patient's prescription history",
            "your driver told my whole building what medicine I get",
            "you sent my prescription to the wrong address",
            "this is a HIPAA violation",
            "nobody called me back about SAF-7Q2M9ZK4XWB1",
        ] {
            assert_eq!(least_priority(text), Priority::High, "{text}");
        }
        for text in [
            "I sent my prescription to another pharmacy",
            "please send my medicine to my neighbour, I am away",
            "you sent the wrong colour",
            "can I see my order history",
            "I got my order, thanks",
            "I want to order for somebody else",
            "I told my doctor about the medicine",
            "what does your privacy policy say",
            "any news on TKT-7Q2M9ZK4XWB1",
        ] {
            assert_eq!(least_priority(text), Priority::Low, "{text}");
        }
    }

    #[test]
    fn a_usual_request_runs_no_expression() {
        for text in [
            "where is my refund",
            "Please cancel order 4471-8823, I do not need it.",
        ] {
            let scan = WORDINGS.prefilter.scan(text);
            let run: Vec<&Pattern> = WORDINGS.leaks.that_may_match(&scan).collect();
            assert!(run.is_empty(), "{text}: {run:?}");
            assert!(!WORDINGS.safety_report.may_match(&scan), "{text}");
        }
    }
}
