//! How a field is read and printed where serde's own way does not do: words of a list, secrets, addresses that may hold one.

use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Deserializer};

/// Reads one of a few words. The error names them all; the reader's own for an enum names none.
///
/// # Errors
/// What the deserializer says, or that the word is none of them.
pub(super) fn one_of<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(String::deserialize(deserializer)?.into_deserializer())
}

/// [`one_of`], where there may be none.
///
/// # Errors
/// As [`one_of`].
pub(super) fn one_of_or_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let word = Option::<String>::deserialize(deserializer)?;
    word.map(|word| T::deserialize(word.into_deserializer()))
        .transpose()
}

/// Serialises a secret as a mark that says only whether it is set.
///
/// # Errors
/// As the serializer.
pub(super) fn hidden<S: serde::Serializer>(
    secret: &Option<secrecy::SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => serializer.serialize_some("***"),
        None => serializer.serialize_none(),
    }
}

/// An address as it may be printed: some hold a user and password before their host, some a key behind their question mark.
fn printable(url: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, _)) => (address, "?***"),
        None => (url, ""),
    };
    let host_at = address.find("://").map_or(0, |scheme| scheme + 3);
    let host_end = address[host_at..]
        .find('/')
        .map_or(address.len(), |path| host_at + path);
    match address[host_at..host_end].rfind('@') {
        Some(at) => format!("{}***{}{query}", &address[..host_at], &address[host_at + at..]),
        None => format!("{address}{query}"),
    }
}

/// Serialises an address without the secrets that it may hold.
///
/// # Errors
/// As the serializer.
pub(super) fn address<S: serde::Serializer>(url: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&printable(url))
}

/// [`address`], where there may be none.
///
/// # Errors
/// As the serializer.
#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
pub(super) fn address_or_none<S: serde::Serializer>(
    url: &Option<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match url {
        Some(url) => serializer.serialize_some(&printable(url)),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_printed_without_what_may_be_a_secret() {
        for (url, printed) in [
            ("https://llm.example/v1", "https://llm.example/v1"),
            ("https://llm.example/v1?api-key=k", "https://llm.example/v1?***"),
            (
                concat!("https://user:", "pa@ss@otel.example:4318/x?k=1"),
                "https://***@otel.example:4318/x?***",
            ),
            ("http://user@h", "http://***@h"),
            ("https://h/@path", "https://h/@path"),
            ("", ""),
        ] {
            assert_eq!(printable(url), printed);
        }
    }
}
