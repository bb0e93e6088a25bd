//! Where randomness comes from: always handed in, never taken.

/// A source of random bytes fit for secrets.
pub trait Chance: Send + Sync {
    /// Fills `bytes` with randomness.
    fn fill(&self, bytes: &mut [u8]);
}
