//! Where a page of a list ended, as it travels in a URL: sealed, so that nobody makes one, reads what was searched for in
//! it, or presents that of another list or person.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::chance::Chance;
use crate::id::AccountId;
use crate::seal::{Purpose, Vault};
use crate::secret::{base64url, from_base64url};

/// Longer text is none of ours.
const LONGEST: usize = 4096;

/// Seals `place`, a place in `list`, for `reader`.
pub fn seal(vault: &Vault, list: &str, reader: AccountId, place: &impl Serialize, chance: &dyn Chance) -> String {
    let plain = serde_json::to_vec(place).expect("a place is numbers, bytes and words");
    base64url(&vault.seal(Purpose::Cursor, &bound_to(list, reader), &plain, chance))
}

/// Opens what [`seal`] made for this list and reader; `None` for anything else.
pub fn open<T: DeserializeOwned>(vault: &Vault, list: &str, reader: AccountId, cursor: &str) -> Option<T> {
    if cursor.len() > LONGEST {
        return None;
    }
    let plain = vault.open(Purpose::Cursor, &bound_to(list, reader), &from_base64url(cursor)?).ok()?;
    serde_json::from_slice(&plain).ok()
}

fn bound_to(list: &str, reader: AccountId) -> String {
    format!("{list}/{reader}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::MasterSecret;

    struct Fixed;
    impl Chance for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn s089_a_cursor_opens_in_its_list_for_its_reader_and_nowhere_else() {
        let vault = Vault::new(vec![MasterSecret { id: "k1".into(), bytes: [1; 32].into() }]).unwrap();
        let reader = |byte| AccountId(uuid::Uuid::from_bytes([byte; 16]));
        let cursor = seal(&vault, "members", reader(1), &(7_i64, "somchai@example.com"), &Fixed);
        let opened = |list, who, text: &str| open::<(i64, String)>(&vault, list, reader(who), text);
        assert_eq!(opened("members", 1, &cursor), Some((7, "somchai@example.com".to_owned())));
        assert_eq!(opened("reviews", 1, &cursor), None);
        assert_eq!(opened("members", 2, &cursor), None);
        assert!(!cursor.contains("somchai"));
        for cut in 0..cursor.len() {
            assert_eq!(opened("members", 1, &cursor[..cut]), None);
        }
        assert_eq!(opened("members", 1, &"A".repeat(10_000)), None);
        assert_eq!(open::<i64>(&vault, "members", reader(1), &cursor), None);
    }
}
