//! Order ids in the forms people write and say them.
//!
//! Read: `#10093-552`, `order 12345`, `order no. AB-1234`, `ORD-12345`, `orders 12345, 67890 and 13579`, and what a
//! transcript makes of a call: `order number one two three four five`, `order 1 2 3 4 5`, `double four`. `Bestellung 4471`,
//! `pedido 12345` and the like are read as `order` is. Where nothing of that is there, a number that looks like this shop's orders and
//! is not said to be another number is taken (`it's 10093552`, `我的订单10093552`). Not read: amounts, quantities, dates, years, phone
//! numbers, prescription, lot and ticket numbers, and placeholders of the redaction. An id is answered in upper case, as written
//! otherwise.

use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

use super::patterns::{Pattern, PatternSet, Scan, regex};
use crate::classify::Intent;

/// Most ids taken from one message.
const MAX_IDS: usize = 10;
/// Fewest digits of a bare number that is taken for an order id.
const MIN_DIGITS: usize = 4;

/// Finds order ids.
#[derive(Debug)]
pub(super) struct OrderIds {
    prefixed: Pattern,
    named: Pattern,
    /// The same in more languages: `mi orden número 88120`, `订单 88120`, `주문번호는 70318`, `order ko 66120`.
    named_elsewhere: Pattern,
    hashed: Pattern,
    number_of_order: Pattern,
    /// Only read in a message about an order: `confirmation 61-08841`, `Reference: 19-A-337`, `PO 3381`, `number SK-4451`.
    referenced: Pattern,
    about_an_order: Pattern,
    /// `order 66.115`, `order no. 66 115`: written in groups of three. With a space only where it is called a number: "order 66 100 mg tablets".
    grouped: Pattern,
    /// `two orders by mistake (50031 and 50032)`.
    in_brackets: Pattern,
    spoken: Pattern,
    /// `cancel 10093552`, `track orders #1234 and #1235`: what is asked of which orders. Only an order is cancelled, tracked or refunded by a
    /// number.
    asked_of: Pattern,
    /// `order 10093552 to be cancelled`: the same in the passive.
    done_to: Pattern,
    /// `where is my other order 10093552`.
    sought: Pattern,
    /// `10093552` and nothing else: the answer to the question for it.
    alone: Pattern,
}

/// Follows a number that counts something.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s*(?:(?:mg|mcg|ml|g|tablets?|pills?|capsules?|boxes|box|bottles?|packs?|packages?|count|ct|units?|x|days?|weeks?|months?|years?|dollars?|bucks|usd|eur|strips?|items?|points?|times|percent|am|pm|o'clock)\b|%|/\d)",
    )
});
/// Follows an order's number and tells of what was in it, one of them: "order 10093552 item was damaged". Nobody counts so many without the plural.
static CONTENT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^\s*(?:box|bottle|pack|package|item|tablet|pill|capsule|strip)\b"));

/// What a number belongs to that is not an order.
const OTHER_NUMBERS: &[&str] = &[
    "rx",
    "prescription",
    "lot",
    "ticket",
    "case",
    "claim",
    "batch",
    "tracking",
    "member",
    "membership",
    "group",
    "policy",
    "store",
    "suite",
    "apt",
    "invoice",
    "item",
    "ndc",
    "room",
    "check",
    "cheque",
    "phone",
    "card",
    "account",
    "model",
    "serial",
    "fax",
    "flight",
    "house",
    "gate",
    "customer",
    "id",
    "telephone",
    "cell",
    "mobile",
    "part",
];

/// What else a number belongs to that stands by itself, with nothing that says what it is.
#[rustfmt::skip]
const OTHER_LONE_NUMBERS: &[&str] = &[
    "code", "pin", "zip", "postcode", "error", "otp", "extension", "ext", "upc", "sku", "ean", "barcode", "license", "licence",
    "npi", "dea", "bin", "pcn", "product", "version", "receta", "receipt", "transaction", "payment", "refill", "auth",
    "authorization", "application", "registration", "vat", "tax", "passport", "iban", "call", "at", "on", "dob", "born",
    "postal", "cp", "plz", "cap", "индекс", "pin-code", "téléphone", "tel", "telefon", "telefono", "teléfono", "rezept", "kunde", "kundennummer", "charge", "lote",
];

impl OrderIds {
    pub(super) fn new(patterns: &mut PatternSet) -> Self {
        Self {
            prefixed: patterns.add(r"(?i)\b(?:ord|order|po|so)[-_]?#?(\d[\dA-Z-]{2,18})\b|\bPO\s(\d{4,10}|\d{4,6}-\d{2,5})\b|\b((?:ORD|PO|SO)-[A-Z0-9][A-Z0-9-]{2,18})\b"),
            named: patterns.add(r"(?i)\b(?:orders?|pedidos?|commandes?|bestellung(?:en)?|bestellnummer|bestelling(?:en)?|ordin[ei]|encomendas?|zam[oó]wieni[ea]|заказ[а-я]{0,2})(?:[_-](?:ids?|numbers?|nos?|nr)\b|[_-](?:id|number|no|nr)[=:])?\s*(?:(?:numbers?|n[uú]mero|num[eé]ro|nummer|nos?\.?|num\.?|nr\.?|n[°º]\.?|ids?|ref(?:erence)?\.?|confirmation|code)\s*)*(?:is|was|are|were)?\s*[:=(]?\s*(#?\s?[A-Z0-9][A-Z0-9-]{1,19}(?:\s*(?:,|;|and|&|or|,\s*and|plus|y|et|und|e|en|i)\s*(?:order\s*)?#?\s?[A-Z0-9-]*\d[A-Z0-9-]*)*)"),
            named_elsewhere: patterns.add(r"(?i)(?:\b(?:[oó]rden(?:es)?|n[uú]mero\s+de\s+(?:pedido|orden)|num[eé]ro\s+de\s+commande|pedidos?|commandes?|colis|bestell-?nr\.?|bestellung|auftrag(?:snummer|s?nr\.?)?|ordine|sipariş(?:im|imi|i)?|siparis(?:im|imi|i)?|sipariş\s+numaram|đơn(?:\s+hàng)?|don\s+hang|pesanan|orders?|zam[oó]wieni[ea]|заказ[а-я]{0,2}|الطلب|طلب(?:ي|ية)?)\s*|订单号?|訂單號?|주문\s?번호|주문|注文(?:番号)?)(?:(?:n[uú]mero|num[eé]ro|nummer|numer|num\.?|nr\.?|n[°º]\.?|№|номер|رقم|号码?|是|no\.?|numara(?:m|sı)?|số|mã|es|ist|lautet|est|to|è|ko|kahan\s+hai|은|는|이|が|は)\s*){0,4}[:：]?\s*#?\s?([A-Z]{0,4}-?\d[\dA-Z-]{2,18})"),
            hashed: patterns.add(r"(?i)(\w+[\s(]+)?(?:(?:number|no\.?|num)\s*)?#\s?([A-Z]{0,4}-?\d[\dA-Z-]{2,18})\b"),
            number_of_order: patterns.add(r"(?i)\b([A-Z]{0,4}-?\d[\dA-Z-]{3,18})(?:\s+(?:is|was)|\s*[-–,:]\s*(?:that|it)(?:['’]?s|\s+is|\s+was))\s+(?:my|the)\s+order\b"),
            grouped: patterns.add(r"(?i)\border\s*(?:(?:(?:number|no\.?|id|nr\.?|#)\s*(?:is|was|:)?\s*)+(\d{2,3}(?:[. ]\d{3}){1,2})|(?:is\s+)?(\d{2,3}(?:\.\d{3}){1,2}))\b"),
            referenced: patterns.add(r"(?i)(\w+\s+)?\b(?:confirmation|reference|ref|number|po)\.?\s*(?:number|no\.?|code|is|was|[:#])*\s*#?\s?([A-Z]{0,4}-?\d[\dA-Z-]{2,18})\b"),
            about_an_order: patterns.add(r"(?i)\border(?:s|ed)?\b"),
            in_brackets: patterns.add(r"(?i)\borders?\s+(?:[a-z]+\s+){0,4}\(([^()]{3,60})\)"),
            asked_of: patterns.add(r"(?i)\b(cancel|track|refund|cancelar|annuler|stornieren)\s+(?:(?:my|the|orders?|number|no\.?|id)\s+|#\s?)*(#?[A-Z]{0,4}-?\d[\dA-Z-]{2,18}(?:(?:\s*[,&+]\s*|\s+and\s+)#?[A-Z]{0,4}-?\d[\dA-Z-]{2,18})*)\b"),
            done_to: patterns.add(r"(?i)\b(#?[A-Z]{0,4}-?\d[\dA-Z-]{2,18}(?:(?:\s*[,&+]\s*|\s+and\s+)#?[A-Z]{0,4}-?\d[\dA-Z-]{2,18})*)\s+(?:to\s+be\s+|be\s+)?(cancell?ed|refunded)\b"),
            sought: patterns.add(r"(?i)\bwhere(?:['’]?s|\s+is|\s+are)\s+(?:(?:my|the|other|second|orders?|number|no\.?|id)\s+|#\s?)*(#?[A-Z]{0,4}-?\d[\dA-Z-]{2,18}(?:(?:\s*[,&+]\s*|\s+and\s+)#?[A-Z]{0,4}-?\d[\dA-Z-]{2,18})*)\b"),
            alone: patterns.add(r"^\s*#?(\d{4,6}-\d{2,5}|\d{6,10})\s*[.!?]?\s*$"),
            spoken: patterns.add(r"(?i)\border[\s,]+(?:(?:number|id|no|is|was|it's|its|the|uh|um|er)[\s,]+)*((?:(?:double|triple)\s+)?(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|\d)(?:[\s,-]+(?:(?:uh|um|er)[\s,]+)*(?:(?:double|triple)\s+)?(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|dash|\d)\b){2,20})"),
        }
    }

    /// The order ids in a text, in order, each once.
    #[must_use]
    pub(super) fn read(&self, scan: &Scan<'_>) -> Vec<String> {
        let text = scan.text();
        let mut found: Vec<(usize, String)> = Vec::new();
        // `called`: it is said to be an order's.
        let mut add = |at: usize, end: usize, raw: &str, called: bool| {
            let id = raw
                .trim_matches(|c: char| !c.is_ascii_alphanumeric())
                .to_ascii_uppercase();
            if is_order_id(&id)
                && (!UNIT.is_match(&text[end..]) || called && CONTENT.is_match(&text[end..]))
                && !found.iter().any(|(_, known)| same_order(known, &id))
            {
                found.push((at, id));
            }
        };
        for captures in self.named.captures_iter(scan) {
            let list = captures.get(1).expect("the group is not optional");
            for (at, piece) in pieces(list.as_str()) {
                add(list.start() + at, list.start() + at + piece.len(), piece, true);
            }
        }
        for captures in self.named_elsewhere.captures_iter(scan) {
            let id = captures.get(1).expect("the group is not optional");
            add(id.start(), id.end(), id.as_str(), true);
        }
        for captures in self.prefixed.captures_iter(scan) {
            // "PO 66115": the letters only say what the number is.
            let id = captures.get(2).or(captures.get(0)).expect("a match has a whole");
            add(id.start(), id.end(), id.as_str(), true);
        }
        for captures in self.grouped.captures_iter(scan) {
            let number = captures
                .get(1)
                .or(captures.get(2))
                .expect("one of both groups matched");
            // An amount is no order: "order 12.500 €".
            if !text[number.end()..]
                .trim_start()
                .starts_with(['€', '$', '£', '%'])
            {
                add(
                    number.start(),
                    number.end(),
                    &number.as_str().replace(['.', ' '], ""),
                    true,
                );
            }
        }
        for id in self.hashed.captures_iter(scan).filter_map(of_nothing_else) {
            add(id.start(), id.end(), id.as_str(), false);
        }
        for captures in self.in_brackets.captures_iter(scan) {
            let list = captures.get(1).expect("the group is not optional");
            let before = text[..list.start() - 1]
                .trim_end()
                .rsplit(' ')
                .next()
                .unwrap_or_default();
            if OTHER_NUMBERS.contains(&before.to_lowercase().as_str()) {
                continue;
            }
            for (at, piece) in pieces(list.as_str()) {
                add(list.start() + at, list.start() + at + piece.len(), piece, true);
            }
        }
        if self.about_an_order.is_match(scan) {
            for id in self.referenced.captures_iter(scan).filter_map(of_nothing_else) {
                add(id.start(), id.end(), id.as_str(), false);
            }
        }
        let alone = self.alone.captures_iter(scan);
        for captures in self.number_of_order.captures_iter(scan).chain(alone) {
            let id = captures.get(1).expect("the group is not optional");
            add(id.start(), id.end(), id.as_str(), true);
        }
        for captures in self.asked_of.captures_iter(scan) {
            let list = captures.get(2).expect("the group is not optional");
            for (at, piece) in pieces(list.as_str()).filter(|(_, piece)| is_plain(piece)) {
                add(list.start() + at, list.start() + at + piece.len(), piece, false);
            }
        }
        for captures in self.spoken.captures_iter(scan) {
            let said = captures.get(1).expect("the group is not optional");
            let digits = spoken_digits(said.as_str());
            if digits.chars().filter(char::is_ascii_digit).count() >= MIN_DIGITS {
                add(said.start(), said.end(), &digits, true);
            }
        }
        if found.is_empty() {
            if let Some(id) = at_the_end(text) {
                return vec![id];
            }
            return lone_numbers(text).map(str::to_owned).take(MAX_IDS).collect();
        }
        found.sort();
        found.into_iter().map(|(_, id)| id).take(MAX_IDS).collect()
    }
}

/// The number in group 2, unless the word before it, in group 1, says whose number it is.
fn of_nothing_else(captures: Captures<'_>) -> Option<Match<'_>> {
    let before = captures.get(1).map_or("", |word| word.as_str());
    let before = before.trim_end_matches([' ', '(']).to_lowercase();
    let other = OTHER_NUMBERS.contains(&before.as_str());
    captures.get(2).filter(|_| !other)
}

/// The numbers that are written as this shop's orders are and said to be nothing else, in a text that names no order otherwise: in other
/// languages, and in answers to our question for it.
fn lone_numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let numbers = std::iter::from_fn(move || {
        let start = from + text[from..].find(|c: char| c.is_ascii_digit())?;
        let rest = &text[start..];
        let end = start
            + rest
                .find(|c: char| !c.is_ascii_digit() && c != '-')
                .unwrap_or(rest.len());
        from = end;
        Some((start, text[start..end].trim_end_matches('-')))
    });
    numbers
        .filter(|(start, number)| {
            let (before, after) = (&text[..*start], &text[start + number.len()..]);
            looks_like_an_order(number) && stands_alone(before, after) && !is_of_something_else(before)
        })
        .map(|(_, number)| number)
}

/// The number with which a message about an order in another language ends: "주문 취소해 주세요 44021".
fn at_the_end(text: &str) -> Option<String> {
    static ORDERED: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)(?:\b(?:pedido|orden|commande|colis|bestellung|sendung|bestelling|ordine|encomenda|zam[oó]wieni|paczk|заказ|посылк|sipariş|siparis|kargom|đơn\s+hàng|pesanan)|订单|訂單|주문|注文|الطلب|طلبي).*[^\d\s.,/$€£-]\s+(\d{5,6})\s*[.!?]?\s*$",
        )
    });
    let number = ORDERED.captures(text)?.get(1)?;
    (!is_of_something_else(&text[..number.start()])).then(|| number.as_str().to_owned())
}

/// Longer than what is counted, paid or typed in as a code, shorter than a phone number, and no date.
fn looks_like_an_order(number: &str) -> bool {
    let parts: Vec<&str> = number.split('-').collect();
    let date = |number: &str| {
        let part = |at: std::ops::Range<usize>| number[at].parse().unwrap_or(0_u16);
        number.len() == 8
            && ((1900..2100).contains(&part(0..4)) && part(4..6) <= 12 && part(6..8) <= 31
                || (1900..2100).contains(&part(4..8)) && part(0..2) <= 31 && part(2..4) <= 31)
    };
    let year = |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    match parts[..] {
        [one] => (7..=9).contains(&one.len()) && !date(one),
        [first, second] => (4..=6).contains(&first.len()) && (2..=3).contains(&second.len()) && !year(first),
        _ => false,
    }
}

/// Not a piece of a longer number, word, amount or date.
fn stands_alone(before: &str, after: &str) -> bool {
    let joins = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '/' | '_' | '@' | '+' | '$' | '€' | '£' | '[')
    };
    let after_joins =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '@' | '%' | '€' | '$' | '£');
    let decimals = after.starts_with(['.', ',']) && after[1..].starts_with(|c: char| c.is_ascii_digit());
    !before.ends_with(joins) && !after.starts_with(after_joins) && !decimals && !UNIT.is_match(after)
}

/// Whether the words before a number say that it is one of something else: "rx number is 7712345".
fn is_of_something_else(before: &str) -> bool {
    const BETWEEN: [&str; 14] = [
        "number", "numbers", "no", "nr", "num", "nummer", "numero", "número", "is", "was", "its", "it", "s",
        "the",
    ];
    let mut words = before
        .rsplit(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase);
    let named = words.find(|word| !BETWEEN.contains(&word.as_str()));
    named.is_some_and(|word| {
        [OTHER_NUMBERS, OTHER_LONE_NUMBERS]
            .iter()
            .any(|list| list.contains(&word.as_str()))
    })
}

impl OrderIds {
    /// Which of `ids` the text asks what of: "cancel order 1 and track order 2".
    pub(super) fn by_request(&self, scan: &Scan<'_>, ids: &[String]) -> Vec<(Intent, String)> {
        let mut found = Vec::new();
        let mut add = |intent, list: &str| {
            for (_, piece) in pieces(list) {
                let id = ids.iter().find(|id| same_order(id, piece));
                found.extend(id.map(|id| (intent, id.clone())));
            }
        };
        for captures in self.asked_of.captures_iter(scan) {
            add(intent_of(&captures[1]), &captures[2]);
        }
        for captures in self.done_to.captures_iter(scan) {
            add(intent_of(&captures[2]), &captures[1]);
        }
        for captures in self.sought.captures_iter(scan) {
            add(Intent::TrackOrder, &captures[1]);
        }
        found
    }
}

/// What a verb of [`OrderIds::by_request`] asks for.
fn intent_of(verb: &str) -> Intent {
    match verb.to_ascii_lowercase().as_str() {
        "track" => Intent::TrackOrder,
        "refund" | "refunded" => Intent::RequestRefund,
        _ => Intent::CancelOrder,
    }
}

/// Whether two spellings mean the same order: punctuation and an `ORD` in front do not count.
#[must_use]
pub(super) fn same_order(a: &str, b: &str) -> bool {
    let bare = |id: &str| -> String {
        let id: String = id
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_uppercase();
        let rest = id
            .strip_prefix("ORDER")
            .or_else(|| id.strip_prefix("ORD"))
            .map(str::to_owned);
        rest.filter(|rest| !rest.is_empty()).unwrap_or(id)
    };
    bare(a) == bare(b)
}

/// A number that is written as this shop's orders are, and as few other things.
fn is_plain(id: &str) -> bool {
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    let numeric = id.chars().all(|c| c.is_ascii_digit() || c == '-');
    numeric && matches!(lengths[..], [5..=10] | [4..=6, 2..=5])
}

fn is_order_id(id: &str) -> bool {
    let digits = id.chars().filter(char::is_ascii_digit).count();
    let bare = digits == id.len();
    let parts: Vec<&str> = id.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let numeric = parts.iter().all(|part| part.chars().all(|c| c.is_ascii_digit()));
    let date = numeric
        && (lengths == [4, 2, 2]
            || lengths == [2, 2, 4]
            || lengths == [1, 1, 4]
            || lengths == [2, 1, 4]
            || lengths == [1, 2, 4]);
    let phone_or_ssn = numeric
        && (lengths == [3, 3, 4] || lengths == [1, 3, 3, 4] || lengths == [3, 2, 4] || lengths == [3, 4]);
    let year = bare && id.len() == 4 && (id.starts_with("19") || id.starts_with("20"));
    let ordinal = id.len() <= 4
        && ["ST", "ND", "RD", "TH", "MG", "ML"]
            .iter()
            .any(|end| id.ends_with(end));
    digits >= if bare { MIN_DIGITS } else { 3 }
        && id.len() <= 20
        && !date
        && !phone_or_ssn
        && !year
        && !ordinal
}

/// The ids in a list such as `123, 456 and 789`, with their places.
fn pieces(list: &str) -> impl Iterator<Item = (usize, &str)> {
    static PIECE: LazyLock<Regex> = LazyLock::new(|| regex(r"[A-Za-z0-9][A-Za-z0-9-]*"));
    PIECE.find_iter(list).map(|piece| (piece.start(), piece.as_str()))
}

fn spoken_digits(said: &str) -> String {
    let mut digits = String::new();
    let mut times = 1;
    for word in said
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '-'))
        .filter(|word| !word.is_empty())
    {
        let digit = match word.to_lowercase().as_str() {
            "double" => {
                times = 2;
                continue;
            }
            "triple" => {
                times = 3;
                continue;
            }
            "zero" | "oh" => '0',
            "one" => '1',
            "two" => '2',
            "three" => '3',
            "four" => '4',
            "five" => '5',
            "six" => '6',
            "seven" => '7',
            "eight" => '8',
            "nine" => '9',
            "dash" => '-',
            other => match other.chars().next() {
                Some(c) if c.is_ascii_digit() && other.len() == 1 => c,
                _ => continue,
            },
        };
        digits.extend(std::iter::repeat_n(digit, times));
        times = 1;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order_ids(text: &str) -> Vec<String> {
        let mut patterns = PatternSet::default();
        let ids = OrderIds::new(&mut patterns);
        ids.read(&patterns.prefilter().scan(text))
    }

    #[test]
    fn order_ids_are_read_in_the_forms_people_write() {
        for (text, ids) in [
            ("order #10093-552 please", &["10093-552"][..]),
            ("where is order 12345?", &["12345"]),
            ("Order no. AB-1234 is late", &["AB-1234"]),
            ("order number: 998877", &["998877"]),
            ("order_id=66115 action=cancel", &["66115"]),
            ("order-id 66115 cancel please", &["66115"]),
            ("order_number: 66115, cancel", &["66115"]),
            ("my order (12345) is late", &["12345"]),
            ("orders 12345, 67890 and 13579", &["12345", "67890", "13579"]),
            ("orders #12345 and #67890", &["12345", "67890"]),
            ("ORD-12345 and ORD-67890", &["ORD-12345", "ORD-67890"]),
            ("ord12345 not here", &["ORD12345"]),
            ("#445566 never came", &["445566"]),
            ("445566 is my order", &["445566"]),
            ("order 12345 ... I said order #12345!", &["12345"]),
            ("my order number is one two three four five", &["12345"]),
            ("order number double four seven oh nine", &["44709"]),
            ("order 1 2 3 4 5 please", &["12345"]),
            ("order id A1B2C3D4", &["A1B2C3D4"]),
            (
                "I placed an order for supplies (confirmation 61-08841)",
                &["61-08841"],
            ),
            ("stop the order. Reference: 19-A-337", &["19-A-337"]),
            ("two orders by mistake (50031 and 50032)", &["50031", "50032"]),
            ("It was ordered an hour ago, number SK-4451", &["SK-4451"]),
            ("Order Number 7741 hasn't shipped", &["7741"]),
            ("cancel 10093552 and cancel #10094411", &["10093552", "10094411"]),
            ("refund #10093-552 please", &["10093-552"]),
            ("10093552", &["10093552"]),
            ("cancel 10093552 and track 10094411", &["10093552", "10094411"]),
            ("quiero cancelar mi pedido 12345", &["12345"]),
            ("remboursement de la commande n° 55201-88", &["55201-88"]),
            ("Bestellungen 4471 und 4472 stornieren", &["4471", "4472"]),
            ("annulla l'ordine 10442981", &["10442981"]),
            ("где мой заказ 10442981", &["10442981"]),
            ("我的订单10442981在哪里", &["10442981"]),
            ("it's 10442981", &["10442981"]),
            ("sorry, it was 10093-552.", &["10093-552"]),
            ("order number is uh four four one two nine eight", &["441298"]),
            ("cancel order 66.115", &["66115"]),
            ("refund for order number 66 115 please", &["66115"]),
            ("order no. 66.115-", &["66115"]),
            ("PO 66115 has not arrived", &["66115"]),
            ("66115 - that's the order", &["66115"]),
            ("where is my order 10093552 got no mail about it", &["10093552"]),
            ("order 10093552 gone missing, refund me", &["10093552"]),
            ("refund order 10093552 package was empty", &["10093552"]),
            ("is order 10093552 going to arrive", &["10093552"]),
            ("refund order 10093552 item was damaged", &["10093552"]),
            ("order #10093552 box crushed", &["10093552"]),
            ("where is 10093552 got no mail about it", &["10093552"]),
            ("¿Cuál es el estado de mi orden número 70451?", &["70451"]),
            ("mi número de pedido es 770122", &["770122"]),
            ("mon numéro de commande est 60418, rien reçu", &["60418"]),
            ("Bestellnr. 812230, noch nicht da", &["812230"]),
            ("订单 70219 什么时候到", &["70219"]),
            ("订单号70219", &["70219"]),
            ("주문번호는 70318 입니다", &["70318"]),
            ("환불해 주세요 주문 80022", &["80022"]),
            ("주문 확인해 주세요 51022", &["51022"]),
            ("моё заказ номер 71120 не пришёл", &["71120"]),
            ("أريد تتبع الطلب رقم 66120", &["66120"]),
            ("đơn hàng 33019 ở đâu", &["33019"]),
            ("nasaan ang order ko 44120", &["44120"]),
            ("mera order kahan hai 61202", &["61202"]),
            ("siparişim 71822 gelmedi", &["71822"]),
            ("moja paczka z zamówienia nie dotarła 55190", &["55190"]),
            ("my order, um, it's nine nine oh uh one triple two", &["9901222"]),
        ] {
            assert_eq!(order_ids(text), ids, "{text}");
        }
    }

    #[test]
    fn other_numbers_are_not_order_ids() {
        for text in [
            "I want to order 5000 units",
            "my order from 2026-01-31",
            "order in 2024",
            "order 2024 was better",
            "rx #1234567",
            "lot #A1234",
            "call me at 555-010-1234",
            "order of 12 boxes",
            "I want to order 66 100 mg tablets",
            "an order of 12.500 €, or order 12.500 €",
            "order 10.000 units",
            "send it to PO Box 66115",
            "order total $123.45",
            "the order is [ORDER_REDACTED]",
            "I ordered 1000 mg tablets",
            "I want to order 5000 g and 4000ml",
            "order 2500 items, 1200 packages",
            "order was late by 3 days",
            "ticket #44556",
            "my order form with a check (#1180)",
            "I ordered it, my phone number is 5550101234567890123456",
            "order it for account number 44556",
            "order ending 0097",
            "order number is 123-45-6789",
            "cancel 2 of them",
            "refund 1200 dollars",
            "track 5000 steps",
            "mi pedido no llegó, código postal 28013",
            "pedido de 12000 pesos",
            "Bestellung von 2024",
            "我订了 30 盒",
            "10 mg",
            "2026",
            "my rx number is 7712345",
            "member ID: 99812234",
            "the code 482913 does not work, nor does code 48291355",
            "born 11031986, and moved in 20241103",
            "Springfield, IL 62704-1234",
            "that was 1234567 points, $1234567 or 1234567.50",
            "call 5550102345",
            "wait 2026-11",
            "tracking 1Z9991234567",
            "https://example.com/7712345",
        ] {
            assert_eq!(order_ids(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn spellings_of_one_order_are_the_same() {
        assert!(same_order("ORD-10093-552", "10093552"));
        assert!(!same_order("10093", "10094"));
    }
}
