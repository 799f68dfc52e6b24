//! Who reports, as the caller's metadata says: customer id, mail address, phone number.
//!
//! Read once, here: what tells that two reports are one person's also tells that this person can be asked back.

use crate::message::Metadata;

/// Fewest digits of a phone number that says whose it is.
const MIN_PHONE_DIGITS: usize = 7;
/// Digits of a phone number without the country code, which is written or not.
const NATIONAL_PHONE_DIGITS: usize = 10;

/// A field that names a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KnownBy {
    /// The caller's id of a customer, as given.
    Customer(String),
    /// A mail address in lower case.
    Mail(String),
    /// The digits of a phone number.
    Phone(String),
}

impl KnownBy {
    /// Every way in which `metadata` names the person, each once.
    pub(super) fn all(metadata: &Metadata) -> Vec<Self> {
        let mut known: Vec<Self> = metadata
            .text("customer_id")
            .map(Self::Customer)
            .into_iter()
            .collect();
        let mails = ["email", "customer_email", "from"]
            .into_iter()
            .filter_map(|key| address_in(&metadata.text(key)?).map(Self::Mail));
        let phones = ["phone", "customer_phone", "caller"]
            .into_iter()
            .filter_map(|key| phone_in(&metadata.text(key)?).map(Self::Phone));
        for found in mails.chain(phones) {
            if !known.contains(&found) {
                known.push(found);
            }
        }
        known
    }

    /// What it is, as a record says it; never the value.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Customer(_) => "customer_id",
            Self::Mail(_) => "mail address (metadata)",
            Self::Phone(_) => "phone number (metadata)",
        }
    }
}

/// The mail address in `Ada <ada@example.com>` or in an address alone, in lower case.
fn address_in(text: &str) -> Option<String> {
    let inner = text
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(text, |(address, _)| address);
    let address = inner.trim().to_lowercase();
    let (name, host) = address.split_once('@')?;
    (!name.is_empty() && host.contains('.') && !address.contains(char::is_whitespace)).then_some(address)
}

/// The digits of a phone number, as far as they tell two apart.
fn phone_in(text: &str) -> Option<String> {
    let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let country_code = digits.len().saturating_sub(NATIONAL_PHONE_DIGITS);
    (digits.len() >= MIN_PHONE_DIGITS).then(|| digits.split_off(country_code))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_is_known_by_what_is_written_in_full_and_once() {
        let known = |metadata: serde_json::Value| {
            KnownBy::all(&Metadata::parse(metadata.as_object().unwrap().clone()).unwrap())
        };
        assert_eq!(
            known(json!({
                "customer_id": "C-1", "email": "ada@example.com", "from": "Ada Example <Ada@Example.com>",
                "caller": "+1 555 010 2345", "phone": 5_550_102_345_u64,
            })),
            [
                KnownBy::Customer("C-1".to_owned()),
                KnownBy::Mail("ada@example.com".to_owned()),
                KnownBy::Phone("5550102345".to_owned()),
            ]
        );
        assert_eq!(
            known(json!({ "email": "nobody", "phone": "123", "caller": "anonymous", "order_id": "1" })),
            []
        );
    }
}
