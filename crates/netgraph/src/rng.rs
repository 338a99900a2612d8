//! The portable counter-based random number generator behind every weight, batch and sample.
//!
//! A number is a pure function of `(seed, stream, i)`: no state, so it depends neither on order nor on threads or
//! machines. The mixing function is the finaliser of `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
//!
//! ```
//! assert_eq!(netgraph::rng::bits(0, 0, 0), 2_558_736_989_570_252_433);
//! ```

/// One round of `SplitMix64`: add the golden gamma, then mix. All arithmetic is modulo 2^64.
#[inline]
#[must_use]
pub const fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stream of random numbers, `(seed, stream)` mixed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream(u64);

impl Stream {
    /// The stream numbered `stream` under `seed`.
    #[inline]
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self(mix(mix(seed) ^ stream))
    }

    /// 64 random bits at position `i`.
    #[inline]
    #[must_use]
    pub const fn bits(self, i: u64) -> u64 {
        mix(self.0 ^ i)
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    #[inline]
    #[must_use]
    pub fn uniform(self, i: u64) -> f64 {
        (self.bits(i) >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal by Box and Muller from positions `2i` and `2i + 1` (modulo 2^64).
    #[inline]
    #[must_use]
    pub fn normal(self, i: u64) -> f64 {
        let even = i.wrapping_mul(2);
        let radius = (-2.0 * (1.0 - self.uniform(even)).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform(even.wrapping_add(1))).cos()
    }

    /// Uniform in `0..bound` without modulo bias, from the draws at `counter`, `counter + 1`, ...; moves `counter` past
    /// the draws used. Draws at or above the largest multiple of `bound` that fits in 64 bits are rejected.
    ///
    /// # Panics
    /// If `bound` is zero.
    #[must_use]
    pub fn below(self, counter: &mut u64, bound: u64) -> u64 {
        assert!(bound > 0, "below needs a positive bound");
        let rejected_from = u64::MAX - (u64::MAX % bound + 1) % bound;
        loop {
            let draw = self.bits(*counter);
            *counter = counter.wrapping_add(1);
            if draw <= rejected_from {
                return draw % bound;
            }
        }
    }

    /// The first `count` entries of a random permutation of `0..n` (a partial Fisher-Yates shuffle whose draws are
    /// [`Stream::below`], counter from 0). Fewer when `n < count`.
    #[must_use]
    pub fn sample(self, n: usize, count: usize) -> Vec<usize> {
        let mut items: Vec<usize> = (0..n).collect();
        let mut counter = 0;
        let count = count.min(n);
        for i in 0..count {
            let j = i + self.below(&mut counter, (n - i) as u64) as usize;
            items.swap(i, j);
        }
        items.truncate(count);
        items
    }
}

/// 64 random bits: `mix(mix(mix(seed) ^ stream) ^ i)`.
#[inline]
#[must_use]
pub const fn bits(seed: u64, stream: u64, i: u64) -> u64 {
    Stream::new(seed, stream).bits(i)
}

/// See [`Stream::uniform`].
#[inline]
#[must_use]
pub fn uniform(seed: u64, stream: u64, i: u64) -> f64 {
    Stream::new(seed, stream).uniform(i)
}

/// See [`Stream::normal`].
#[inline]
#[must_use]
pub fn normal(seed: u64, stream: u64, i: u64) -> f64 {
    Stream::new(seed, stream).normal(i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unreadable_literal, reason = "figures as they came")]
    // Six of the vectors computed with numpy by the specification's own Python form.
    const VECTORS: [(u64, u64, u64, u64, f64, f64); 6] = [
        (0, 0, 0, 2_558_736_989_570_252_433, 0.13870941014555427, 0.21902971165136337),
        (1, 1_000, 1, 5_836_118_404_801_988_928, 0.31637661266844763, 0.13595335282921833),
        (7, 0, 0, 11_241_344_834_629_033_336, 0.609394524568175, 1.3349809503093413),
        (7, 101, 5, 13_356_424_570_758_575_494, 0.7240532268127609, -0.26765252140075124),
        (9_223_372_036_854_775_808, 1_099_511_627_776, 8_589_934_592, 12_883_581_956_000_795_644, 0.6984203773045553, -0.30836951900009524),
        (18_446_744_073_709_551_615, 1, 999_999, 5_434_115_562_611_685_630, 0.2945839949260439, 0.47463742869225056),
    ];

    #[test]
    fn the_generator_equals_its_specification() {
        for (seed, stream, i, want_bits, want_uniform, want_normal) in VECTORS {
            assert_eq!(bits(seed, stream, i), want_bits);
            assert_eq!(uniform(seed, stream, i), want_uniform);
            assert!((normal(seed, stream, i) - want_normal).abs() < 1e-14);
        }
    }

    #[test]
    fn a_sample_is_a_part_of_a_permutation() {
        let mut all = Stream::new(3, 4).sample(100, 100);
        assert_eq!(all[..10], Stream::new(3, 4).sample(100, 10));
        all.sort_unstable();
        assert!(all.into_iter().eq(0..100));
        assert_eq!(Stream::new(3, 4).sample(5, 9).len(), 5);
    }

    #[test]
    fn draws_below_a_bound_are_even() {
        let (mut counter, mut seen) = (0, [0u32; 3]);
        for _ in 0..30_000 {
            seen[Stream::new(1, 2).below(&mut counter, 3) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| (9_600..10_400).contains(&n)), "{seen:?}");
    }
}
