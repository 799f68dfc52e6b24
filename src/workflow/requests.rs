//! Requests that a message plainly makes, by rule: the second of two that a classifier with one answer cannot tell.
//!
//! "Cancel order 1 and refund what you charged" is one category and two intents. Only wordings that ask are listed; what is denied,
//! asked about in general ("how do I cancel") or already done is none.

use std::sync::LazyLock;

use regex::Regex;

use super::patterns::{Pattern, PatternSet, Scan, regex};
use crate::classify::Intent;

/// How each request is made.
#[rustfmt::skip]
const REQUESTS: [(Intent, &str); 4] = [
    (Intent::CancelOrder, r"(?i)\bcancel\s+(?:(?:my|the|this|that|it|them|both|order|orders|everything)\b|#?\d)|\b(?:want|need|(?:would|['’]d)\s+like|wish|please)\s+(?:(?:my|the|this|that|it|them|both|all|of|and|everything|orders?|number|no\.?|to|be|have|get|see|refunded|cancell?ed|#?\d[\d-]*)[,\s]+){1,8}cancell?ed\b"),
    (Intent::RequestRefund, r"(?i)\b(?:refund\s+(?:(?:me|us|my|the|it|them|both|order|orders|what|for)\b|#?\d)|(?:want|need|like|expect|demand|give\s+me|get|issue)\s+(?:me\s+)?(?:(?:a|my|the|full)\s+){0,2}(?:refund|money\s+back)|(?:refund|money\s+back),?\s+(?:please|pls)|cancell?ed\s+and\s+(?:a\s+(?:full\s+)?refund|my\s+money\s+back)|(?:want|need|(?:would|['’]d)\s+like|wish|please)\s+(?:(?:my|the|this|that|it|them|both|all|of|and|everything|orders?|number|no\.?|to|be|have|get|see|refunded|cancell?ed|#?\d[\d-]*)[,\s]+){1,8}refunded|reimburse\s+(?:me|us))\b"),
    (Intent::TrackOrder, r"(?i)\b(?:where(?:['’]?s|\s+is|\s+are)\s+(?:(?:my|the)\s+(?:\w+\s+)?(?:orders?|packages?|parcels?|delivery|shipment)|orders?\s+#?\d+)|track\s+(?:my|the|this|orders?|#?\d+)|status\s+of\s+(?:my|the)\s+(?:\w+\s+)?(?:orders?|package|parcel|delivery|shipment))\b"),
    (Intent::UpdateAccount, r"(?i)\b(?:change|update|correct)\s+(?:my|the)\s+(?:\w+\s+)?(?:e-?mail|mail|phone|address|password|name|number|card)\b"),
];

/// Just before the words of a request: it is denied, asked about, or somebody else's doing.
static NO_REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)(?:n['’]t|\b(?:not|never|without|dont|doesnt|didnt|wont|cannot|cant|how\s+(?:do|can|would|could|to)(?:\s+i)?|can\s+i|could\s+i|if\s+i|whether\s+i|instead\s+of|(?:do|did|will|would)\s+you\s+(?:ever\s+)?|tried\s+to|trying\s+to|already|you))\s*$",
    )
});
/// How far back that is looked for, in bytes.
const BEFORE: usize = 24;

/// Finds requests.
#[derive(Debug)]
pub(super) struct Requests(Vec<(Intent, Pattern)>);

impl Requests {
    pub(super) fn new(patterns: &mut PatternSet) -> Self {
        Self(
            REQUESTS
                .map(|(intent, pattern)| (intent, patterns.add(pattern)))
                .into(),
        )
    }

    /// The requests that a text plainly makes, in the order in which it does.
    pub(super) fn read(&self, scan: &Scan<'_>) -> Vec<Intent> {
        let mut found: Vec<(usize, Intent)> = Vec::new();
        for (intent, pattern) in &self.0 {
            let asked = pattern
                .find_iter(scan)
                .find(|hit| is_asked(scan.text(), hit.start()));
            found.extend(asked.map(|hit| (hit.start(), *intent)));
        }
        found.sort_unstable_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, intent)| intent).collect()
    }
}

fn is_asked(text: &str, at: usize) -> bool {
    let from = text.ceil_char_boundary(at.saturating_sub(BEFORE));
    !NO_REQUEST.is_match(&text[from..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plainly_asked_for_is_found_in_its_order_and_nothing_else() {
        use Intent::{CancelOrder, RequestRefund, TrackOrder, UpdateAccount};
        let mut patterns = PatternSet::default();
        let requests = Requests::new(&mut patterns);
        let prefilter = patterns.prefilter();
        for (text, expected) in [
            (
                "Please cancel order 10097001 and refund the 129,99 USD you already charged me.",
                &[CancelOrder, RequestRefund][..],
            ),
            (
                "i want my money back for order 12345, and update my email while you are at it",
                &[RequestRefund, UpdateAccount],
            ),
            (
                "where's my order 555123? also please cancel #777888",
                &[TrackOrder, CancelOrder],
            ),
            ("refund please, it never worked", &[RequestRefund]),
            (
                "I want my order 10093552 cancelled and my money back",
                &[CancelOrder, RequestRefund],
            ),
            (
                "I want order 10093552 cancelled, and where is my other order 10093553",
                &[CancelOrder, TrackOrder],
            ),
            ("where is order 10093552", &[TrackOrder]),
            ("please get my order canceled", &[CancelOrder]),
            (
                "I'd like orders 10093552 and 10093553 to be cancelled",
                &[CancelOrder],
            ),
            ("I need it refunded", &[RequestRefund]),
            ("I don't want my order cancelled", &[]),
            ("I don't need to have my order cancelled", &[]),
            ("how to get my order cancelled", &[]),
            ("do you want my order cancelled", &[]),
            ("my order was cancelled", &[]),
            ("How do I cancel my order?", &[]),
            ("can I cancel the subscription", &[]),
            ("please don't cancel my order", &[]),
            ("you cancel my order every time", &[]),
            ("I cancelled it and got the refund, thanks", &[]),
            ("what is your refund policy", &[]),
            ("the tracking page is broken", &[]),
        ] {
            assert_eq!(requests.read(&prefilter.scan(text)), expected, "{text}");
        }
    }
}
