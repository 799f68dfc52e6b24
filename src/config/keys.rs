//! One API key as it is written, in the configuration or in the keys file.

use std::fmt::Formatter;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::sources::{Unread, from_toml};
use super::{InvalidSetting, in_range};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sends messages.
    Client,
    /// Works with records and deliveries, verbatim texts included.
    Operator,
    /// Reads records (redacted), deliveries and the audit trail; changes nothing.
    Auditor,
}

/// One API key. Only the hash of the secret is configured, so the file can be read without being able to call.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct KeyConfig {
    /// Name of the client, in logs and records; 1 to 64 visible ASCII characters.
    pub id: String,
    /// SHA-256 of the secret, 64 hexadecimal digits.
    pub sha256: String,
    /// What it is for; what the list it stands in is for when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Requests per minute, 1 to 6,000,000; those of `rate_limit` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// Requests at once, 1 to 1,000,000; twice `per_minute` when that is given, else that of `rate_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// From this moment on the key is refused: a time such as `2027-01-31T09:00:00Z`, or a date, which is its beginning in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Tokens that the LLM may use for this key per day (UTC); after that the local model answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llm_tokens_per_day: Option<u64>,
    /// Money that the LLM may cost for this key per day (UTC), from 0 up, in the currency of `llm.prices`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llm_cost_usd_per_day: Option<f64>,
}

impl KeyConfig {
    /// A key of which nothing else is said.
    #[must_use]
    pub fn new(id: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            sha256: sha256.into(),
            ..Self::default()
        }
    }

    /// The key as an `[[auth.keys]]` entry, for the configuration or the keys file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        #[derive(Serialize)]
        struct File<'a> {
            auth: Keys<'a>,
        }
        #[derive(Serialize)]
        struct Keys<'a> {
            keys: [&'a KeyConfig; 1],
        }
        let file = File {
            auth: Keys { keys: [self] },
        };
        toml::to_string(&file).expect("strings and numbers are TOML")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyTable {
    id: String,
    sha256: String,
    #[serde(default, deserialize_with = "super::field::one_of_or_none")]
    role: Option<Role>,
    per_minute: Option<u32>,
    burst: Option<u32>,
    #[serde(default, deserialize_with = "moment")]
    expires: Option<Timestamp>,
    llm_tokens_per_day: Option<u64>,
    llm_cost_usd_per_day: Option<f64>,
}

/// A moment as people write it; see [`parse_expiry`].
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_expiry(&text).map_err(serde::de::Error::custom))
        .transpose()
}

/// `2027-01-31T09:00:00Z`, or `2027-01-31` for the beginning of that day in UTC.
///
/// # Errors
/// What would be right.
pub fn parse_expiry(text: &str) -> Result<Timestamp, &'static str> {
    let midnight = |date: Date| date.to_zoned(TimeZone::UTC).map(|at| at.timestamp());
    text.parse::<Timestamp>()
        .or_else(|_| text.parse::<Date>().and_then(midnight))
        .map_err(|_| "must be a date such as \"2027-01-31\" or a time such as \"2027-01-31T09:00:00Z\"")
}

/// The two ways to write a key: a table, or `id:sha256` where only a text fits, as in an environment variable. By hand, because what serde
/// makes for such a choice tells of any mistake in the table only that it is neither.
impl<'de> Deserialize<'de> for KeyConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenKey)
    }
}

struct WrittenKey;

impl<'de> Visitor<'de> for WrittenKey {
    type Value = KeyConfig;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a table with `id` and `sha256`, or a text \"id:sha256\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<KeyConfig, E> {
        let (id, sha256) = text.rsplit_once(':').ok_or_else(|| {
            E::custom(
                "must be \"id:sha256\" where it is written as a text (`switchboard keys new` makes one)",
            )
        })?;
        Ok(KeyConfig::new(id, sha256))
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<KeyConfig, A::Error> {
        let table = KeyTable::deserialize(MapAccessDeserializer::new(table))?;
        Ok(KeyConfig {
            id: table.id,
            sha256: table.sha256,
            role: table.role,
            per_minute: table.per_minute,
            burst: table.burst,
            expires: table.expires,
            llm_tokens_per_day: table.llm_tokens_per_day,
            llm_cost_usd_per_day: table.llm_cost_usd_per_day,
        })
    }
}

/// Reads the text of a keys file. `besides` are the keys of the configuration, which must not come again.
///
/// # Errors
/// [`InvalidSetting`] for `auth.keys_file`, with the first thing that is wrong; it never quotes the file.
pub fn parse_keys_file(text: &str, besides: &[KeyConfig]) -> Result<Vec<KeyConfig>, InvalidSetting> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        auth: Auth,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Auth {
        keys: Vec<KeyConfig>,
    }
    let wrong = |problem: String| InvalidSetting::new("auth.keys_file", problem);
    let file: File = from_toml(text).map_err(|error| match error {
        Unread::Syntax(mistake) => wrong(format!("holds {mistake}")),
        Unread::Form(error) => wrong(format!("holds a wrong {}: it {}", error.setting, error.problem)),
    })?;
    let named: Vec<(String, &KeyConfig)> = besides
        .iter()
        .map(|key| ("configuration".to_owned(), key))
        .chain((file.auth.keys.iter().enumerate()).map(|(at, key)| (format!("auth.keys[{at}]"), key)))
        .collect();
    check_keys(&named)
        .map_err(|error| wrong(format!("holds a wrong {}: it {}", error.setting, error.problem)))?;
    let role = |key: KeyConfig| KeyConfig {
        role: Some(key.role.unwrap_or(Role::Client)),
        ..key
    };
    Ok(file.auth.keys.into_iter().map(role).collect())
}

/// Checks each key, and that no id or secret comes twice. Each comes with the name of its place.
pub(super) fn check_keys(keys: &[(String, &KeyConfig)]) -> Result<(), InvalidSetting> {
    for (at, (name, key)) in keys.iter().enumerate() {
        let setting = |field: &str| format!("{name}.{field}");
        let wrong = |field: &str, problem: &str| Err(InvalidSetting::new(setting(field), problem));
        if key.id.is_empty() || key.id.len() > 64 || !key.id.bytes().all(|b| b.is_ascii_graphic()) {
            return wrong("id", "must be 1 to 64 visible ASCII characters");
        }
        if key.sha256.len() != 64 || !key.sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            return wrong("sha256", "must be 64 hexadecimal digits");
        }
        if let Some(per_minute) = key.per_minute {
            in_range(&setting("per_minute"), per_minute, 1..=6_000_000)?;
        }
        if let Some(burst) = key.burst {
            in_range(&setting("burst"), burst, 1..=1_000_000)?;
        }
        if key
            .llm_cost_usd_per_day
            .is_some_and(|cost| !cost.is_finite() || cost < 0.0)
        {
            return wrong("llm_cost_usd_per_day", "must be a number from 0 up");
        }
        let before = || keys[..at].iter().map(|(_, other)| other);
        if before().any(|other| other.id == key.id) {
            return wrong("id", &format!("is given twice: {:?}", key.id));
        }
        if before().any(|other| other.sha256.eq_ignore_ascii_case(&key.sha256)) {
            return wrong("sha256", "is given twice: every key needs a secret of its own");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u8) -> String {
        format!("{n:02x}").repeat(32)
    }

    #[test]
    fn a_key_prints_as_the_entry_that_reads_back() {
        let key = KeyConfig {
            role: Some(Role::Auditor),
            per_minute: Some(600),
            expires: Some(
                "2027-01-31"
                    .parse::<Date>()
                    .unwrap()
                    .to_zoned(TimeZone::UTC)
                    .unwrap()
                    .timestamp(),
            ),
            llm_tokens_per_day: Some(1_000_000),
            llm_cost_usd_per_day: Some(2.5),
            ..KeyConfig::new("shop", hash(1))
        };
        let text = key.to_toml();
        assert!(text.starts_with("[[auth.keys]]\nid = \"shop\"\n"), "{text}");
        assert_eq!(parse_keys_file(&text, &[]).unwrap(), [key]);
    }

    #[test]
    fn an_expiry_is_a_date_or_a_moment() {
        assert_eq!(
            parse_expiry("2027-01-31").unwrap(),
            parse_expiry("2027-01-31T00:00:00Z").unwrap()
        );
        assert_eq!(
            parse_expiry("2027-01-31T02:00:00+02:00"),
            parse_expiry("2027-01-31")
        );
        assert!(parse_expiry("next week").is_err());
    }

    #[test]
    fn a_broken_keys_file_is_explained_without_being_quoted() {
        let entry = |id: &str, n: u8, more: &str| {
            format!("[[auth.keys]]\nid = \"{id}\"\nsha256 = \"{}\"\n{more}\n", hash(n))
        };
        let besides = [KeyConfig::new("shop", hash(9))];
        let cases = [
            ("", "auth"),
            ("[[auth.keys]]\nid = \"swb_secret", "line 2"),
            (
                &*(entry("a", 1, "") + &entry("b", 2, "role = \"swb_secret1\"")),
                "wrong auth.keys[1].role: it must be one of `client`, `operator`, `auditor`",
            ),
            (
                &*entry("a", 1, "rol = \"client\""),
                "wrong auth.keys[0].rol: it is not known; known there: `id`, `sha256`, `role`",
            ),
            (
                &*entry("a", 1, "expires = \"soon\""),
                "wrong auth.keys[0].expires: it must be a date such as",
            ),
            (
                &*entry("a", 1, "per_minute = \"swb_secret\""),
                "wrong auth.keys[0].per_minute: it must be a whole number",
            ),
            (
                "[[auth.keys]]\nid = \"a\"",
                "wrong auth.keys[0].sha256: it has to be set",
            ),
            ("[auth]\nkeys = [1]", "wrong auth.keys[0]: it must be a table"),
            (
                "[auth]\nkeys = [\"swb_secret\"]",
                "wrong auth.keys[0]: it must be \"id:sha256\"",
            ),
            (&*entry("a", 1, "per_minute = 0"), "auth.keys[0].per_minute"),
            (
                &*entry("a", 1, "llm_cost_usd_per_day = -1.0"),
                "auth.keys[0].llm_cost_usd_per_day",
            ),
            (&*entry("shop", 1, ""), "given twice"),
            (&*entry("a", 9, ""), "secret of its own"),
            (&*(entry("a", 1, "") + &entry("a", 2, "")), "auth.keys[1].id"),
        ];
        for (text, named) in cases {
            let error = parse_keys_file(text, &besides).unwrap_err();
            assert_eq!(error.setting, "auth.keys_file");
            assert!(error.problem.contains(named), "{text}: {error}");
            assert!(!error.problem.contains("swb_secret"), "{error}");
        }
    }
}
