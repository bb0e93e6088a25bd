//! The name of a member's picture: drawn by chance for each picture, so that its address can be had from the member alone,
//! names nobody, and is gone with the picture.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::chance::Chance;

/// 128 random bits in 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PictureName([u8; 16]);

impl PictureName {
    /// A fresh name.
    pub fn make(chance: &dyn Chance) -> Self {
        let mut bytes = [0; 16];
        chance.fill(&mut bytes);
        Self(bytes)
    }

    /// Reads the form of an address; lower case alone, so that a picture has one address.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let mut name = [0; 16];
        for (at, byte) in name.iter_mut().enumerate().filter(|_| sound) {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        sound.then_some(Self(name))
    }
}

impl fmt::Display for PictureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PictureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PictureName(…)")
    }
}

impl Serialize for PictureName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PictureName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not the name of a picture"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::counting;

    #[test]
    fn a_name_is_read_as_it_was_written_and_in_no_other_form() {
        let name = PictureName::make(&counting(0x1f));
        let text = name.to_string();
        assert_eq!((text.len(), PictureName::parse(&text)), (32, Some(name)));
        assert_eq!(serde_json::from_str::<PictureName>(&format!("\"{text}\"")).ok(), Some(name));
        for wrong in ["", &text[1..], &text.to_uppercase(), &format!("{text}0"), &"ก".repeat(32), &"+".repeat(32)] {
            assert_eq!(PictureName::parse(wrong), None, "{wrong}");
        }
    }
}
