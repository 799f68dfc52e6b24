//! Redacts structured facts, by key and by value.
//!
//! A key that names an identifier (`email`, `patient_name`, `dob`) masks its whole value, whatever that is; other strings and
//! long numbers are redacted like text with the key as their cue, so that `"ssn_copy": 123456789` is masked and `"order_id": 123456789`
//! stays. Keys of the service's own ids (`order_id`, `product_id`, `customer_id`) keep their value unless it is plainly something else.

use serde::Serialize;
use serde_json::{Map, Value};

use super::keys::masked_key;
use super::redactor::Redactor;

/// Structured facts that may leave the record.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RedactedMetadata(Map<String, Value>);

impl RedactedMetadata {
    /// The redacted object.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The redacted object, to own.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

impl Redactor {
    /// Redacts an object of structured facts, by key and by value, however nested.
    #[must_use]
    pub fn redact_json(&self, map: &Map<String, Value>) -> RedactedMetadata {
        RedactedMetadata(self.object(map))
    }

    fn object(&self, map: &Map<String, Value>) -> Map<String, Value> {
        map.iter()
            .map(|(key, value)| (self.redact(key).text.0, self.field(key, value)))
            .collect()
    }

    fn field(&self, key: &str, value: &Value) -> Value {
        match (masked_key(key), value) {
            (_, Value::Null | Value::Bool(_)) => value.clone(),
            (Some(kind), Value::String(_) | Value::Number(_)) => Value::String(kind.placeholder().to_owned()),
            (Some(kind), Value::Array(items)) => items
                .iter()
                .map(|_| Value::String(kind.placeholder().to_owned()))
                .collect(),
            (_, Value::Object(map)) => Value::Object(self.object(map)),
            (None, Value::Array(items)) => items.iter().map(|item| self.field(key, item)).collect(),
            (None, Value::String(text)) => Value::String(self.value(key, text)),
            (None, Value::Number(number)) => {
                let text = number.to_string();
                let redacted = self.value(key, &text);
                if redacted == text {
                    value.clone()
                } else {
                    Value::String(redacted)
                }
            }
        }
    }

    /// A value, redacted with its key as the cue.
    fn value(&self, key: &str, text: &str) -> String {
        let label = format!("{key}: ");
        let with_key = self.redact(&format!("{label}{text}")).text.0;
        match with_key.strip_prefix(&label) {
            Some(rest) => rest.to_owned(),
            None => self.redact(text).text.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_and_values_are_masked_and_internal_ids_stay() {
        let facts = json!({
            "order_id": "4155550123", "product_id": 123456789, "customer_id": "C-1029384756", "customer_email": "a@b.com",
            "patient": {"name": "Jane Roe", "dob": "1985-03-14"}, "note": "ssn 123-45-6789, order 987654321", "tags": ["x", "jane@roe.org"],
            "phones": ["415-555-0123"], "vip": true, "homePhone": 4155550123_u64, "quantity": 3,
        });
        let redacted = Redactor::new().redact_json(facts.as_object().unwrap());
        assert_eq!(
            Value::Object(redacted.into_map()),
            json!({
                "order_id": "4155550123", "product_id": 123456789, "customer_id": "C-1029384756", "customer_email": "[EMAIL_REDACTED]",
                "patient": {"name": "[NAME_REDACTED]", "dob": "[DOB_REDACTED]"}, "note": "ssn [SSN_REDACTED], order 987654321",
                "tags": ["x", "[EMAIL_REDACTED]"], "phones": ["[PHONE_REDACTED]"], "vip": true, "homePhone": "[PHONE_REDACTED]", "quantity": 3,
            })
        );
    }
}
