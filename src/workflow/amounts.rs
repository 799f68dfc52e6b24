//! Amounts of money in the forms people write: `$1,234.56`, `12,50 €`, `20 bucks`.

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

/// Finds amounts of money.
#[derive(Debug)]
pub(super) struct Amounts(Pattern);

impl Amounts {
    pub(super) fn new(patterns: &mut PatternSet) -> Self {
        Self(patterns.add(
            r"(?i)(?:(\$|€|£|\busd|\beur|\bgbp|us\$)\s?(\d{1,3}(?:[,.]\d{3})+(?:[.,]\d{2})?|\d{1,7}(?:[.,]\d{1,2})?)\b)|(?:\b(\d{1,3}(?:[,.]\d{3})+(?:[.,]\d{2})?|\d{1,7}(?:[.,]\d{1,2})?)\s?(\$|€|£|usd\b|eur\b|gbp\b|dollars?\b|bucks\b|euros?\b))",
        ))
    }

    /// Amounts of money in a text, in order.
    pub(super) fn read(&self, scan: &Scan<'_>) -> Vec<Amount> {
        let mut found = Vec::new();
        for captures in self.0.captures_iter(scan) {
            let get = |at: usize| captures.get(at).map(|group| group.as_str());
            let (Some(sign), Some(number)) = (get(1).or(get(4)), get(2).or(get(3))) else {
                continue;
            };
            let currency = match sign.to_lowercase().as_str() {
                "€" | "eur" | "euro" | "euros" => "EUR",
                "£" | "gbp" => "GBP",
                _ => "USD",
            };
            if let Some(value) = decimal(number) {
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
