//! Recovery codes: ten on paper for the day the telephone is lost, each good once.

use std::fmt;

use zeroize::Zeroizing;

use crate::chance::Chance;
use crate::id::AccountId;
use crate::secret::{Digest, Secret};

/// So many are made at once.
pub const RECOVERY_CODES: usize = 10;

/// Without letters that look like others (Crockford's base32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 80 bits.
const LETTERS: usize = 16;

/// A recovery code in the clear. It is shown once; only its digest is kept.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl RecoveryCode {
    /// A new one: 80 random bits.
    pub fn make(chance: &dyn Chance) -> Self {
        let mut bytes = Zeroizing::new([0; LETTERS]);
        chance.fill(&mut *bytes);
        // 256 is a multiple of 32: every letter is as likely.
        Self(Zeroizing::new(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()))
    }

    /// A whole set.
    pub fn make_set(chance: &dyn Chance) -> Vec<Self> {
        (0..RECOVERY_CODES).map(|_| Self::make(chance)).collect()
    }

    /// Reads what somebody typed: in any case, with or without hyphens and spaces, with the letters that are taken for
    /// digits. `None` when it cannot be a code.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = Zeroizing::new(String::with_capacity(LETTERS));
        for letter in typed.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '–')) {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            };
            let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
            if !known || code.len() == LETTERS {
                return None;
            }
            code.push(letter);
        }
        (code.len() == LETTERS).then_some(Self(code))
    }

    /// In groups of four, as it is printed.
    pub fn shown(&self) -> String {
        let groups: Vec<&str> = (0..LETTERS).step_by(4).map(|at| &self.0[at..at + 4]).collect();
        groups.join("-")
    }

    /// What is kept of it, bound to its account.
    pub fn digest(&self, account: AccountId) -> Digest {
        Secret::presented(format!("recovery code\n{account}\n{}", *self.0)).digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::counting;

    #[test]
    fn a_code_is_read_as_it_is_printed_and_as_people_type_it() {
        let set = RecoveryCode::make_set(&counting(7));
        let account = AccountId(uuid::Uuid::nil());
        assert_eq!(set.len(), RECOVERY_CODES);
        for code in &set {
            let shown = code.shown();
            assert_eq!(shown.len(), 19);
            for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), format!(" {shown} ")] {
                assert_eq!(RecoveryCode::parse(&typed).unwrap().digest(account), code.digest(account), "{typed}");
            }
            assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
        }
        assert_eq!(RecoveryCode::parse("OIL0-0000-0000-0000").unwrap().shown(), "0110-0000-0000-0000");
        for wrong in ["", "0000", "0000-0000-0000-000", "0000-0000-0000-00000", "UUUU-0000-0000-0000", "ก"] {
            assert!(RecoveryCode::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn equal_codes_of_two_accounts_have_two_digests() {
        let code = RecoveryCode::parse("0000-0000-0000-0000").unwrap();
        let other = AccountId(uuid::Uuid::from_u128(1));
        assert_ne!(code.digest(AccountId(uuid::Uuid::nil())), code.digest(other));
    }
}
