//! The facts of a request: order ids, amounts, products, dates, a reason.
//!
//! Read from redacted text and metadata; each is a checked value, never a copy of the customer's sentence. What is
//! not plainly said is not there.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::amounts::{Amount, Amounts};
use super::date_mentions::{DateMention, DateMentions};
use super::order_ids::{OrderIds, same_order};
use super::patterns::{Pattern, PatternSet, Prefilter, Scan};
use super::products::products;
use super::requests::Requests;
use super::wording::{plain_customer_id, plain_id};
use crate::classify::Intent;
use crate::message::Metadata;

/// Why something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Arrived broken.
    Damaged,
    /// Something else arrived.
    WrongItem,
    /// Part of it did not arrive.
    MissingItem,
    /// Did not arrive.
    NotDelivered,
    /// Arrives too late.
    Late,
    /// Charged twice.
    DuplicateCharge,
    /// Charged too much.
    Overcharged,
    /// Ordered without meaning to.
    OrderedByMistake,
    /// Not wanted any more.
    ChangedMind,
    /// Found for less.
    FoundCheaper,
    /// Past its date.
    Expired,
}

impl Reason {
    /// The reason in words.
    #[must_use]
    pub const fn as_words(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::WrongItem => "wrong item",
            Self::MissingItem => "item missing",
            Self::NotDelivered => "not delivered",
            Self::Late => "late",
            Self::DuplicateCharge => "charged twice",
            Self::Overcharged => "charged too much",
            Self::OrderedByMistake => "ordered by mistake",
            Self::ChangedMind => "no longer wanted",
            Self::FoundCheaper => "found cheaper",
            Self::Expired => "expired",
        }
    }
}

/// The facts of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entities {
    /// The orders it is about. Metadata wins over text when both name one.
    pub order_ids: Vec<String>,
    /// What the text named when metadata named something else.
    pub order_ids_in_text: Vec<String>,
    /// Whether text and metadata name different orders.
    pub order_ids_differ: bool,
    /// Amounts of money.
    pub amounts: Vec<Amount>,
    /// Names from the list of known products.
    pub products: Vec<String>,
    /// The caller's product id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub product_id: Option<String>,
    /// The caller's customer id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer_id: Option<String>,
    /// Days.
    pub dates: Vec<DateMention>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<Reason>,
}

/// How each reason is told; the first that matches is taken. What the customer did by mistake comes before what the shop did.
#[rustfmt::skip]
const REASONS: [(Reason, &str); 11] = [
    (Reason::DuplicateCharge, r"(?:charged|billed) (?:me )?(?:\w+ )?(?:twice|two times|double)|double[- ]charged?|duplicate charge|two charges|charged 2"),
    (Reason::Overcharged, r"over ?charged|charged (?:me )?too much|wrong (?:price|amount)"),
    (Reason::OrderedByMistake, r"(?:order(?:ed|s)?|bought|purchased|placed|clicked|pressed) (?:\w+ ){0,5}?(?:by mistake|by accident|accidentally)|(?:by mistake|by accident),? (?:i |we )?(?:\w+ )?(?:ordered|bought|purchased|placed|clicked|pressed)|ordered (?:it |this |them |that )?(?:\w+ )?twice|accidentally (?:\w+ )?(?:ordered|bought|purchased|placed|hit|clicked|pressed)|ordered (?:the )?wrong"),
    (Reason::WrongItem, r"wrong (?:item|product|size|colou?r|order|one)|(?:sent|got|received) (?:me )?the wrong|not what i ordered|instead of the"),
    (Reason::MissingItem, r"missing (?:an? |one |two |the )?(?:item|product|bottle|box|part)|(?:item|items|one|bottle|box) (?:is|was|were|are) missing|was(?:n['’]?t| not) in the (?:box|package|parcel)|incomplete|only (?:got|received) (?:one|two|half|part)"),
    (Reason::Damaged, r"damaged|broken|cracked|crushed|smashed|leak(?:ed|ing)|dented|shattered|torn"),
    (Reason::Expired, r"expired|past (?:its|the) (?:date|expir\w+)|out of date"),
    (Reason::NotDelivered, r"never (?:arrived|came|showed|got|received)|(?:not|(?:has|have|had|was|were|is|are|did)n['’]?t) (?:(?:yet|even|ever|been) )*(?:arrived?|received?|come|delivered|get|got)|(?:says|marked|shows) (?:as )?delivered|lost in (?:the mail|transit)|didn['’]?t show"),
    (Reason::Late, r"(?:is|was|too|so|days?|week|weeks|very) late|delayed|overdue|taking (?:too|so|forever)|takes too long|still waiting"),
    (Reason::FoundCheaper, r"(?:found|get|saw) (?:it|them|this) (?:\w+ )?(?:cheaper|for less)|cheaper (?:elsewhere|somewhere|at)"),
    (Reason::ChangedMind, r"changed my mind|no longer (?:need|want)|(?:don['’]?t|do not) (?:need|want) (?:it|this|them|that)|not needed any ?more"),
];

/// What is told in the words of a reason and is none: a website is broken, a card expires, and the shop makes mistakes too.
#[rustfmt::skip]
const OF_OTHER_THINGS: [(Reason, &str); 3] = [
    (Reason::OrderedByMistake, r"(?:you|they|was|were|been|got) (?:\w+ )?(?:charged|billed|debited|sent|shipped|delivered|cancell?ed|refunded) (?:\w+ ){0,3}?(?:by mistake|by accident|accidentally)"),
    (Reason::Damaged, r"(?:web ?site|web ?page|site|page|app|link|url|portal|log ?in|check ?out|cart|button|form|system|chat|tracking)(?: page| form| button| link)?(?:['’]s|(?: (?:is|was|are|seems|looks|appears|to|be|still|completely|totally|just|all))*) (?:broken|damaged)|broken (?:web ?site|web ?page|site|page|app|link|url|portal|log ?in|check ?out|button|form|promises?)"),
    (Reason::Expired, r"(?:cards?|codes?|coupons?|vouchers?|passwords?|links?|sessions?|insurance|membership|subscription|offer|points|passport|licen[cs]e|prescriptions?)(?:['’]s|(?: (?:on|file|has|have|had|is|was|are|were|just|already|recently|also|now))*) expired|expired (?:credit |debit |bank )?(?:cards?|codes?|coupons?|vouchers?|passwords?|links?|sessions?|insurance|prescriptions?)"),
];

/// Reads entities.
#[derive(Debug)]
pub(super) struct EntityReader {
    prefilter: Prefilter,
    order_ids: OrderIds,
    amounts: Amounts,
    dates: DateMentions,
    reasons: Vec<(Reason, Pattern)>,
    of_other_things: Vec<(Reason, Pattern)>,
    requests: Requests,
}

impl EntityReader {
    pub(super) fn new() -> Self {
        let mut patterns = PatternSet::default();
        let mut add =
            |reason: Reason, pattern: &str| (reason, patterns.add(&format!(r"(?i)\b(?:{pattern})\b")));
        Self {
            reasons: REASONS.map(|(reason, pattern)| add(reason, pattern)).into(),
            of_other_things: OF_OTHER_THINGS
                .map(|(reason, pattern)| add(reason, pattern))
                .into(),
            order_ids: OrderIds::new(&mut patterns),
            amounts: Amounts::new(&mut patterns),
            dates: DateMentions::new(&mut patterns),
            requests: Requests::new(&mut patterns),
            prefilter: patterns.prefilter(),
        }
    }

    /// The requests that a redacted text plainly makes, in the order in which it does.
    pub(super) fn requests(&self, redacted: &str) -> Vec<Intent> {
        self.requests.read(&self.prefilter.scan(redacted))
    }

    /// What `intent` is about: where the text names orders of which it asks this, those and no others that it asks something else of.
    pub(super) fn for_request(&self, intent: Intent, redacted: &str, entities: &Entities) -> Entities {
        let mut own = entities.clone();
        if own.order_ids.len() < 2 {
            return own;
        }
        let scan = self.prefilter.scan(redacted);
        let by_request = self.order_ids.by_request(&scan, &own.order_ids);
        let asks = |id: &String, this: bool| {
            let mut asked = by_request.iter();
            asked.any(|(of, asked)| asked == id && (*of == intent) == this)
        };
        if by_request.iter().any(|(of, _)| *of == intent) {
            own.order_ids.retain(|id| asks(id, true) || !asks(id, false));
        }
        own
    }

    /// The facts in a redacted text and the metadata that came with it.
    /// `today` is the day on which it was received.
    pub(super) fn read(&self, redacted: &str, metadata: &Metadata, today: Date) -> Entities {
        let scan = self.prefilter.scan(redacted);
        let in_text = self.order_ids.read(&scan);
        let from_caller = metadata_orders(metadata);
        let differ = !from_caller.is_empty()
            && !in_text.is_empty()
            && !in_text
                .iter()
                .all(|id| from_caller.iter().any(|known| same_order(known, id)));
        let (order_ids, order_ids_in_text) = if from_caller.is_empty() {
            (in_text, Vec::new())
        } else {
            (from_caller, if differ { in_text } else { Vec::new() })
        };
        Entities {
            order_ids,
            order_ids_in_text,
            order_ids_differ: differ,
            amounts: self.amounts.read(&scan),
            products: products(redacted)
                .into_iter()
                .map(|product| product.name.to_owned())
                .collect(),
            product_id: metadata.text("product_id").and_then(|id| plain_id(&id)),
            customer_id: metadata.text("customer_id").and_then(|id| plain_customer_id(&id)),
            dates: self.dates.read(&scan, today),
            reason: self.reason(&scan),
        }
    }

    fn reason(&self, scan: &Scan<'_>) -> Option<Reason> {
        let is_told = |(reason, pattern): &&(Reason, Pattern)| {
            if !pattern.is_match(scan) {
                return false;
            }
            let others = self.of_other_things.iter().filter(|(of, _)| of == reason);
            let others: Vec<_> = others.flat_map(|(_, other)| other.find_iter(scan)).collect();
            let is_other = |hit: &regex::Match<'_>| {
                let mut others = others.iter();
                others.any(|other| other.start() < hit.end() && hit.end() <= other.end())
            };
            others.is_empty() || !pattern.find_iter(scan).all(|hit| is_other(&hit))
        };
        self.reasons.iter().find(is_told).map(|(reason, _)| *reason)
    }
}

/// The orders that the caller named: `order_id`, or a list `order_ids`.
fn metadata_orders(metadata: &Metadata) -> Vec<String> {
    let one = metadata.text("order_id");
    let many = metadata
        .as_map()
        .get("order_ids")
        .and_then(|ids| ids.as_array())
        .into_iter()
        .flatten();
    let many = many.filter_map(|id| {
        id.as_str()
            .map(str::to_owned)
            .or_else(|| id.as_u64().map(|id| id.to_string()))
    });
    let mut ids = Vec::new();
    for id in one
        .into_iter()
        .chain(many)
        .filter_map(|id| plain_id(id.trim().trim_start_matches('#')))
    {
        let id = id.to_ascii_uppercase();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn received() -> Date {
        // A Sunday.
        "2026-11-22".parse().unwrap()
    }

    fn metadata(value: serde_json::Value) -> Metadata {
        Metadata::parse(value.as_object().unwrap().clone()).unwrap()
    }

    #[test]
    fn metadata_wins_over_text_and_the_difference_is_told() {
        let read = |text: &str, value| EntityReader::new().read(text, &metadata(value), received());
        let same = read("order 10093552", json!({ "order_id": "10093-552" }));
        assert_eq!(
            (same.order_ids, same.order_ids_differ),
            (vec!["10093-552".to_owned()], false)
        );
        let other = read("order 7777", json!({ "order_id": 8888 }));
        assert_eq!(other.order_ids, ["8888"]);
        assert_eq!(other.order_ids_in_text, ["7777"]);
        assert!(other.order_ids_differ);
        let none = read(
            "order 7777",
            json!({ "order_id": "<script>", "customer_id": "jo@example.com" }),
        );
        assert_eq!(none.order_ids, ["7777"]);
        assert_eq!(none.customer_id, None);
        assert_eq!(read("x", json!({ "order_ids": ["1", 2] })).order_ids, ["1", "2"]);
    }

    #[test]
    fn the_reason_comes_from_a_closed_list() {
        let reason = |text: &str| {
            EntityReader::new()
                .read(text, &Metadata::default(), received())
                .reason
        };
        assert_eq!(reason("you charged me twice!!"), Some(Reason::DuplicateCharge));
        assert_eq!(reason("it never arrived"), Some(Reason::NotDelivered));
        assert_eq!(reason("the box was crushed"), Some(Reason::Damaged));
        assert_eq!(reason("ordered by mistake"), Some(Reason::OrderedByMistake));
        for (text, expected) in [
            ("it hasn't arrived", Some(Reason::NotDelivered)),
            ("we haven’t received it", Some(Reason::NotDelivered)),
            ("it wasn't delivered", Some(Reason::NotDelivered)),
            ("it didn’t come", Some(Reason::NotDelivered)),
            ("it hasnt even been delivered", Some(Reason::NotDelivered)),
            ("what the patient received", None),
            ("you charged me by mistake", None),
            ("I ordered and you charged me by mistake", None),
            (
                "I ordered the wrong size by accident",
                Some(Reason::OrderedByMistake),
            ),
            (
                "I ordered two of the large ones by mistake",
                Some(Reason::OrderedByMistake),
            ),
            ("two orders by mistake", Some(Reason::OrderedByMistake)),
            ("by mistake I ordered three", Some(Reason::OrderedByMistake)),
            ("you sent me the wrong size", Some(Reason::WrongItem)),
            ("my card expired", None),
            ("the card on file is expired", None),
            (
                "my card expired, and the cream is expired too",
                Some(Reason::Expired),
            ),
            ("the website is broken", None),
            ("a broken link on your page", None),
            (
                "the website is broken and the bottle was broken",
                Some(Reason::Damaged),
            ),
        ] {
            assert_eq!(reason(text), expected, "{text}");
        }
        assert_eq!(reason("please refund"), None);
    }
}
