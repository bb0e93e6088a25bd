//! Verification: tries within their limits ([`tries`]), the step from temporary to permanent, which one account takes for each
//! person ([`promotion`]), and the way back ([`withdrawal`]).

mod identity;
mod promotion;
mod tries;
mod withdrawal;

pub(crate) use identity::{SealedIdentity, identity_place, sealed_identity};
pub use promotion::{Promotion, PromotionOrder, Word};
pub use tries::{CaseLimits, Opened};

use sha2::{Digest as _, Sha256};

/// The lock that all transactions about the same thing take.
pub(crate) fn lock_key(parts: &[&[u8]]) -> i64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    i64::from_be_bytes(*digest.first_chunk().expect("a digest is longer than eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_lock_do_not_run_together() {
        assert_ne!(lock_key(&[b"ab", b"c"]), lock_key(&[b"a", b"bc"]));
    }
}
