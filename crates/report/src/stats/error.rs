//! Why a statistic has no value.

use std::fmt;

/// Which of the two columns of a sample an error speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The first column: the proxy's score.
    Score,
    /// The second column: the measured value, an accuracy in percent for instance.
    Value,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Score => "score",
            Self::Value => "value",
        })
    }
}

/// Reads after "failed to compute the statistic:".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// The two columns cannot be paired.
    #[error("columns of different lengths: {scores} scores, {values} values")]
    Lengths {
        /// Number of scores.
        scores: usize,
        /// Number of values.
        values: usize,
    },
    /// Fewer pairs than the statistic needs.
    #[error("needs at least {needed} complete pairs, got {got}")]
    TooFew {
        /// The smallest sample for which the statistic is defined.
        needed: usize,
        /// Complete pairs that came.
        got: usize,
    },
    /// More pairs than 32-bit ranks can number.
    #[error("takes at most {limit} pairs, got {got}")]
    TooMany {
        /// The largest sample that can be ranked.
        limit: usize,
        /// Pairs that came.
        got: usize,
    },
    /// Every entry of a column is the same, so it ranks nothing.
    #[error("the {column} column is constant: all {n} entries equal {value}")]
    Constant {
        /// The column without any order.
        column: Column,
        /// Number of pairs.
        n: usize,
        /// The one value.
        value: f64,
    },
    /// NaN or an infinity stands in a column; a missing score is a `None`, never a sentinel.
    #[error("the {column} column holds {value} in row {row}, expected a finite number")]
    NonFinite {
        /// The column of the offending entry.
        column: Column,
        /// Its row, counted from 0.
        row: usize,
        /// What stands there.
        value: f64,
    },
    /// A parameter of the statistic is out of range.
    #[error("{name} must be {expected}, got {got}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// Its legal range in words.
        expected: &'static str,
        /// What came.
        got: f64,
    },
}
