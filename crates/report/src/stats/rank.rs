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

/// Ranks `values`, which are finite and at most `u32::MAX` many. `O(n log n)`, one sort of integers.
pub(super) fn dense(values: &[f64]) -> Dense {
    let mut keyed: Vec<(u64, u32)> = values.iter().zip(0_u32..).map(|(&value, row)| (sortable(value), row)).collect();
    keyed.sort_unstable();
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
    fn no_values_have_no_ranks() {
        assert_eq!(dense(&[]).distinct, 0);
    }
}
