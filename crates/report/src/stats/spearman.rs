//! Spearman's rho: the linear correlation of average ranks.

use super::sample::SortedRanks;
use super::{Metric, Sample, StatsError};
use tables::Direction;

/// Metadata of the statistic and its code.
pub const METRIC: Metric = Metric {
    name: "rho",
    title: "Spearman's rho",
    symbol: "ρ",
    formula: "Pearson correlation of the ranks, tied entries sharing the mean of their ranks",
    unit: "1",
    direction: Direction::HigherIsBetter,
    paper: "https://doi.org/10.2307/1412159",
    compute: |sample| Ok(rho_of(sample)),
};

/// Rho of two columns, in [-1, 1]; the sign is that of score against value. `O(n log n)`.
///
/// # Errors
/// Whatever [`Sample::new`] refuses: a constant column has no rho.
///
/// ```
/// let rho = report::stats::rho(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0])?;
/// assert_eq!(rho, 0.8);
/// # Ok::<(), report::stats::StatsError>(())
/// ```
pub fn rho(scores: &[f64], values: &[f64]) -> Result<f64, StatsError> {
    Ok(rho_of(&Sample::new(scores, values)?))
}

/// Rho of a sample that is ranked already. `O(n)`.
pub fn rho_of(sample: &Sample) -> f64 {
    of_ranks(sample.ranks(), &mut Scratch::default())
}

/// Centred average ranks by dense rank, doubled so that they are integers; reused by the bootstrap.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    scores: Vec<i64>,
    values: Vec<i64>,
}

/// Rho from dense ranks that are not constant. Sums are exact integers, so their order does not matter.
pub(super) fn of_ranks(ranks: &SortedRanks, scratch: &mut Scratch) -> f64 {
    let n = ranks.scores.len() as i64;
    let square_scores = centred(&ranks.scores, ranks.distinct_scores, n, &mut scratch.scores);
    let square_values = centred(&ranks.values, ranks.distinct_values, n, &mut scratch.values);
    // A doubled centred rank is below n <= 2^32, so a product fits in 64 bits and their sum needs more.
    let mut product = 0_i128;
    for (&score, &value) in ranks.scores.iter().zip(&ranks.values) {
        product += i128::from(scratch.scores[score as usize] * scratch.values[value as usize]);
    }
    // Equal sums of squares give exactly 1 or -1 when the product is taken before the root.
    product as f64 / (square_scores as f64 * square_values as f64).sqrt()
}

/// Writes 2 (average rank) - (n + 1) of every dense rank and returns the sum of their squares over all rows.
fn centred(ranks: &[u32], distinct: usize, n: i64, out: &mut Vec<i64>) -> i128 {
    out.clear();
    out.resize(distinct, 0);
    for &rank in ranks {
        out[rank as usize] += 1;
    }
    let mut before = 0;
    let mut squares = 0_i128;
    for entry in out.iter_mut() {
        let count = *entry;
        // Ranks before + 1 ..= before + count have the mean before + (count + 1) / 2.
        *entry = 2 * before + count + 1 - (n + 1);
        squares += i128::from(*entry) * i128::from(*entry) * i128::from(count);
        before += count;
    }
    squares
}
