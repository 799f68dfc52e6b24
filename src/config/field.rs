//! How a field is read and printed where serde's own way does not do: words of a list, secrets.

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
