use crate::record::record;
use crate::{Direction, Kind, Table};

/// Measured values of trained architectures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {}

/// A [`Table`] of [`BenchRow`]s.
pub type BenchTable = Table<Bench>;

record! {
    /// One measured value: an architecture, trained on a dataset, looked at on a split after some epochs.
    pub struct BenchRow<'a> {
        /// Search space.
        pub space: &'a str,
        /// Official string of the architecture.
        pub arch: &'a str,
        /// Official index, where the space has one.
        pub index: Option<u32>,
        /// Dataset it was trained on.
        pub dataset: &'a str,
        /// Split the value was measured on: `train`, `valid`, `test`.
        pub split: &'a str,
        /// What was measured: `accuracy`, ...
        pub metric: &'a str,
        /// Unit of the value. Accuracies are in `percent` in every table.
        pub unit: &'a str,
        /// Which values are the better ones.
        pub direction: Direction,
        /// Epochs of training.
        pub epochs: u32,
        /// Seed of the training run, as the benchmark numbers it; `None` for the mean over its runs.
        pub trial: Option<u32>,
        /// The value; finite.
        pub value: f64,
    }
}

impl Kind for Bench {
    type Row<'a> = BenchRow<'a>;
    const NAME: &'static str = "bench";
    const KEY: &'static [&'static str] = &["space", "arch", "dataset", "split", "metric", "epochs", "trial"];
}
