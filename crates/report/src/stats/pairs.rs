//! Exact counts of concordant, discordant and tied pairs (Knight, JASA 1966).

use super::sample::{Sample, SortedRanks};

/// Numbers of unordered pairs of rows by how the two columns order them. All exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairCounts {
    /// All pairs, n (n - 1) / 2.
    pub total: u64,
    /// Pairs with equal scores.
    pub tied_scores: u64,
    /// Pairs with equal values.
    pub tied_values: u64,
    /// Pairs equal in both columns; they count in `tied_scores` and in `tied_values` too.
    pub tied_both: u64,
    /// Pairs the two columns order in opposite directions.
    pub discordant: u64,
}

impl PairCounts {
    /// Counts the pairs of `sample` in `O(n log n)`.
    pub fn of(sample: &Sample) -> Self {
        Self::of_ranks(sample.ranks(), &mut Scratch::default())
    }

    /// Pairs ordered the same way by both columns.
    pub fn concordant(&self) -> u64 {
        // Inclusion and exclusion: a pair tied in both columns was subtracted twice.
        self.total + self.tied_both - self.tied_scores - self.tied_values - self.discordant
    }

    /// Concordant minus discordant pairs, the numerator of every tau.
    pub fn balance(&self) -> i64 {
        self.concordant() as i64 - self.discordant as i64
    }

    /// Kendall's tau-b of the sample that was counted.
    pub fn tau_b(&self) -> f64 {
        super::tau_b::of(self)
    }

    /// Kendall's tau-a of the sample that was counted.
    pub fn tau_a(&self) -> f64 {
        super::tau_a::of(self)
    }

    pub(super) fn of_ranks(ranks: &SortedRanks, scratch: &mut Scratch) -> Self {
        scratch.histogram.clear();
        scratch.histogram.resize(ranks.distinct_values, 0);
        for &value in &ranks.values {
            scratch.histogram[value as usize] += 1;
        }
        let tied_values = scratch.histogram.iter().map(|&count| pairs(u64::from(count))).sum();
        let tied_scores = runs(ranks.scores.iter()).map(pairs).sum();
        let tied_both = runs(ranks.scores.iter().zip(&ranks.values)).map(pairs).sum();
        scratch.values.clone_from(&ranks.values);
        let discordant = inversions(&mut scratch.values, &mut scratch.merged);
        Self { total: pairs(ranks.values.len() as u64), tied_scores, tied_values, tied_both, discordant }
    }
}

/// Buffers reused from one count to the next, so that a bootstrap allocates once per thread.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    histogram: Vec<u32>,
    values: Vec<u32>,
    merged: Vec<u32>,
}

pub(super) const fn pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// Lengths of the runs of equal neighbours.
fn runs<T: PartialEq>(entries: impl Iterator<Item = T>) -> impl Iterator<Item = u64> {
    let mut entries = entries.peekable();
    std::iter::from_fn(move || {
        let first = entries.next()?;
        let mut length = 1;
        while entries.next_if(|next| *next == first).is_some() {
            length += 1;
        }
        Some(length)
    })
}

/// Blocks up to this length are sorted by insertion, which beats merging there.
const BLOCK: usize = 16;

/// Columns up to this length are counted on one thread; a bootstrap is parallel over its replicates already.
const SERIAL: usize = 1 << 15;

/// Number of pairs i < j with `values[i] > values[j]`; sorts `values`. Merge sort, `O(n log n)`.
fn inversions(values: &mut Vec<u32>, merged: &mut Vec<u32>) -> u64 {
    let n = values.len();
    merged.clear();
    merged.resize(n, 0);
    if n <= SERIAL {
        return inversions_serial(values, merged);
    }
    let half = n / 2;
    let (left, right) = values.split_at_mut(half);
    let (left_merged, right_merged) = merged.split_at_mut(half);
    let (in_left, in_right) = rayon::join(|| inversions_serial(left, left_merged), || inversions_serial(right, right_merged));
    let across = merge(values, half, merged);
    std::mem::swap(values, merged);
    in_left + in_right + across
}

/// Bottom-up merge sort of `values` with `merged`, of the same length, as second buffer.
fn inversions_serial(values: &mut [u32], merged: &mut [u32]) -> u64 {
    let n = values.len();
    let mut count = 0_u64;
    for block in values.chunks_mut(BLOCK) {
        for end in 1..block.len() {
            let moving = block[end];
            let mut place = end;
            while place > 0 && block[place - 1] > moving {
                block[place] = block[place - 1];
                place -= 1;
            }
            block[place] = moving;
            count += (end - place) as u64;
        }
    }
    let (mut source, mut target) = (values, merged);
    let mut width = BLOCK;
    let mut swapped = false;
    while width < n {
        for (from, into) in source.chunks(2 * width).zip(target.chunks_mut(2 * width)) {
            count += merge(from, width, into);
        }
        std::mem::swap(&mut source, &mut target);
        swapped = !swapped;
        width *= 2;
    }
    if swapped {
        target.copy_from_slice(source);
    }
    count
}

/// Merges the sorted halves `source[..width]` and `source[width..]` and counts the pairs that swap sides.
fn merge(source: &[u32], width: usize, target: &mut [u32]) -> u64 {
    let (left, right) = source.split_at(width.min(source.len()));
    // Halves already in order are common in correlated columns, and a copy is far cheaper than a merge.
    if right.is_empty() || left[left.len() - 1] <= right[0] {
        target.copy_from_slice(source);
        return 0;
    }
    let (mut i, mut j, mut count) = (0, 0, 0_u64);
    let mut out = 0;
    while i < left.len() && j < right.len() {
        // Without a branch: which side is smaller is a coin toss that no predictor learns.
        let take_right = right[j] < left[i];
        target[out] = if take_right { right[j] } else { left[i] };
        count += if take_right { (left.len() - i) as u64 } else { 0 };
        i += usize::from(!take_right);
        j += usize::from(take_right);
        out += 1;
    }
    target[out..out + left.len() - i].copy_from_slice(&left[i..]);
    out += left.len() - i;
    target[out..].copy_from_slice(&right[j..]);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_counted_sample_with_ties_in_both_columns() -> Result<(), crate::stats::StatsError> {
        // Pairs (i, j): (0,1) tied in both; (0,2), (1,2) concordant; (0,3), (1,3) discordant; (2,3) tied in score.
        let counts = PairCounts::of(&Sample::new(&[1.0, 1.0, 2.0, 2.0], &[5.0, 5.0, 9.0, 1.0])?);
        let expected = PairCounts { total: 6, tied_scores: 2, tied_values: 1, tied_both: 1, discordant: 2 };
        assert_eq!(counts, expected);
        assert_eq!((counts.concordant(), counts.balance()), (2, 0));
        Ok(())
    }

    #[test]
    fn a_reversed_column_has_every_pair_inverted() {
        // One length below and one above the limit for a second thread.
        for n in [1000, 40_001] {
            let mut values: Vec<u32> = (0..n).rev().collect();
            assert_eq!(inversions(&mut values, &mut Vec::new()), u64::from(n) * u64::from(n - 1) / 2);
            assert!(values.is_sorted());
        }
    }
}
