//! The name of a client's logo: the digest of the picture that we made of it, so that its address changes with it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// SHA-256 of a picture, in 64 hexadecimal digits. It is public, and says nothing but which picture is meant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogoName([u8; 32]);

impl LogoName {
    /// The name of a picture.
    pub fn of(picture: &[u8]) -> Self {
        Self(Sha256::digest(picture).into())
    }

    /// Reads the form of an address; lower case alone, so that a picture has one address.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let mut digest = [0; 32];
        for (at, byte) in digest.iter_mut().enumerate().filter(|_| sound) {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        sound.then_some(Self(digest))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for LogoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LogoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogoName({self})")
    }
}

impl Serialize for LogoName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LogoName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not the name of a logo"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_in_no_other_form() {
        let name = LogoName::of(b"picture");
        let text = name.to_string();
        assert_eq!(LogoName::parse(&text), Some(name));
        assert_eq!(serde_json::from_str::<LogoName>(&format!("\"{text}\"")).ok(), Some(name));
        for wrong in ["", &text[1..], &text.to_uppercase(), &format!("{text}0"), &"ก".repeat(64), &"+".repeat(64)] {
            assert_eq!(LogoName::parse(wrong), None, "{wrong}");
        }
    }
}
