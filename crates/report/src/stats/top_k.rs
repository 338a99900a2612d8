//! What a proxy would pick: the accuracy of its k highest-ranked architectures, and what that costs against the best.

use super::error::{Column, StatsError};
use super::{Metric, Sample};
use serde::Serialize;
use tables::Direction;

/// Metadata of the top-1 accuracy.
pub const TOP_1: Metric = Metric {
    name: "top_1",
    title: "Value of the first pick",
    symbol: "top-1",
    formula: "mean value of the architectures with the highest score",
    unit: "percent",
    direction: Direction::HigherIsBetter,
    paper: "https://arxiv.org/abs/2301.11300",
    compute: |sample| Ok(TopK::of_sample(sample, 1)?.mean),
};

/// Metadata of the top-10 accuracy.
pub const TOP_10: Metric = Metric {
    name: "top_10",
    title: "Mean value of the first ten picks",
    symbol: "top-10",
    formula: "mean value of the ten architectures with the highest scores, ties at the edge weighted",
    unit: "percent",
    direction: Direction::HigherIsBetter,
    paper: "https://arxiv.org/abs/2301.11300",
    compute: |sample| Ok(TopK::of_sample(sample, 10)?.mean),
};

/// Metadata of the top-1 regret.
pub const REGRET: Metric = Metric {
    name: "regret",
    title: "Regret of the first pick",
    symbol: "regret",
    formula: "best value of the sample - top-1",
    unit: "percentage points",
    direction: Direction::LowerIsBetter,
    paper: "https://arxiv.org/abs/2301.11300",
    compute: |sample| Ok(TopK::of_sample(sample, 1)?.regret),
};

/// The k rows a score ranks first.
///
/// # Conventions
/// Ties across the edge of the top k are shared out: each tied row counts with the same fraction, which is the expected
/// value of breaking ties at random. So no number but `first` and `best` depends on the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TopK {
    /// How many rows were asked for.
    pub k: usize,
    /// Expected mean value of the k rows, in the unit of the values.
    pub mean: f64,
    /// Best value among the k rows; ties are broken towards the earlier row.
    pub best: f64,
    /// Row ranked first; ties are broken towards the earlier row.
    pub first: usize,
    /// Rows that share the score of the k-th row, which is 1 without ties.
    pub tied_at_edge: usize,
    /// Best value of all rows.
    pub best_of_all: f64,
    /// Distance of `mean` from the best of all rows, at least 0.
    pub regret: f64,
}

impl TopK {
    /// The k best rows by `scores`, where `score_direction` and `value_direction` say which end of a column is good.
    /// A sample of fewer than k rows is an error. `O(n log n)`.
    ///
    /// # Errors
    /// Columns of different lengths, k = 0, fewer than k rows, NaN or infinities.
    ///
    /// ```
    /// use report::stats::TopK;
    /// use tables::Direction::HigherIsBetter as Higher;
    /// let top = TopK::of(&[3.0, 7.0, 7.0], &[91.0, 90.0, 94.0], 1, Higher, Higher)?;
    /// assert_eq!((top.mean, top.first, top.tied_at_edge, top.regret), (92.0, 1, 2, 2.0));
    /// # Ok::<(), report::stats::StatsError>(())
    /// ```
    pub fn of(
        scores: &[f64],
        values: &[f64],
        k: usize,
        score_direction: Direction,
        value_direction: Direction,
    ) -> Result<Self, StatsError> {
        if scores.len() != values.len() {
            return Err(StatsError::Lengths { scores: scores.len(), values: values.len() });
        }
        if k == 0 || scores.len() < k {
            return Err(StatsError::TooFew { needed: k.max(1), got: scores.len().min(k) });
        }
        for (column, entries) in [(Column::Score, scores), (Column::Value, values)] {
            if let Some(row) = entries.iter().position(|entry| !entry.is_finite()) {
                return Err(StatsError::NonFinite { column, row, value: entries[row] });
            }
        }
        // `+ 0.0` makes the two zeros equal, as everywhere in this module.
        let goodness = |row: usize| signed(scores[row], score_direction) + 0.0;
        let mut rows: Vec<usize> = (0..scores.len()).collect();
        rows.sort_by(|&a, &b| goodness(b).total_cmp(&goodness(a)));
        let edge = goodness(rows[k - 1]);
        let above = rows.partition_point(|&row| goodness(row) > edge);
        let through = rows.partition_point(|&row| goodness(row) >= edge);
        let tied_at_edge = through - above;
        let sum_of = |rows: &[usize]| rows.iter().map(|&row| values[row]).sum::<f64>();
        let edge_mean = sum_of(&rows[above..through]) / tied_at_edge as f64;
        let mean = (sum_of(&rows[..above]) + (k - above) as f64 * edge_mean) / k as f64;
        let best = best_of(rows[..k].iter().map(|&row| values[row]), value_direction);
        let best_of_all = best_of(values.iter().copied(), value_direction);
        let regret = (signed(best_of_all, value_direction) - signed(mean, value_direction)).max(0.0);
        Ok(Self { k, mean, best, first: rows[0], tied_at_edge, best_of_all, regret })
    }

    /// Both columns higher-is-better, which is how a metric of the registry reads a sample.
    fn of_sample(sample: &Sample, k: usize) -> Result<Self, StatsError> {
        Self::of(sample.scores(), sample.values(), k, Direction::HigherIsBetter, Direction::HigherIsBetter)
    }
}

fn signed(value: f64, direction: Direction) -> f64 {
    match direction {
        Direction::HigherIsBetter => value,
        Direction::LowerIsBetter => -value,
    }
}

fn best_of(values: impl Iterator<Item = f64>, direction: Direction) -> f64 {
    let best = values.map(|value| signed(value, direction)).fold(f64::NEG_INFINITY, f64::max);
    signed(best, direction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{HigherIsBetter, LowerIsBetter};

    #[test]
    fn ties_at_the_edge_are_shared_out() -> Result<(), StatsError> {
        let top = TopK::of(&[9.0, 5.0, 5.0, 5.0, 1.0], &[80.0, 70.0, 40.0, 10.0, 99.0], 2, HigherIsBetter, HigherIsBetter)?;
        assert_eq!(top.mean, f64::midpoint(80.0, 40.0));
        assert_eq!((top.tied_at_edge, top.first, top.best, top.best_of_all), (3, 0, 80.0, 99.0));
        Ok(())
    }

    #[test]
    fn a_lower_is_better_score_picks_its_smallest() -> Result<(), StatsError> {
        let top = TopK::of(&[3.0, 1.0, 2.0], &[0.3, 0.1, 0.2], 1, LowerIsBetter, LowerIsBetter)?;
        assert_eq!((top.mean, top.first, top.regret), (0.1, 1, 0.0));
        Ok(())
    }

    #[test]
    fn more_picks_than_rows_are_an_error() {
        let error = TopK::of(&[1.0], &[1.0], 10, HigherIsBetter, HigherIsBetter);
        assert_eq!(error, Err(StatsError::TooFew { needed: 10, got: 1 }));
    }
}
