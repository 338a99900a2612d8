use tables::Direction;

use crate::aggregate::Aggregate;
use crate::benchmarks::Measured;
use crate::stats::BootstrapOptions;

/// Which values to correlate with, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Bootstrap resamples, at least 1.
    pub replicates: u32,
    /// Seed of the resamples.
    pub seed: u64,
    /// Coverage of the intervals, a fraction between 0 and 1.
    pub confidence: f64,
    /// Split of the values; `None` for the benchmark's own choice ([`crate::benchmarks`]).
    pub split: Option<String>,
    /// Metric of the values; `None` for the benchmark's own choice.
    pub metric: Option<String>,
    /// Length of the training schedule in epochs; `None` for the benchmark's own choice.
    pub epochs: Option<u32>,
    /// When in its training a network was measured; `None` for the benchmark's own choice.
    pub measured: Option<Measured>,
    /// Training run; `None` for the mean over runs.
    pub trial: Option<u32>,
    /// Seed of the scores; `None` if each proxy was scored with one seed only.
    pub score_seed: Option<u64>,
    /// Datasets, in order; empty for every scored one.
    pub datasets: Vec<String>,
    /// Proxies whose low scores claim the better network. It decides which end of a column a proxy would pick from;
    /// coefficients keep their sign.
    pub lower_is_better: Vec<String>,
    /// Combinations of proxies that are ranked beside them.
    pub aggregates: Vec<Aggregate>,
}

impl Default for Options {
    fn default() -> Self {
        let BootstrapOptions { replicates, confidence, seed } = BootstrapOptions::default();
        Self {
            replicates,
            seed,
            confidence,
            split: None,
            metric: None,
            epochs: None,
            measured: None,
            trial: None,
            score_seed: None,
            datasets: Vec::new(),
            lower_is_better: Vec::new(),
            aggregates: Vec::new(),
        }
    }
}

impl Options {
    /// The bootstrap's part.
    pub fn bootstrap(&self) -> BootstrapOptions {
        BootstrapOptions { replicates: self.replicates, confidence: self.confidence, seed: self.seed }
    }

    /// Which end of `proxy`'s scores claims the better network.
    pub fn direction(&self, proxy: &str) -> Direction {
        if self.lower_is_better.iter().any(|name| name == proxy) { Direction::LowerIsBetter } else { Direction::HigherIsBetter }
    }
}
