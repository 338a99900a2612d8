//! How alike two proxies rank.

use rayon::prelude::*;

use crate::correlate::Estimate;
use crate::join::ProxyScores;
use crate::stats::{BootstrapOptions, PairCounts, Sample, StatsError, bootstrap, rho_of};

/// Agreement of every pair of proxies, over the architectures both scored.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Proxies in the order of rows and columns.
    pub proxies: Vec<String>,
    /// Agreement by row and column.
    pub pairs: Vec<Vec<Pair>>,
}

/// Agreement of two proxies; coefficients are none where they are undefined.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    /// Architectures that both scored.
    pub n: usize,
    /// Kendall's tau-b.
    pub tau_b: Option<f64>,
    /// Spearman's rho.
    pub rho: Option<f64>,
    /// Tau-b and rho with their intervals, if these were asked for.
    pub estimates: Option<(Estimate, Estimate)>,
}

impl Matrix {
    /// The matrix of the proxies numbered `order`, without intervals.
    pub(super) fn new(proxies: &[ProxyScores], order: &[usize]) -> Self {
        Self::of(proxies, order, |sample| Ok(pair(sample))).unwrap_or_else(|_| Self { proxies: Vec::new(), pairs: Vec::new() })
    }

    /// With intervals.
    ///
    /// # Errors
    /// [`StatsError::Parameter`] if an option is out of range.
    pub(super) fn with_intervals(proxies: &[ProxyScores], order: &[usize], options: &BootstrapOptions) -> Result<Self, StatsError> {
        Self::of(proxies, order, |sample| {
            let intervals = match bootstrap(sample, options) {
                Err(wrong @ StatsError::Parameter { .. }) => return Err(wrong),
                intervals => intervals.ok(),
            };
            let pair = pair(sample);
            let estimate = |value: Option<f64>, interval: crate::stats::Interval| {
                Some(Estimate { value: value?, low: interval.low, high: interval.high })
            };
            let estimates = intervals.and_then(|i| Some((estimate(pair.tau_b, i.tau_b)?, estimate(pair.rho, i.rho)?)));
            Ok(Pair { estimates, ..pair })
        })
    }

    /// Each pair once, the pairs in parallel; the matrix is symmetric.
    fn of(
        proxies: &[ProxyScores],
        order: &[usize],
        agreement: impl Fn(&Sample) -> Result<Pair, StatsError> + Sync,
    ) -> Result<Self, StatsError> {
        let count = order.len();
        let places: Vec<(usize, usize)> = (0..count).flat_map(|row| (row..count).map(move |column| (row, column))).collect();
        let upper: Vec<Pair> = places
            .par_iter()
            .map(|&(row, column)| {
                let (a, b) = (&proxies[order[row]].scores, &proxies[order[column]].scores);
                let (a, b): (Vec<f64>, Vec<f64>) = a.iter().zip(b).filter_map(|(a, b)| Some(((*a)?, (*b)?))).unzip();
                let undefined = Pair { n: a.len(), ..Pair::default() };
                Sample::new(&a, &b).map_or(Ok(undefined), |sample| agreement(&sample))
            })
            .collect::<Result<_, _>>()?;
        let mut pairs = vec![vec![Pair::default(); count]; count];
        for (&(row, column), &pair) in places.iter().zip(&upper) {
            pairs[row][column] = pair;
            pairs[column][row] = pair;
        }
        Ok(Self { proxies: order.iter().map(|&proxy| proxies[proxy].proxy.clone()).collect(), pairs })
    }
}

fn pair(sample: &Sample) -> Pair {
    Pair { n: sample.len(), tau_b: Some(PairCounts::of(sample).tau_b()), rho: Some(rho_of(sample)), estimates: None }
}
