//! Kendall's tau-b: pair agreement corrected for ties in either column.

use super::{Metric, PairCounts, Sample, StatsError};
use tables::Direction;

/// Metadata of the statistic and its code.
pub const METRIC: Metric = Metric {
    name: "tau_b",
    title: "Kendall's tau-b",
    symbol: "τ-b",
    formula: "(concordant - discordant) / sqrt((pairs - tied scores) (pairs - tied values))",
    unit: "1",
    direction: Direction::HigherIsBetter,
    paper: "https://doi.org/10.1093/biomet/33.3.239",
    compute: |sample| Ok(of(&PairCounts::of(sample))),
};

/// Tau-b of two columns, in [-1, 1]; the sign is that of score against value. `O(n log n)`.
///
/// # Errors
/// Whatever [`Sample::new`] refuses: a constant column has no tau-b.
///
/// ```
/// let tau = report::stats::tau_b(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0])?;
/// assert_eq!(tau, 4.0 / 6.0);
/// # Ok::<(), report::stats::StatsError>(())
/// ```
pub fn tau_b(scores: &[f64], values: &[f64]) -> Result<f64, StatsError> {
    Ok(of(&PairCounts::of(&Sample::new(scores, values)?)))
}

/// Tau-b from exact counts, in which neither column is constant.
pub(super) fn of(counts: &PairCounts) -> f64 {
    let ordered_by_score = (counts.total - counts.tied_scores) as f64;
    let ordered_by_value = (counts.total - counts.tied_values) as f64;
    // The product is taken before the root, so that two equal factors give exactly 1 or -1; both are below 2^63.
    counts.balance() as f64 / (ordered_by_score * ordered_by_value).sqrt()
}
