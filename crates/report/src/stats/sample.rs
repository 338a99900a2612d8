//! A validated sample of (score, value) pairs with its integer ranks.

use super::error::{Column, StatsError};
use super::rank;

/// Pairs of a score and a measured value, checked and ranked once; every statistic reads it.
///
/// Both columns are finite, equally long and not constant, and there are at least two pairs.
/// Ties are equality of `f64` values, with -0 equal to 0.
///
/// ```
/// use report::stats::Sample;
/// let sample = Sample::from_optional(&[Some(1.0), None, Some(3.0)], &[91.0, 92.0, 93.0])?;
/// assert_eq!((sample.len(), sample.n_missing()), (2, 1));
/// # Ok::<(), report::stats::StatsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sample {
    scores: Vec<f64>,
    values: Vec<f64>,
    n_missing: usize,
    ranks: SortedRanks,
}

/// Dense ranks of all pairs, ordered by (score, value): entry `i` of both columns belongs to the same pair.
#[derive(Clone, Debug)]
pub(super) struct SortedRanks {
    /// Dense rank of the score, `0..distinct_scores`, ascending.
    pub scores: Vec<u32>,
    /// Dense rank of the value, `0..distinct_values`, ascending within equal scores.
    pub values: Vec<u32>,
    pub distinct_scores: usize,
    pub distinct_values: usize,
}

impl Sample {
    /// A sample of complete pairs. `O(n log n)`.
    ///
    /// # Errors
    /// Columns of different lengths, fewer than two pairs, NaN or infinities, a constant column.
    pub fn new(scores: &[f64], values: &[f64]) -> Result<Self, StatsError> {
        check_lengths(scores.len(), values.len())?;
        Self::build(scores.to_vec(), values.to_vec(), 0)
    }

    /// A sample that leaves out and counts the pairs without a score.
    ///
    /// # Errors
    /// As [`Sample::new`], judged on what is left; a row number counts the rows before anything was left out.
    pub fn from_optional(scores: &[Option<f64>], values: &[f64]) -> Result<Self, StatsError> {
        check_lengths(scores.len(), values.len())?;
        let mut kept_scores = Vec::with_capacity(scores.len());
        let mut kept_values = Vec::with_capacity(scores.len());
        for (row, (score, &value)) in scores.iter().zip(values).enumerate() {
            let Some(score) = *score else { continue };
            check_finite(Column::Score, row, score)?;
            check_finite(Column::Value, row, value)?;
            kept_scores.push(score);
            kept_values.push(value);
        }
        let n_missing = scores.len() - kept_scores.len();
        Self::build(kept_scores, kept_values, n_missing)
    }

    fn build(scores: Vec<f64>, values: Vec<f64>, n_missing: usize) -> Result<Self, StatsError> {
        let n = scores.len();
        if n < 2 {
            return Err(StatsError::TooFew { needed: 2, got: n });
        }
        let limit = u32::MAX as usize;
        if n > limit {
            return Err(StatsError::TooMany { limit, got: n });
        }
        for (row, (&score, &value)) in scores.iter().zip(&values).enumerate() {
            check_finite(Column::Score, row, score)?;
            check_finite(Column::Value, row, value)?;
        }
        let (score_ranks, value_ranks) = rayon::join(|| rank::dense(&scores), || rank::dense(&values));
        for (column, ranks, entries) in [(Column::Score, &score_ranks, &scores), (Column::Value, &value_ranks, &values)] {
            if ranks.distinct == 1 {
                return Err(StatsError::Constant { column, n, value: entries[0] });
            }
        }
        let ranks = SortedRanks::new(&score_ranks, &value_ranks);
        Ok(Self { scores, values, n_missing, ranks })
    }

    /// Number of complete pairs, at least 2.
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Always false: an empty sample cannot be built.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Number of pairs left out because their score is missing.
    pub fn n_missing(&self) -> usize {
        self.n_missing
    }

    /// The scores of the complete pairs, in the order they came.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The values of the complete pairs, in the order they came.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn ranks(&self) -> &SortedRanks {
        &self.ranks
    }
}

impl SortedRanks {
    /// Two linear passes: the order by value is already known, and a stable counting sort by score keeps it within ties.
    fn new(scores: &rank::Dense, values: &rank::Dense) -> Self {
        let n = scores.ranks.len();
        let mut next = vec![0_u32; scores.distinct + 1];
        for &rank in &scores.ranks {
            next[rank as usize + 1] += 1;
        }
        for group in 1..next.len() {
            next[group] += next[group - 1];
        }
        let mut sorted =
            Self { scores: vec![0; n], values: vec![0; n], distinct_scores: scores.distinct, distinct_values: values.distinct };
        for &row in &values.order {
            let score = scores.ranks[row as usize];
            let place = &mut next[score as usize];
            sorted.scores[*place as usize] = score;
            sorted.values[*place as usize] = values.ranks[row as usize];
            *place += 1;
        }
        sorted
    }
}

fn check_lengths(scores: usize, values: usize) -> Result<(), StatsError> {
    if scores == values { Ok(()) } else { Err(StatsError::Lengths { scores, values }) }
}

fn check_finite(column: Column, row: usize, value: f64) -> Result<(), StatsError> {
    if value.is_finite() { Ok(()) } else { Err(StatsError::NonFinite { column, row, value }) }
}
