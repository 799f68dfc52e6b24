//! Amounts of money in the forms people write: `$1,234.56`, `12,50 €`, `1 234,50 €`, `CA$45`, `20 bucks`.

use serde::Serialize;
use utoipa::ToSchema;

use super::patterns::{Pattern, PatternSet, Scan};

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Amount {
    /// Decimal, two places, such as `12.50`.
    pub value: String,
    /// ISO 4217.
    #[schema(value_type = String)]
    pub currency: &'static str,
}

/// How the currencies are written, before or after the number. An amount in a currency that is not here is not read: none is better
/// than one in dollars.
const CURRENCIES: [(&str, &[&str]); 16] = [
    (
        "USD",
        &[
            "$",
            "us$",
            "usd",
            "usd$",
            "us dollar",
            "us dollars",
            "dollar",
            "dollars",
            "bucks",
        ],
    ),
    ("EUR", &["€", "eur", "euro", "euros"]),
    ("GBP", &["£", "gbp", "quid", "pounds sterling"]),
    (
        "CAD",
        &["ca$", "c$", "cad", "cad$", "canadian dollar", "canadian dollars"],
    ),
    (
        "AUD",
        &["au$", "aud", "aud$", "australian dollar", "australian dollars"],
    ),
    ("NZD", &["nz$", "nzd"]),
    ("HKD", &["hk$", "hkd"]),
    ("SGD", &["sgd"]),
    ("MXN", &["mx$", "mxn"]),
    ("BRL", &["r$", "brl", "reais"]),
    ("CHF", &["chf", "swiss francs"]),
    ("JPY", &["¥", "jpy", "yen"]),
    ("INR", &["₹", "inr", "rupees"]),
    ("PLN", &["pln", "zł"]),
    ("SEK", &["sek"]),
    ("DKK", &["dkk"]),
];

/// Finds amounts of money.
#[derive(Debug)]
pub(super) struct Amounts(Pattern);

impl Amounts {
    pub(super) fn new(patterns: &mut PatternSet) -> Self {
        let number = r"(\d{1,3}(?:[,.'’\u{a0}\u{202f}]\d{3})+(?:[.,]\d{1,2})?|\d{1,3}(?: \d{3})+[.,]\d{2}|\d{1,7}(?:[.,]\d{1,2})?)";
        let spellings = CURRENCIES.iter().flat_map(|(_, spellings)| *spellings);
        let mut spellings: Vec<String> = spellings.map(|spelling| regex::escape(spelling)).collect();
        // The longest first: `ca$` is not a `$` with something before it.
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        // A word boundary where the spelling begins or ends with a letter: no currency is a piece of a word.
        let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let edge = |is_letter: bool| if is_letter { r"\b" } else { "" };
        let before = |one: &String| format!("{}{one}", edge(letter(one.chars().next())));
        let after = |one: &String| format!("{one}{}", edge(letter(one.chars().next_back())));
        let before: Vec<String> = spellings.iter().map(before).collect();
        let after: Vec<String> = spellings.iter().map(after).collect();
        let (before, after) = (before.join("|"), after.join("|"));
        Self(patterns.add(&format!(
            r"(?i)(?:({before})\s?\$?{number}\b(?:\s?({after}))?)|(?:\b{number}\s?({after})(?:\s+and\s+(\d{{1,2}})\s+cents?\b)?)"
        )))
    }

    /// Amounts of money in a text, in order.
    pub(super) fn read(&self, scan: &Scan<'_>) -> Vec<Amount> {
        let mut found = Vec::new();
        for captures in self.0.captures_iter(scan) {
            let get = |at: usize| captures.get(at).map(|group| group.as_str());
            // `$45.20 CAD`: the name says more than the sign.
            let (Some(spelling), Some(number)) = (get(3).or(get(1)).or(get(5)), get(2).or(get(4))) else {
                continue;
            };
            let spelling = spelling.to_lowercase();
            let currency = CURRENCIES
                .iter()
                .find(|(_, spellings)| spellings.contains(&spelling.as_str()));
            if let (Some((currency, _)), Some(mut value)) = (currency, decimal(number)) {
                // "89 dollars and 50 cents".
                if let (Some(cents), Some(whole)) = (get(6), value.strip_suffix("00")) {
                    value = format!("{whole}{cents:0>2}");
                }
                let amount = Amount { value, currency };
                if !found.contains(&amount) {
                    found.push(amount);
                }
            }
        }
        found
    }
}

/// `1,234.5` and `1.234,50` as `1234.50`. The last separator is the decimal one when one or two digits follow it.
fn decimal(number: &str) -> Option<String> {
    let (whole, cents) = match number.rfind([',', '.']) {
        Some(at) if number.len() - at <= 3 => (&number[..at], &number[at + 1..]),
        _ => (number, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let whole: u64 = whole.parse().ok()?;
    Some(format!("{whole}.{cents:0<2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_the_forms_people_write() {
        for (text, amount) in [
            ("$12.50", Some(("12.50", "USD"))),
            ("$ 1,234.56", Some(("1234.56", "USD"))),
            ("12,5 €", Some(("12.50", "EUR"))),
            ("EUR 1.234,50", Some(("1234.50", "EUR"))),
            ("20 bucks", Some(("20.00", "USD"))),
            ("45 dollars", Some(("45.00", "USD"))),
            ("£7", Some(("7.00", "GBP"))),
            ("CA$45.20", Some(("45.20", "CAD"))),
            ("$45.20 CAD", Some(("45.20", "CAD"))),
            ("CAD $45.20", Some(("45.20", "CAD"))),
            ("45 Canadian dollars", Some(("45.00", "CAD"))),
            ("AU$ 12", Some(("12.00", "AUD"))),
            ("$12 USD", Some(("12.00", "USD"))),
            ("3500 yen", Some(("3500.00", "JPY"))),
            ("1 234,50 €", Some(("1234.50", "EUR"))),
            ("1\u{202f}234,50\u{a0}€", Some(("1234.50", "EUR"))),
            ("CHF 1'234.50", Some(("1234.50", "CHF"))),
            ("129,90 zł", Some(("129.90", "PLN"))),
            ("89 dollars and 50 cents", Some(("89.50", "USD"))),
            ("3 euros and 5 cents", Some(("3.05", "EUR"))),
            ("25 thousand", None),
            ("20 mg", None),
            ("gained 20 pounds", None),
            ("order 12345", None),
        ] {
            let expected: Vec<_> = amount
                .iter()
                .map(|(value, currency)| Amount {
                    value: (*value).to_owned(),
                    currency,
                })
                .collect();
            let mut patterns = PatternSet::default();
            let amounts = Amounts::new(&mut patterns);
            assert_eq!(amounts.read(&patterns.prefilter().scan(text)), expected, "{text}");
        }
    }
}
