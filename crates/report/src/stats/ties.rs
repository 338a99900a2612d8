//! How much of a column is tied.

use super::rank;
use serde::Serialize;

/// Ties within one column of finite numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ties {
    /// Unordered pairs of equal entries.
    pub pairs: u64,
    /// Entries that equal at least one other.
    pub entries: u64,
    /// Size of the largest group of equal entries (1 without ties, 0 for an empty column).
    pub largest: u64,
    /// Number of different values.
    pub distinct: u64,
}

impl Ties {
    /// Counts the ties of `values` (finite; -0 equals 0) in `O(n log n)`.
    ///
    /// ```
    /// let ties = report::stats::Ties::of(&[2.0, 1.0, 2.0, 2.0]);
    /// assert_eq!((ties.pairs, ties.entries, ties.largest, ties.distinct), (3, 3, 3, 2));
    /// ```
    pub fn of(values: &[f64]) -> Self {
        let dense = rank::dense(values);
        let mut groups = vec![0_u64; dense.distinct];
        for &rank in &dense.ranks {
            groups[rank as usize] += 1;
        }
        Self {
            pairs: groups.iter().map(|&size| super::pairs::pairs(size)).sum(),
            entries: groups.iter().filter(|&&size| size > 1).sum(),
            largest: groups.iter().copied().max().unwrap_or(0),
            distinct: groups.len() as u64,
        }
    }
}
