//! Dense integer ranks of a column of finite numbers.

/// Dense ranks: equal numbers share a rank, and ranks have no gaps.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    /// Rank of every row, `0..distinct`.
    pub ranks: Vec<u32>,
    /// Number of different values.
    pub distinct: usize,
    /// The rows in ascending order of their value; equal values stand in row order.
    pub order: Vec<u32>,
}

/// Ranks `values`, which are finite and at most `u32::MAX` many. One sort of integers: `O(n)` passes for large columns
/// whose numbers differ in their leading 32 bits, `O(n log n)` at worst.
pub(super) fn dense(values: &[f64]) -> Dense {
    let mut keyed: Vec<(u64, u32)> = values.iter().zip(0_u32..).map(|(&value, row)| (sortable(value), row)).collect();
    sort(&mut keyed);
    let mut ranks = vec![0_u32; values.len()];
    let mut order = Vec::with_capacity(values.len());
    let mut rank = 0_u32;
    let mut previous = None;
    for &(key, row) in &keyed {
        if previous.is_some_and(|last| last != key) {
            rank += 1;
        }
        previous = Some(key);
        ranks[row as usize] = rank;
        order.push(row);
    }
    let distinct = if values.is_empty() { 0 } else { rank as usize + 1 };
    Dense { ranks, distinct, order }
}

/// Below this length a comparison sort is faster than clearing the histograms.
const RADIX_FROM: usize = 4096;
const DIGIT_BITS: u32 = 11;

/// Sorts by key, equal keys by row. `keyed` comes in row order.
fn sort(keyed: &mut Vec<(u64, u32)>) {
    if keyed.len() < RADIX_FROM {
        keyed.sort_unstable();
        return;
    }
    // Stable counting passes over the leading 33 bits, least significant digit first; they tell most numbers apart.
    let mut target = vec![(0_u64, 0_u32); keyed.len()];
    for shift in [31, 31 + DIGIT_BITS, 31 + 2 * DIGIT_BITS] {
        let digit = |key: u64| (key >> shift) as usize & ((1 << DIGIT_BITS) - 1);
        let mut places = [0_usize; 1 << DIGIT_BITS];
        for &(key, _) in keyed.iter() {
            places[digit(key)] += 1;
        }
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        for &entry in keyed.iter() {
            let place = &mut places[digit(entry.0)];
            target[*place] = entry;
            *place += 1;
        }
        std::mem::swap(keyed, &mut target);
    }
    for run in keyed.chunk_by_mut(|a, b| a.0 >> 31 == b.0 >> 31) {
        // Runs of ties are in row order already, since every pass is stable, and cost one look.
        run.sort_unstable();
    }
}

/// An integer that orders as the number does: the sign bit is flipped for positive numbers, every bit for negative ones.
/// Adding 0 turns -0 into +0, so the two tie.
fn sortable(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 0 { bits | (1 << 63) } else { !bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_share_a_rank_and_both_zeros_are_equal() {
        let dense = dense(&[3.5, -1.0, 0.0, -0.0, 3.5, -2e300]);
        assert_eq!(dense.ranks, [3, 1, 2, 2, 3, 0]);
        assert_eq!(dense.distinct, 4);
        assert_eq!(dense.order, [5, 1, 2, 3, 0, 4]);
    }

    #[test]
    fn a_long_column_ranks_as_a_comparison_sort_would() {
        // Three magnitudes, ties, both signs, and neighbours that differ in the last bit only.
        let values: Vec<f64> = (0..20_000_i32)
            .map(|i| match i % 4 {
                0 => f64::from(i * 7919 % 1009 - 500),
                1 => 1.0 + f64::from(i % 50) * f64::EPSILON,
                2 => -1e300 / f64::from(i),
                _ => f64::from(i % 3) * 1e-300,
            })
            .collect();
        let dense = dense(&values);
        let mut order: Vec<u32> = (0..20_000).collect();
        order.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
        assert_eq!(dense.order, order);
        for pair in order.windows(2) {
            let (low, high) = (pair[0] as usize, pair[1] as usize);
            assert_eq!(values[low] == values[high], dense.ranks[low] == dense.ranks[high]);
            assert!(dense.ranks[low] <= dense.ranks[high]);
        }
    }

    #[test]
    fn no_values_have_no_ranks() {
        assert_eq!(dense(&[]).distinct, 0);
    }
}
