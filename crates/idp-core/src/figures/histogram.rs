//! How long answers took: counted in buckets that grow by about a half, so that percentiles of many nodes and hours are
//! added up without keeping a single answer.

use std::time::Duration;

/// The upper bounds of the buckets in milliseconds; what takes longer than the last is in one bucket more.
pub const BOUNDS: [u32; 22] =
    [1, 2, 3, 5, 7, 10, 15, 22, 33, 50, 75, 110, 165, 250, 375, 560, 850, 1_300, 2_000, 3_000, 5_000, 10_000];
/// How many buckets there are.
pub const BUCKETS: usize = BOUNDS.len() + 1;

/// The bucket of an answer that took so long.
pub fn bucket_of(took: Duration) -> usize {
    BOUNDS.iter().position(|bound| took <= Duration::from_millis(u64::from(*bound))).unwrap_or(BOUNDS.len())
}

/// The time in milliseconds within which `share` of a hundred answers were given, as far as the buckets tell: between the
/// bounds of its bucket as if the answers were spread evenly. `None` when there were no answers.
pub fn percentile(counts: &[u64; BUCKETS], share: u32) -> Option<u32> {
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return None;
    }
    // The rank of the answer that is looked for, from one on.
    let rank = (total * u64::from(share)).div_ceil(100).max(1);
    let mut before = 0;
    for (bucket, count) in counts.iter().enumerate() {
        if before + count >= rank {
            let low = bucket.checked_sub(1).and_then(|below| BOUNDS.get(below)).copied().unwrap_or(0);
            let Some(high) = BOUNDS.get(bucket) else { return Some(low) };
            let part = u64::from(high - low) * (rank - before) / (*count).max(1);
            return Some(low + u32::try_from(part).unwrap_or(high - low));
        }
        before += count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_in_the_bucket_of_its_time() {
        let check = |micros: u64, bucket: usize| {
            assert_eq!(bucket_of(Duration::from_micros(micros)), bucket, "{micros}");
        };
        check(0, 0);
        check(1_000, 0);
        check(1_001, 1);
        check(9_999_000, 21);
        check(60_000_000, 22);
        assert!(BOUNDS.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn percentiles_are_between_the_bounds_of_their_bucket() {
        let mut counts = [0; BUCKETS];
        assert_eq!(percentile(&counts, 50), None);
        counts[5] = 98;
        counts[13] = 1;
        counts[22] = 1;
        let p50 = percentile(&counts, 50).unwrap();
        assert!(p50 > 7 && p50 <= 10, "{p50}");
        assert_eq!(percentile(&counts, 99), Some(250));
        assert_eq!(percentile(&counts, 100), Some(10_000), "longer than the last bound");
        assert_eq!(percentile(&[u64::from(u32::MAX); BUCKETS], 1).map(|p| p <= 1), Some(true));
    }
}
