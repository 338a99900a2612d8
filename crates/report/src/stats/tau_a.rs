//! Kendall's tau-a: pair agreement over all pairs, where a tie is half a mistake.

use super::{Metric, PairCounts, Sample, StatsError};
use tables::Direction;

/// Metadata of the statistic and its code.
pub const METRIC: Metric = Metric {
    name: "tau_a",
    title: "Kendall's tau-a",
    symbol: "τ-a",
    formula: "(concordant - discordant) / pairs",
    unit: "1",
    direction: Direction::HigherIsBetter,
    paper: "https://doi.org/10.1093/biomet/30.1-2.81",
    compute: |sample| Ok(of(&PairCounts::of(sample))),
};

/// Tau-a of two columns, in [-1, 1]; never farther from 0 than tau-b. `O(n log n)`.
///
/// # Errors
/// Whatever [`Sample::new`] refuses. A constant column would give 0, but it is an error here too: it ranks nothing.
///
/// ```
/// let tau = report::stats::tau_a(&[1.0, 1.0, 2.0], &[1.0, 2.0, 3.0])?;
/// assert_eq!(tau, 2.0 / 3.0);
/// # Ok::<(), report::stats::StatsError>(())
/// ```
pub fn tau_a(scores: &[f64], values: &[f64]) -> Result<f64, StatsError> {
    Ok(of(&PairCounts::of(&Sample::new(scores, values)?)))
}

/// Tau-a from exact counts of at least one pair.
pub(super) fn of(counts: &PairCounts) -> f64 {
    counts.balance() as f64 / counts.total as f64
}
