use crate::record::record;
use crate::{Direction, Kind, Table};

/// Measured values of trained architectures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {}

/// A [`Table`] of [`BenchRow`]s, in ascending order of their key.
pub type BenchTable = Table<Bench>;

record! {
    /// One measured value: an architecture, trained on a dataset, looked at on a split after some epochs.
    pub struct BenchRow<'a> {
        /// Search space.
        pub space: &'a str,
        /// Official string of the architecture; in `nb101` the hash of its module (32 hexadecimal digits).
        pub arch: &'a str,
        /// Official index, where the space has one.
        pub index: Option<u32>,
        /// Dataset it was trained on, in lower case; in `tnb101` the task.
        pub dataset: &'a str,
        /// Split the value was measured on: `train`, `valid`, `test` or `valtest` (validation and test together).
        pub split: &'a str,
        /// What was measured: `accuracy`, `loss`, `time`, ...
        pub metric: &'a str,
        /// Unit of the value. Accuracies are in `percent` in every table; times are in `seconds`.
        pub unit: &'a str,
        /// Which values are the better ones.
        pub direction: Direction,
        /// Length of the training schedule in epochs. Schedules of different length are different trainings.
        pub epochs: u32,
        /// When it was measured, in epochs from 1; equal to `epochs` at the end of training; `None` at the best epoch by
        /// this metric.
        pub epoch: Option<u32>,
        /// The training run: its seed, as the benchmark numbers it, or in `nb101` 0, 1, 2 in the order of the file; `None`
        /// for the mean over the runs.
        pub trial: Option<u32>,
        /// The value; finite.
        pub value: f64,
    }
}

impl Kind for Bench {
    type Row<'a> = BenchRow<'a>;
    const NAME: &'static str = "bench";
    const SCHEMA_VERSION: u32 = 2;
    const REMAKE: &'static str = "make it again: zico ingest BENCHMARK --out FILE";
    const KEY: &'static [&'static str] = &["space", "arch", "dataset", "split", "metric", "epochs", "epoch", "trial"];
    const STREAMED: bool = true;
}
