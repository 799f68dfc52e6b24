//! Redacts structured facts, by key and by value.
//!
//! A key that names an identifier (`email`, `patient_name`, `dob`) masks its whole value, whatever that is; other strings and
//! long numbers are redacted like text with the key as their cue, so that `"ssn_copy": 123456789` is masked and `"order_id": 123456789`
//! stays. Keys of the service's own ids (`order_id`, `product_id`, `customer_id`) keep their value unless it is plainly something else.

use serde::Serialize;
use serde_json::{Map, Value};

use super::kind::IdentifierKind;
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

/// Keys (letters and digits only, lower case) whose value is masked whole.
const MASKED: &[(&str, IdentifierKind)] = &[
    ("email", IdentifierKind::Email),
    ("emailaddress", IdentifierKind::Email),
    ("mail", IdentifierKind::Email),
    ("phone", IdentifierKind::Phone),
    ("phonenumber", IdentifierKind::Phone),
    ("mobile", IdentifierKind::Phone),
    ("cell", IdentifierKind::Phone),
    ("tel", IdentifierKind::Phone),
    ("telephone", IdentifierKind::Phone),
    ("callback", IdentifierKind::Phone),
    ("fax", IdentifierKind::Fax),
    ("name", IdentifierKind::Name),
    ("fullname", IdentifierKind::Name),
    ("firstname", IdentifierKind::Name),
    ("lastname", IdentifierKind::Name),
    ("surname", IdentifierKind::Name),
    ("givenname", IdentifierKind::Name),
    ("familyname", IdentifierKind::Name),
    ("middlename", IdentifierKind::Name),
    ("maidenname", IdentifierKind::Name),
    ("nickname", IdentifierKind::Name),
    ("patient", IdentifierKind::Name),
    ("customer", IdentifierKind::Name),
    ("prescriber", IdentifierKind::Name),
    ("caller", IdentifierKind::Name),
    ("address", IdentifierKind::Address),
    ("street", IdentifierKind::Address),
    ("addressline", IdentifierKind::Address),
    ("city", IdentifierKind::Location),
    ("town", IdentifierKind::Location),
    ("zip", IdentifierKind::Location),
    ("zipcode", IdentifierKind::Location),
    ("postcode", IdentifierKind::Location),
    ("postalcode", IdentifierKind::Location),
    ("county", IdentifierKind::Location),
    ("location", IdentifierKind::Location),
    ("lat", IdentifierKind::Location),
    ("lng", IdentifierKind::Location),
    ("latitude", IdentifierKind::Location),
    ("longitude", IdentifierKind::Location),
    ("geo", IdentifierKind::Location),
    ("dob", IdentifierKind::Dob),
    ("dateofbirth", IdentifierKind::Dob),
    ("birthdate", IdentifierKind::Dob),
    ("birthday", IdentifierKind::Dob),
    ("birthyear", IdentifierKind::Dob),
    ("born", IdentifierKind::Dob),
    ("ssn", IdentifierKind::Ssn),
    ("socialsecuritynumber", IdentifierKind::Ssn),
    ("socialsecurity", IdentifierKind::Ssn),
    ("taxid", IdentifierKind::Ssn),
    ("itin", IdentifierKind::Itin),
    ("nationalid", IdentifierKind::Id),
    ("mrn", IdentifierKind::Mrn),
    ("medicalrecordnumber", IdentifierKind::Mrn),
    ("patientid", IdentifierKind::Mrn),
    ("memberid", IdentifierKind::HealthPlan),
    ("subscriberid", IdentifierKind::HealthPlan),
    ("policynumber", IdentifierKind::HealthPlan),
    ("insuranceid", IdentifierKind::HealthPlan),
    ("groupnumber", IdentifierKind::HealthPlan),
    ("medicareid", IdentifierKind::Medicare),
    ("mbi", IdentifierKind::Medicare),
    ("rxnumber", IdentifierKind::Rx),
    ("prescriptionnumber", IdentifierKind::Rx),
    ("prescriptionid", IdentifierKind::Rx),
    ("rx", IdentifierKind::Rx),
    ("npi", IdentifierKind::Npi),
    ("dea", IdentifierKind::Dea),
    ("deanumber", IdentifierKind::Dea),
    ("nhsnumber", IdentifierKind::Nhs),
    ("card", IdentifierKind::Card),
    ("cardnumber", IdentifierKind::Card),
    ("creditcard", IdentifierKind::Card),
    ("pan", IdentifierKind::Card),
    ("cvv", IdentifierKind::Cvv),
    ("cvc", IdentifierKind::Cvv),
    ("cardlast4", IdentifierKind::Card),
    ("last4", IdentifierKind::Card),
    ("cardexpiry", IdentifierKind::CardExpiry),
    ("expiry", IdentifierKind::CardExpiry),
    ("iban", IdentifierKind::Iban),
    ("routingnumber", IdentifierKind::Routing),
    ("accountnumber", IdentifierKind::Account),
    ("bankaccount", IdentifierKind::Account),
    ("license", IdentifierKind::DriversLicense),
    ("licensenumber", IdentifierKind::DriversLicense),
    ("driverslicense", IdentifierKind::DriversLicense),
    ("driverlicense", IdentifierKind::DriversLicense),
    ("passport", IdentifierKind::Passport),
    ("passportnumber", IdentifierKind::Passport),
    ("vin", IdentifierKind::Vehicle),
    ("licenseplate", IdentifierKind::Vehicle),
    ("plate", IdentifierKind::Vehicle),
    ("serialnumber", IdentifierKind::Device),
    ("imei", IdentifierKind::Device),
    ("deviceid", IdentifierKind::Device),
    ("deviceserial", IdentifierKind::Device),
    ("ip", IdentifierKind::Ip),
    ("ipaddress", IdentifierKind::Ip),
    ("clientip", IdentifierKind::Ip),
    ("remoteaddr", IdentifierKind::Ip),
    ("mac", IdentifierKind::Mac),
    ("macaddress", IdentifierKind::Mac),
    ("username", IdentifierKind::Username),
    ("login", IdentifierKind::Username),
    ("handle", IdentifierKind::Username),
    ("password", IdentifierKind::Credential),
    ("passwd", IdentifierKind::Credential),
    ("pin", IdentifierKind::Credential),
    ("token", IdentifierKind::Credential),
    ("secret", IdentifierKind::Credential),
    ("apikey", IdentifierKind::Credential),
    ("accesstoken", IdentifierKind::Credential),
    ("authorization", IdentifierKind::Credential),
    ("cookie", IdentifierKind::Credential),
    ("biometric", IdentifierKind::Biometric),
    ("fingerprint", IdentifierKind::Biometric),
    ("photo", IdentifierKind::Photo),
    ("photourl", IdentifierKind::Photo),
    ("avatar", IdentifierKind::Photo),
    ("age", IdentifierKind::Age),
];

/// Words that may precede an identifier's key: `patient_name`, `home_phone`.
const OWNERS: &[&str] = &[
    "customer",
    "patient",
    "user",
    "contact",
    "caller",
    "billing",
    "shipping",
    "home",
    "work",
    "mailing",
    "delivery",
    "emergency",
    "caregiver",
    "doctor",
    "prescriber",
    "provider",
    "member",
    "account",
    "mother",
    "father",
    "spouse",
    "parent",
    "guardian",
    "cardholder",
    "primary",
    "secondary",
    "alternate",
    "alt",
    "new",
    "old",
    "client",
    "recipient",
    "sender",
    "reporter",
    "insured",
    "subscriber",
    "holder",
    "my",
    "personal",
    "cell",
    "mobile",
    "from",
    "to",
    "reply",
];

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

/// The kind of identifier that a key names.
fn masked_key(key: &str) -> Option<IdentifierKind> {
    let plain: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let known = |name: &str| {
        MASKED
            .iter()
            .find(|(masked, _)| *masked == name)
            .map(|(_, kind)| *kind)
    };
    let trimmed = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    known(&plain)
        .or_else(|| known(trimmed))
        .or_else(|| known(trimmed.strip_suffix('s')?))
        .or_else(|| {
            OWNERS.iter().find_map(|owner| {
                let rest = plain.strip_prefix(owner)?;
                known(rest).or_else(|| known(rest.trim_end_matches(|c: char| c.is_ascii_digit())))
            })
        })
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
