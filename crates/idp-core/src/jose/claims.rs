//! Claims that many kinds of token share, read strictly: a claim of another type is an error, never as if it were absent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `aud` (RFC 7519 §4.1.3): one name, or a list of names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// A string.
    One(String),
    /// A list of strings.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `name` is among those meant.
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|known| known == name)
    }

    /// Every name.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(name) => std::slice::from_ref(name).iter(),
            Self::Many(names) => names.iter(),
        }
        .map(String::as_str)
    }

    /// The name, when there is one alone.
    pub fn sole(&self) -> Option<&str> {
        match self {
            Self::One(name) => Some(name),
            Self::Many(names) => match names.as_slice() {
                [name] => Some(name),
                _ => None,
            },
        }
    }
}

/// A NumericDate (RFC 7519 §2): seconds since 1970. Fractions are allowed there, and cut off here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct NumericDate(pub i64);

impl NumericDate {
    /// The moment, in whole seconds.
    pub fn of(moment: DateTime<Utc>) -> Self {
        Self(moment.timestamp())
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Beyond this no date is meant, and no sum of ours can overflow.
        const FAR: f64 = 1e11;
        let seconds = f64::deserialize(deserializer)?;
        if !(-FAR..=FAR).contains(&seconds) {
            return Err(serde::de::Error::custom("not a date"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "in bounds; a fraction is cut off")]
        Ok(Self(seconds as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_numbers_and_audiences_are_text() {
        let date = |text: &str| serde_json::from_str::<NumericDate>(text).map(|date| date.0).ok();
        assert_eq!(date("1800000000"), Some(1_800_000_000));
        assert_eq!(date("1800000000.9"), Some(1_800_000_000));
        for wrong in ["\"1800000000\"", "null", "true", "1e300", "-1e300", "[1]", "{}"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        let audience = |text: &str| serde_json::from_str::<Audience>(text).ok();
        assert_eq!(audience("\"a\"").unwrap().sole(), Some("a"));
        assert_eq!(audience("[\"a\"]").unwrap().sole(), Some("a"));
        let two = audience("[\"a\",\"b\"]").unwrap();
        assert!(two.sole().is_none() && two.contains("b") && !two.contains("c"));
        for wrong in ["7", "null", "[7]", "{\"a\":1}"] {
            assert_eq!(audience(wrong), None, "{wrong}");
        }
    }
}
