//! Codes of authenticator apps (RFC 6238): six digits, a step of thirty seconds, one step either side.

use std::fmt;

use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq as _;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::chance::Chance;

/// Seconds of a step.
const STEP: i64 = 30;
/// RFC 6238 §5.2: one step of delay or of a clock that is off.
const SKEW: i64 = 1;

/// What app and provider share: 160 random bits (RFC 4226 §4).
pub struct TotpSecret(Zeroizing<[u8; 20]>);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// A new one.
    pub fn make(chance: &dyn Chance) -> Self {
        let mut bytes = Zeroizing::new([0; 20]);
        chance.fill(&mut *bytes);
        Self(bytes)
    }

    /// From bytes as they were kept; `None` when the length is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// The bytes, to be sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    /// Base32, as people type it into an app: in groups of four.
    pub fn shown(&self) -> Zeroizing<String> {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut text = Zeroizing::new(String::with_capacity(40));
        // 20 bytes are four times five, and five bytes are eight letters: nothing is left over.
        for (group, five) in self.0.chunks_exact(5).enumerate() {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for letter in 0..8 {
                if letter % 4 == 0 && (group, letter) != (0, 0) {
                    text.push(' ');
                }
                let index = (bits >> (35 - 5 * letter)) & 31;
                text.push(char::from(ALPHABET[usize::try_from(index).unwrap_or(0)]));
            }
        }
        text
    }

    /// The `otpauth:` address that an app reads from a picture.
    pub fn address(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        // A colon would part issuer and account in another place.
        let plain = |text: &str| text.replace(':', " ");
        let totp = self.builder().with_issuer(Some(plain(issuer))).with_account_name(plain(account));
        Zeroizing::new(totp.build_noncompliant().to_url().expect("there is an account, and no colon"))
    }

    /// The step whose code `typed` is, around `now` and later than `last`, the step that was accepted last. A code is
    /// accepted once, and never after a later one (RFC 6238 §5.2): the store settles that by its write.
    pub fn step_of(&self, typed: &str, now: DateTime<Utc>, last: Option<i64>) -> Option<i64> {
        let here = now.timestamp().div_euclid(STEP);
        let totp = self.builder().build_noncompliant();
        // Every step is looked at, whichever is the one.
        let mut found = None;
        for step in here - SKEW..=here + SKEW {
            let code = Zeroizing::new(code_at(&totp, step));
            let same = bool::from(code.as_bytes().ct_eq(typed.as_bytes()));
            if same && last.is_none_or(|last| step > last) {
                found = Some(step);
            }
        }
        found
    }

    /// The code of the step at `now`, as an app shows it.
    pub fn code(&self, now: DateTime<Utc>) -> Zeroizing<String> {
        Zeroizing::new(code_at(&self.builder().build_noncompliant(), now.timestamp().div_euclid(STEP)))
    }

    fn builder(&self) -> Builder {
        // The defaults are those of the apps: SHA-1, six digits, thirty seconds.
        Builder::new().with_secret(self.0.to_vec())
    }
}

fn code_at(totp: &Totp, step: i64) -> String {
    totp.generate(u64::try_from(step * STEP).unwrap_or(0)).to_string()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(*secret.code(now), code);
            assert_eq!(secret.step_of(code, now, None), Some(seconds / 30));
        }
        assert_eq!(*secret.shown(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = secret.address("MOC Account", "somchai@mail.example");
        assert!(
            address.starts_with("otpauth://totp/MOC%20Account:somchai%40mail.example?secret=GEZDGNBV"),
            "{}",
            *address
        );
    }

    #[test]
    fn a_code_counts_one_step_either_side_and_never_after_a_later_one() {
        let secret = TotpSecret::from_bytes(&[7; 20]).unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let here = now.timestamp() / 30;
        let code = |steps: i64| secret.code(now + TimeDelta::seconds(30 * steps));
        for (steps, found) in [(-2, None), (-1, Some(here - 1)), (0, Some(here)), (1, Some(here + 1)), (2, None)] {
            assert_eq!(secret.step_of(&code(steps), now, None), found, "{steps}");
        }
        assert_eq!(secret.step_of(&code(0), now, Some(here)), None);
        assert_eq!(secret.step_of(&code(-1), now, Some(here)), None);
        assert_eq!(secret.step_of(&code(1), now, Some(here)), Some(here + 1));
        for nonsense in ["", "12345", "1234567", "abcdef", "๑๒๓๔๕๖"] {
            assert_eq!(secret.step_of(nonsense, now, None), None);
        }
        assert_eq!(format!("{secret:?}"), "TotpSecret(…)");
    }
}
