//! JSON read strictly: a key that is given twice, and nesting past a bound, are faults with a name.
//!
//! `serde_json` keeps the last of two equal keys, so two readers of one body could see two different orders. Here nothing is
//! half-parsed: a fault names what is wrong, and no value comes out.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a value was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not an object.
    NotAnObject,
    /// An object has the same key twice.
    DuplicateKey,
    /// Nested deeper than allowed.
    TooDeep,
    /// Not JSON: a number out of range, half a surrogate pair, ...
    Malformed,
}

/// Reads `json` as an object of at most `levels` levels of objects and arrays, itself included.
///
/// # Errors
/// [`Fault`], the first that is met.
pub(super) fn object(json: &str, levels: usize) -> Result<Map<String, Value>, Fault> {
    let fault = Cell::new(None);
    let seed = Strict {
        levels,
        fault: &fault,
    };
    let value = seed.deserialize(&mut serde_json::Deserializer::from_str(json));
    match value {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Fault::NotAnObject),
        Err(_) => Err(fault.get().unwrap_or(Fault::Malformed)),
    }
}

/// Builds a [`Value`], remembering the first fault of its own.
#[derive(Clone, Copy)]
struct Strict<'a> {
    levels: usize,
    fault: &'a Cell<Option<Fault>>,
}

impl Strict<'_> {
    fn refuse<E: Error>(&self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("refused")
    }

    fn inner<E: Error>(self) -> Result<Self, E> {
        match self.levels.checked_sub(1) {
            Some(levels) => Ok(Self { levels, ..self }),
            None => Err(self.refuse(Fault::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| self.refuse(Fault::Malformed))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if object.insert(key, value).is_some() {
                return Err(self.refuse(Fault::DuplicateKey));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn faults_have_names() {
        assert_eq!(object("[]", 8), Err(Fault::NotAnObject));
        assert_eq!(object(r#"{"a":1,"a":2}"#, 8), Err(Fault::DuplicateKey));
        assert_eq!(object(r#"{"a":{"b":1,"b":1}}"#, 8), Err(Fault::DuplicateKey));
        assert_eq!(object(r#"{"a":[[1]]}"#, 2), Err(Fault::TooDeep));
        assert_eq!(object(r#"{"a":"\ud800"}"#, 8), Err(Fault::Malformed));
        assert_eq!(object(r#"{"a":1e999}"#, 8), Err(Fault::Malformed));
        assert!(object(r#"{"a":[[1]]}"#, 3).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_serde_json_reads(keys in proptest::collection::btree_map("[a-z]{1,6}", any::<i64>(), 0..8)) {
            let json = serde_json::to_string(&keys).unwrap();
            prop_assert_eq!(Value::Object(object(&json, 8).unwrap()), serde_json::from_str::<Value>(&json).unwrap());
        }

        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,200}") {
            let _ = object(&text, 8);
        }
    }
}
