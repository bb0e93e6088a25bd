//! Where randomness comes from: always handed in, never taken.

/// A source of random bytes fit for secrets.
pub trait Chance: Send + Sync {
    /// Fills `bytes` with randomness.
    fn fill(&self, bytes: &mut [u8]);
}

/// For tests: bytes that go up by `step`, from `step` on.
#[cfg(test)]
pub(crate) fn counting(step: u8) -> impl Chance {
    struct Counting {
        last: std::sync::atomic::AtomicU8,
        step: u8,
    }
    impl Chance for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                let last = self.last.fetch_add(self.step, std::sync::atomic::Ordering::Relaxed);
                *byte = last.wrapping_add(self.step);
            }
        }
    }
    Counting { last: 0.into(), step }
}
