//! Percentile bootstrap of tau-a, tau-b and rho, seeded and the same for every number of threads.

use super::error::StatsError;
use super::sample::SortedRanks;
use super::{PairCounts, Sample, pairs, spearman, tau_a, tau_b};
use netgraph::rng::Stream;
use rayon::prelude::*;
use serde::Serialize;

/// Number of the first random stream; replicate r draws from stream `STREAM + r`, far from the streams of weights and batches.
const STREAM: u64 = 1 << 40;

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BootstrapOptions {
    /// Number of resamples, at least 1.
    pub replicates: u32,
    /// Coverage of the interval, a fraction in (0, 1), such as 0.95.
    pub confidence: f64,
    /// Seed of the resamples.
    pub seed: u64,
}

impl Default for BootstrapOptions {
    fn default() -> Self {
        Self { replicates: 1000, confidence: 0.95, seed: 0 }
    }
}

/// A confidence interval, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Intervals of the three rank correlations, from the same resamples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Intervals {
    /// Of tau-a.
    pub tau_a: Interval,
    /// Of tau-b.
    pub tau_b: Interval,
    /// Of Spearman's rho.
    pub rho: Interval,
    /// Resamples with a constant column, which have no correlation and were left out.
    pub degenerate: u32,
}

/// Resamples the pairs of `sample` with replacement and takes percentiles of the three correlations.
///
/// # Conventions
/// An end is the linear interpolation between order statistics (`numpy.percentile`'s default). Draw `i` of replicate
/// `r` is the high half of `bits(seed, 2^40 + r, i) * n` and picks from the pairs in sorted order, so the result depends on neither
/// row order, threads nor machine. The bias of that draw is below n / 2^64.
///
/// The sample is sorted once: a resample is a multiplicity for each pair, and walking the sorted pairs gives its order.
/// `O(replicates * n log n)` without any comparison sort, in parallel over replicates.
///
/// # Errors
/// No replicates, a confidence outside (0, 1), or a sample so small that every resample was constant.
///
/// ```
/// use report::stats::{BootstrapOptions, Sample, bootstrap};
/// let sample = Sample::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 3.0, 2.0, 4.0, 5.0])?;
/// let intervals = bootstrap(&sample, &BootstrapOptions { replicates: 200, ..Default::default() })?;
/// assert!(intervals.tau_b.low < 0.8 && 0.8 < intervals.tau_b.high);
/// # Ok::<(), report::stats::StatsError>(())
/// ```
pub fn bootstrap(sample: &Sample, options: &BootstrapOptions) -> Result<Intervals, StatsError> {
    if options.replicates == 0 {
        return Err(StatsError::Parameter { name: "replicates", expected: "at least 1", got: 0.0 });
    }
    if !(options.confidence > 0.0 && options.confidence < 1.0) {
        return Err(StatsError::Parameter { name: "confidence", expected: "between 0 and 1, both excluded", got: options.confidence });
    }
    let replicates: Vec<Option<[f64; 3]>> = (0..options.replicates)
        .into_par_iter()
        .map_init(|| Worker::new(sample.ranks()), |worker, replicate| worker.run(options.seed, u64::from(replicate)))
        .collect();
    let valid: Vec<[f64; 3]> = replicates.into_iter().flatten().collect();
    if valid.is_empty() {
        return Err(StatsError::TooFew { needed: 2, got: sample.len() });
    }
    let tail = (1.0 - options.confidence) / 2.0;
    let interval = |which: usize| {
        let mut column: Vec<f64> = valid.iter().map(|replicate| replicate[which]).collect();
        column.sort_unstable_by(f64::total_cmp);
        Interval { low: quantile(&column, tail), high: quantile(&column, 1.0 - tail) }
    };
    Ok(Intervals { tau_a: interval(0), tau_b: interval(1), rho: interval(2), degenerate: options.replicates - valid.len() as u32 })
}

/// Buffers of one thread.
struct Worker<'a> {
    source: &'a SortedRanks,
    multiplicities: Vec<u32>,
    resample: SortedRanks,
    pairs: pairs::Scratch,
    ranks: spearman::Scratch,
}

impl<'a> Worker<'a> {
    fn new(source: &'a SortedRanks) -> Self {
        let n = source.scores.len();
        Self {
            source,
            multiplicities: vec![0; n],
            resample: SortedRanks {
                scores: Vec::with_capacity(n),
                values: Vec::with_capacity(n),
                distinct_scores: source.distinct_scores,
                distinct_values: source.distinct_values,
            },
            pairs: pairs::Scratch::default(),
            ranks: spearman::Scratch::default(),
        }
    }

    /// Tau-a, tau-b and rho of one resample; none if it has a constant column.
    fn run(&mut self, seed: u64, replicate: u64) -> Option<[f64; 3]> {
        let n = self.multiplicities.len();
        self.multiplicities.fill(0);
        let stream = Stream::new(seed, STREAM + replicate);
        for i in 0..n as u64 {
            let row = (u128::from(stream.bits(i)) * n as u128) >> 64;
            self.multiplicities[row as usize] += 1;
        }
        // The ranks keep the gaps of pairs that were not drawn; every count below reads their order only.
        self.resample.scores.clear();
        self.resample.values.clear();
        for (row, &multiplicity) in self.multiplicities.iter().enumerate() {
            for _ in 0..multiplicity {
                self.resample.scores.push(self.source.scores[row]);
                self.resample.values.push(self.source.values[row]);
            }
        }
        let counts = PairCounts::of_ranks(&self.resample, &mut self.pairs);
        if counts.tied_scores == counts.total || counts.tied_values == counts.total {
            return None;
        }
        Some([tau_a::of(&counts), tau_b::of(&counts), spearman::of_ranks(&self.resample, &mut self.ranks)])
    }
}

/// The `fraction` quantile of ascending, non-empty numbers.
pub(crate) fn quantile(ascending: &[f64], fraction: f64) -> f64 {
    let place = fraction * (ascending.len() - 1) as f64;
    let below = ascending[place.floor() as usize];
    let above = ascending[place.ceil() as usize];
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_order_statistics() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[7.0], 0.025), 7.0);
    }
}
