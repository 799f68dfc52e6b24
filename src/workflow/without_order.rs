//! Requests that are not about an order, so that no order number need be asked for: a subscription, an automatic refill, a prescription, a
//! refund that is awaited, one of our own tickets, a complaint, a wish for a person.
//!
//! A classifier has few intents, and "stop my automatic refill" comes out as the cancellation of an order. Asking which order leads
//! nowhere, and where the message names an order for another request, that order would be cancelled: such a message goes to an agent.

use std::sync::LazyLock;

use regex::Regex;

use super::not_asked::{CANCEL, follows_up_a_refund};
use super::patterns::regex;
use super::pressing::tells_of_a_leak;
use crate::classify::Intent;
use crate::reference;

static COMPLAINT: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)\b(?:su(?:e|ing)\s+(?:you|your|this|the)|(?:my|our|a|an)\s+(?:lawyer|attorney|solicitor)s?|legal\s+action",
        r"|small\s+claims|(?:in|to)\s+court|complain(?:t|ts|ing)?|better\s+business\s+bureau|bbb|attorney\s+general|board\s+of\s+pharmacy",
        r"|(?:speak|talk|talking|speaking)\s+(?:to|with)\s+(?:your\s+|the\s+)?(?:a|an|some\w*|manager|supervisor|boss|agent|human)",
        r"|(?:real|actual|live)\s+(?:person|human|agent)|manager|supervisor)\b",
    ))
});
/// The public id of one of our records.
static OWN_REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        "(?i){}",
        reference::pattern(reference::HYPHEN_AS_COPIED)
    ))
});
static ORDER: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(?:order(?:s|ed)?|packages?|parcels?|shipments?|deliver(?:y|ed|ies)|bought|purchased?)\b")
});
static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\b(?:accounts?|profile)\b"));
static CANCELLED_OTHERWISE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:subscri\w+|auto(?:matic(?:ally)?)?[\s-]*(?:refill|fill|ship|renew)\w*|memberships?|appointments?|visits?|newsletters?|refill\w*|prescriptions?|transfers?|gift\s+cards?|reminders?)\b",
    )
});
/// A cancellation of something else, word by word.
static NO_ORDER_CANCELLED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:cancel|stop|end|pause)\w*\s+(?:(?:my|the|this|that|all|any|our|your|monthly|weekly|next|of)\s+){0,3}(?:subscri\w+|auto(?:matic(?:ally)?)?[\s-]*(?:refill|fill|ship|renew)\w*|memberships?|appointments?|visits?|newsletters?|refills?|reminders?)\b",
    )
});
static FOLLOWED_OTHERWISE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:transfers?|(?:pre-?)?auth(?:ori[sz]ation)?s?|applications?|claims?|appointments?|tickets?|appeals?)\b",
    )
});
/// What a doctor writes and a pharmacist fills: how many refills, whether it came in, whether it is ready.
static PRESCRIPTION: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:prescriptions?|scripts?|rx|refill\w*|e-?scripts?)\b|\b(?:doctor|dr\.?|physician|prescriber|clinic|provider)\b|\b(?:medicines?|medications?|meds|pills|tablets|insulin|inhalers?)\b[^.!?\n]{0,20}\bready\b",
    )
});
/// A parcel on its way: then it is an order after all.
static WHEREABOUTS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:where(?:['’]?s)?|track\w*|arriv\w*|ship\w*|mail(?:ed|ing)?|transit|courier|com(?:e|ing)|came|here)\b",
    )
});

/// Whether a person is asked for, or somebody complains or threatens to go to law.
pub(super) fn is_complaint(text: &str) -> bool {
    COMPLAINT.is_match(text)
}

/// What a request is instead, where `has_order` says whether an order number is known; `None` where an order is what it is about.
pub(super) fn instead_of(intent: Intent, text: &str, has_order: bool) -> Option<Intent> {
    if intent == Intent::CancelOrder && cancels_no_order(text) {
        return Some(Intent::Other);
    }
    // "I can see another customer's orders": neither to be looked up nor an account to be changed.
    if matches!(intent, Intent::UpdateAccount | Intent::TrackOrder | Intent::Other) && tells_of_a_leak(text) {
        return Some(Intent::OpenTicket);
    }
    // "Where is my refund": a second one would be opened.
    if intent == Intent::RequestRefund && follows_up_a_refund(text) {
        return Some(Intent::OpenTicket);
    }
    if has_order {
        return None;
    }
    if is_complaint(text) {
        return Some(Intent::OpenTicket);
    }
    if names_own_record(text) {
        return Some(Intent::Other);
    }
    if ORDER.is_match(text) {
        return None;
    }
    match intent {
        Intent::CancelOrder if CANCELLED_OTHERWISE.is_match(text) => Some(Intent::Other),
        Intent::CancelOrder if ACCOUNT.is_match(text) => Some(Intent::UpdateAccount),
        Intent::TrackOrder if FOLLOWED_OTHERWISE.is_match(text) => Some(Intent::Other),
        Intent::TrackOrder if PRESCRIPTION.is_match(text) && !WHEREABOUTS.is_match(text) => {
            Some(Intent::Other)
        }
        _ => None,
    }
}

/// Whether `text` names one of our records.
pub(super) fn names_own_record(text: &str) -> bool {
    OWN_REFERENCE.is_match(text)
}

/// Whether `text` asks to stop something that is no order: "cancel order 4471 and stop my subscription".
pub(super) fn stops_something_else(text: &str) -> bool {
    NO_ORDER_CANCELLED.is_match(text)
}

/// Whether every cancellation that `text` asks for is of something else than an order. What is to be stopped, ended or paused is named
/// beside a cancellation, not by one.
fn cancels_no_order(text: &str) -> bool {
    let is_cancelled = |other: &regex::Match<'_>| {
        let verb = other.as_str().get(.."cancel".len());
        verb.is_some_and(|verb| verb.eq_ignore_ascii_case("cancel"))
    };
    let cancelled = NO_ORDER_CANCELLED.find_iter(text).filter(is_cancelled).count();
    stops_something_else(text) && cancelled >= CANCEL.find_iter(text).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_order_number_is_known_by_its_name() {
        use Intent::{CancelOrder, OpenTicket, Other, RequestRefund, TrackOrder, UpdateAccount};
        for (intent, text, instead) in [
            (
                CancelOrder,
                "stop the automatic refill of my lisinopril",
                Some(Other),
            ),
            (
                CancelOrder,
                "Cancel my subscription for the fish oil",
                Some(Other),
            ),
            (CancelOrder, "I want to cancel my account", Some(UpdateAccount)),
            (CancelOrder, "cancel my video visit tomorrow", Some(Other)),
            (CancelOrder, "kindly close ticket TKT-7Q2M9ZK4XWB1", Some(Other)),
            (TrackOrder, "any news on TKT-7Q2M9ZK4XWB1?", Some(Other)),
            (
                TrackOrder,
                "what's the status of my prior authorization",
                Some(Other),
            ),
            (TrackOrder, "I will sue you", Some(OpenTicket)),
            (
                RequestRefund,
                "refund me or my lawyer writes to you",
                Some(OpenTicket),
            ),
            (TrackOrder, "let me talk to a manager", Some(OpenTicket)),
            (
                UpdateAccount,
                "I can see another customer's orders in my account",
                Some(OpenTicket),
            ),
            (UpdateAccount, "change the address of my account", None),
            (CancelOrder, "cancel the order with the subscription", None),
            (CancelOrder, "cancel it", None),
            (
                RequestRefund,
                "refund me, you sent my prescription to the wrong address",
                None,
            ),
            (TrackOrder, "where is my refill, was it delivered", None),
            (TrackOrder, "where's my stuff", None),
            (RequestRefund, "refund my subscription", None),
            (RequestRefund, "when will I get my refund", Some(OpenTicket)),
        ] {
            assert_eq!(instead_of(intent, text, false), instead, "{text}");
        }
        for text in [
            "how many refills do I have left on lipitor",
            "is my prescription ready for pickup",
            "has my doctor sent in my new prescription yet",
            "when is my next refill due",
            "did you get the prescription from Dr. Smith",
            "is my medicine ready",
            "status of my prior auth",
        ] {
            assert_eq!(instead_of(TrackOrder, text, false), Some(Other), "{text}");
        }
        for text in [
            "where is my prescription",
            "has my refill shipped",
            "my prescription has not arrived",
            "is my order of lipitor ready",
            "is it ready",
        ] {
            assert_eq!(instead_of(TrackOrder, text, false), None, "{text}");
        }
        for (text, instead) in [
            ("refund order 4471 and cancel the auto refill", Some(Other)),
            ("cancel order 4471 and cancel my subscription", None),
            ("cancel order 4471, my lawyer knows", None),
            ("cancel order 4471 and stop my subscription", None),
            ("stop my subscription, not order 4471", Some(Other)),
        ] {
            assert_eq!(instead_of(CancelOrder, text, true), instead, "{text}");
        }
    }
}
