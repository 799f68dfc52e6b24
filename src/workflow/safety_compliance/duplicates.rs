//! The same event reported twice, by chat and by mail: found, linked, never dropped.
//!
//! [`lookup_keys`] gives keyed hashes (HMAC-SHA-256) by which a store finds earlier records of the same person, without
//! holding the person's id in an index; [`same_event`] then compares the two reports. Both records stay; a person decides.

use jiff::Timestamp;
use ring::hmac;

use super::case_report::CaseReport;

/// Why two reports are taken for the same event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness {
    /// Products in common.
    pub products: usize,
    /// Reported events in common.
    pub events: usize,
}

/// Keyed hashes by which reports of the same person are found: one for the customer, and one each for customer and
/// product. Empty when the caller named no customer.
#[must_use]
pub fn lookup_keys(report: &CaseReport, key: &hmac::Key) -> Vec<String> {
    let Some(customer) = &report.ids.customer_id else {
        return Vec::new();
    };
    let mut keys = vec![keyed(key, &["customer", customer])];
    keys.extend(
        report
            .products
            .iter()
            .map(|product| keyed(key, &["product", customer, &product.name.to_lowercase()])),
    );
    keys
}

fn keyed(key: &hmac::Key, parts: &[&str]) -> String {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        // Lengths keep ("ab", "c") apart from ("a", "bc").
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context
        .sign()
        .as_ref()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether two reports of the same person tell of the same event: received within `window_days` of each other, with
/// the same patient as far as told, and with a product or an event in common and nothing that contradicts.
#[must_use]
pub fn same_event(a: &CaseReport, b: &CaseReport, window_days: u16) -> Option<Likeness> {
    if a.reference == b.reference || apart(a.received_at, b.received_at) > i64::from(window_days) * 24 * 3600
    {
        return None;
    }
    let known_and_different =
        |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
    let same_customer = a.ids.customer_id.is_some() && a.ids.customer_id == b.ids.customer_id;
    if !same_customer
        || known_and_different(&a.patient.relation, &b.patient.relation)
        || known_and_different(&a.lot, &b.lot)
        || matches!((&a.patient.age, &b.patient.age), (Some(a), Some(b)) if a != b)
    {
        return None;
    }
    let common = |a: Vec<String>, b: Vec<String>| a.iter().filter(|item| b.contains(item)).count();
    let names = |report: &CaseReport| {
        report
            .products
            .iter()
            .map(|product| product.name.to_lowercase())
            .collect::<Vec<_>>()
    };
    let events = |report: &CaseReport| report.events.iter().map(|event| stem(event)).collect::<Vec<_>>();
    let likeness = Likeness {
        products: common(names(a), names(b)),
        events: common(events(a), events(b)),
    };
    let other_product = likeness.products == 0 && !a.products.is_empty() && !b.products.is_empty();
    let other_event = likeness.events == 0 && !a.events.is_empty() && !b.events.is_empty();
    let nothing_common = likeness.products == 0 && likeness.events == 0;
    (!other_product && !other_event && !nothing_common).then_some(likeness)
}

/// `vomited` and `vomiting` are the same event.
fn stem(event: &str) -> String {
    let stemmer = frostem::Stemmer::new(frostem::Algorithm::English);
    event
        .to_lowercase()
        .split_whitespace()
        .map(|word| stemmer.stem(word).into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

fn apart(a: Timestamp, b: Timestamp) -> i64 {
    (a.as_second() - b.as_second()).abs()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::classify::Severity;
    use crate::message::Channel;
    use crate::workflow::tests::{decide_received_at, safety};

    fn report(text: &str, metadata: Value, channel: Channel, received_at: &str) -> CaseReport {
        let decision = decide_received_at(text, metadata, &safety(Severity::High), channel, received_at);
        let mut report = CaseReport::from_details(&decision.records[0].details).unwrap();
        report.reference = format!("SAF-{received_at}-{text}");
        report
    }

    #[test]
    fn the_same_event_by_chat_and_by_mail_is_found_and_others_are_not() {
        let customer = || json!({ "customer_id": "C-1" });
        let chat = report(
            "the amoxicillin gave me hives",
            customer(),
            Channel::Chat,
            "2026-11-22T14:00:00Z",
        );
        let later = "2026-11-23T09:00:00Z";
        let mail = |text: &str, metadata| report(text, metadata, Channel::Mail, later);
        for (text, metadata, same) in [
            (
                "Dear team, I had hives after taking amoxicillin.",
                customer(),
                true,
            ),
            ("Dear team, about my hives: who calls me?", customer(), true),
            (
                "Dear team, I had hives after taking amoxicillin.",
                json!({ "customer_id": "C-2" }),
                false,
            ),
            (
                "Dear team, I had hives after taking amoxicillin.",
                json!({}),
                false,
            ),
            (
                "Dear team, I had hives after taking penicillin.",
                customer(),
                false,
            ),
            (
                "Dear team, I had a seizure after taking amoxicillin.",
                customer(),
                false,
            ),
            ("Dear team, is Advil in stock?", customer(), false),
        ] {
            let found = same_event(&chat, &mail(text, metadata), 30);
            assert_eq!(found.is_some(), same, "{text}");
        }
        let son = mail(
            "My 5 year old son had hives after taking amoxicillin.",
            customer(),
        );
        let daughter = mail("My daughter had hives after taking amoxicillin.", customer());
        assert!(
            same_event(&son, &daughter, 30).is_none(),
            "two children are two cases"
        );
        assert!(
            same_event(&chat, &chat, 30).is_none(),
            "a record is no duplicate of itself"
        );
        let much_later = report(
            "amoxicillin hives",
            customer(),
            Channel::Mail,
            "2027-01-22T14:00:00Z",
        );
        assert!(same_event(&chat, &much_later, 30).is_none());
        assert!(same_event(&chat, &much_later, 90).is_some());
    }

    #[test]
    fn lookup_keys_tell_customers_apart_and_nothing_else() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a key of the operator");
        let keys = |customer: &str, text: &str| {
            let metadata = json!({ "customer_id": customer });
            lookup_keys(
                &report(text, metadata, Channel::Chat, "2026-11-22T14:00:00Z"),
                &key,
            )
        };
        let one = keys("C-1", "the amoxicillin gave me hives");
        assert_eq!(one.len(), 2);
        assert_eq!(one, keys("C-1", "more amoxicillin"));
        assert_eq!(one[0], keys("C-1", "no product")[0]);
        assert!(keys("C-2", "amoxicillin").iter().all(|key| !one.contains(key)));
        assert!(one.iter().all(|key| key.len() == 32 && !key.contains("C-1")));
        let other_key = hmac::Key::new(hmac::HMAC_SHA256, b"another");
        let report = report(
            "x",
            json!({ "customer_id": "C-1" }),
            Channel::Chat,
            "2026-11-22T14:00:00Z",
        );
        assert_ne!(lookup_keys(&report, &other_key)[0], one[0]);
    }
}
