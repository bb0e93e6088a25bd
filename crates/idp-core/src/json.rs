//! JSON from outside: bounded in size and depth, and no name twice, since two readers of the same text must not see two
//! different things.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep values from outside may be nested.
const MAX_DEPTH: usize = 12;

/// Reads an object in which no name occurs twice, at any level; `None` for anything else, or what is longer than `longest`
/// bytes or nested too deeply.
pub fn strict_object(text: &[u8], longest: usize) -> Option<Map<String, Value>> {
    if text.len() > longest {
        return None;
    }
    match serde_json::from_slice(text).ok()? {
        Strict(Value::Object(members)) if depth_is_sound(&members) => Some(members),
        _ => None,
    }
}

fn depth_is_sound(members: &Map<String, Value>) -> bool {
    // serde_json itself stops at 128 levels, so this recursion is bounded.
    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    members.values().map(depth).max().unwrap_or(0) < MAX_DEPTH
}

/// An object in which no name occurs twice, as a member of what somebody else reads.
#[derive(Debug)]
pub struct StrictObject(pub Map<String, Value>);

impl<'de> Deserialize<'de> for StrictObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Strict::deserialize(deserializer)? {
            Strict(Value::Object(members)) if depth_is_sound(&members) => Ok(Self(members)),
            _ => Err(D::Error::custom("not an object of a few levels")),
        }
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a repeated name")
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

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if all.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is repeated"));
            }
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s031_no_name_twice_no_depth_and_no_length_without_end() {
        let read = |text: &str| strict_object(text.as_bytes(), 4096);
        assert!(read(r#"{"a":{"b":[1,-2,3.5,null,true,"x"]}}"#).is_some());
        assert!(read(r#"{"a":1,"a":1}"#).is_none());
        assert!(read(r#"{"a":{"b":1,"b":2}}"#).is_none());
        assert!(read(r#"{"a":[{"b":1,"b":2}]}"#).is_none());
        assert!(read("[]").is_none());
        assert!(read("{}x").is_none());
        assert!(read(&format!("{{\"a\":{}{}}}", "[".repeat(11), "]".repeat(11))).is_some());
        assert!(read(&format!("{{\"a\":{}{}}}", "[".repeat(12), "]".repeat(12))).is_none());
        assert!(strict_object(format!("{{\"a\":{}", "[".repeat(100_000)).as_bytes(), 1 << 20).is_none());
        assert!(read(&format!("{{\"a\":\"{}\"}}", "x".repeat(5000))).is_none());
        assert!(strict_object(b"{\"a\":\"\xff\"}", 100).is_none());
    }
}
