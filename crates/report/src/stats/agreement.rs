//! How well two runs of one proxy agree: the score's own noise.

use super::error::{Column, StatsError};
use super::{PairCounts, Sample, rho_of};
use serde::Serialize;

/// Agreement of two columns of scores of the same architectures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Architectures scored in both runs.
    pub n: usize,
    /// Tau-b of the two columns; 1 means the same order.
    pub tau_b: f64,
    /// Spearman's rho of the two columns.
    pub rho: f64,
    /// Median of the relative differences, a fraction.
    pub median_relative: f64,
    /// Largest relative difference, a fraction in [0, 2].
    pub max_relative: f64,
    /// Architectures whose two scores are the same number.
    pub equal: usize,
}

impl Agreement {
    /// Compares `base` with `other`, row by row.
    ///
    /// The relative difference of a and b is |a - b| / max(|a|, |b|), and 0 where both are 0. The median of an even
    /// number of rows is the mean of the middle two.
    ///
    /// # Errors
    /// Columns of different lengths, fewer than two rows, NaN or infinities, a constant column.
    ///
    /// ```
    /// let agreement = report::stats::Agreement::of(&[1.0, 2.0, 4.0], &[1.0, 2.0, 8.0])?;
    /// assert_eq!((agreement.tau_b, agreement.equal, agreement.max_relative), (1.0, 2, 0.5));
    /// # Ok::<(), report::stats::StatsError>(())
    /// ```
    pub fn of(base: &[f64], other: &[f64]) -> Result<Self, StatsError> {
        let sample = Sample::new(base, other)?;
        let mut differences: Vec<f64> = base.iter().zip(other).map(|(&a, &b)| relative(a, b)).collect();
        if let Some(row) = differences.iter().position(|difference| !difference.is_finite()) {
            return Err(StatsError::NonFinite { column: Column::Value, row, value: other[row] });
        }
        differences.sort_unstable_by(f64::total_cmp);
        let n = differences.len();
        let median_relative = f64::midpoint(differences[(n - 1) / 2], differences[n / 2]);
        Ok(Self {
            n,
            tau_b: PairCounts::of(&sample).tau_b(),
            rho: rho_of(&sample),
            median_relative,
            max_relative: differences[n - 1],
            equal: base.iter().zip(other).filter(|(a, b)| a == b).count(),
        })
    }
}

fn relative(a: f64, b: f64) -> f64 {
    let scale = a.abs().max(b.abs());
    // Both are divided first, so that the difference of two huge numbers of opposite sign stays finite.
    if scale == 0.0 { 0.0 } else { (a / scale - b / scale).abs() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_differences_are_symmetric_bounded_and_zero_for_equal_zeros() {
        assert_eq!(relative(0.0, 0.0), 0.0);
        assert_eq!(relative(1e308, -1e308), 2.0);
        assert_eq!(relative(2.0, 1.0), relative(1.0, 2.0));
    }
}
