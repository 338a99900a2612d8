use spaces::Features;

use super::columns::{Columns, features, place, slug};
use super::finding::{self, SUBJECT};
use super::matrix::Matrix;
use super::sets::{ArchitectureSet, members};
use crate::join::{ProxyScores, Scored};
use crate::stats::Ties;
use crate::{Error, Options, Result, benchmarks};

/// One dataset whose scores have no values to be held against.
#[derive(Clone, Debug)]
pub struct ScoredDataset {
    /// The scores.
    pub scored: Scored,
    /// Properties of each architecture; none for a space this workspace does not know.
    pub features: Vec<Option<Features>>,
    /// Numbers of the proxies in the order they are shown: the paper's first, then those that rank most like it.
    pub order: Vec<usize>,
    /// Proxy against proxy, with intervals, in the order they are shown.
    pub matrix: Matrix,
    /// How the scores of each proxy are spread, in the order they are shown.
    pub spreads: Vec<Spread>,
    /// Sets of architectures; empty if they are all the same.
    pub sets: Vec<ArchitectureSet>,
    /// Whether the scores are those of noise instead of images.
    pub on_noise: bool,
    /// The result in a sentence or two.
    pub finding: String,
}

/// How the scores of one proxy are spread.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// Proxy.
    pub proxy: String,
    /// Architectures with a score.
    pub n: usize,
    /// Least score, quartiles and greatest score (each an observed score); none without scores.
    pub quantiles: Option<[f64; 5]>,
    /// Ties among them.
    pub ties: Ties,
}

impl ScoredDataset {
    pub(super) fn new(scored: Scored, on_noise: bool, options: &Options) -> Result<Self> {
        let features = features(&scored.space, &scored.architectures);
        let by_name: Vec<usize> = (0..scored.proxies.len()).collect();
        let wrong = |source| Error::Statistic { what: "confidence intervals of the agreement of proxies".into(), source };
        let matrix = Matrix::with_intervals(&scored.proxies, &by_name, &options.bootstrap()).map_err(wrong)?;
        let subject = scored.proxies.iter().position(|column| column.proxy == SUBJECT).unwrap_or(0);
        let mut order = by_name;
        let likeness = |proxy: usize| matrix.pairs.get(subject).and_then(|row| row.get(proxy)?.tau_b).map_or(-1.0, f64::abs);
        order.sort_by(|&a, &b| (b == subject).cmp(&(a == subject)).then(likeness(b).total_cmp(&likeness(a))));
        let matrix = reordered(&matrix, &order);
        let spreads: Vec<Spread> = order.iter().map(|&proxy| Spread::of(&scored.proxies[proxy])).collect();
        let sets = members(&scored.space, &scored.architectures, &features).iter().map(ArchitectureSet::of).collect();
        let finding = finding::without_values(&scored, &matrix);
        Ok(Self { scored, features, order, matrix, spreads, sets, on_noise, finding })
    }

    /// Name of the dataset for people.
    pub fn title(&self) -> String {
        benchmarks::dataset_title(&self.scored.space, &self.scored.dataset)
    }

    /// The dataset with its benchmark, for a picture that stands alone.
    pub fn place(&self) -> String {
        place(&self.scored.space, &self.scored.dataset, self.on_noise)
    }

    /// Part of file names and anchors: lower-case letters, digits and dashes.
    pub fn slug(&self) -> String {
        slug(&self.scored.dataset)
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        Columns {
            space: &self.scored.space,
            dataset: &self.scored.dataset,
            architectures: self.scored.architectures.iter().map(|a| (a.text.as_str(), a.index)).collect(),
            features: &self.features,
            proxies: &self.scored.proxies,
            order: &self.order,
            values: None,
        }
    }
}

fn reordered(matrix: &Matrix, order: &[usize]) -> Matrix {
    Matrix {
        proxies: order.iter().map(|&proxy| matrix.proxies[proxy].clone()).collect(),
        pairs: order.iter().map(|&row| order.iter().map(|&column| matrix.pairs[row][column]).collect()).collect(),
    }
}

impl Spread {
    fn of(column: &ProxyScores) -> Self {
        let mut scores: Vec<f64> = column.scores.iter().filter_map(|score| *score).collect();
        let ties = Ties::of(&scores);
        scores.sort_unstable_by(f64::total_cmp);
        let quantiles = scores.len().checked_sub(1).map(|last| [0, 1, 2, 3, 4].map(|quarter| scores[last * quarter / 4]));
        Self { proxy: column.proxy.clone(), n: scores.len(), quantiles, ties }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_spread_has_quartiles_that_were_observed() {
        let column = |scores: Vec<Option<f64>>| ProxyScores {
            proxy: "p".into(),
            version: 1,
            seed: 0,
            scores,
            missing: BTreeMap::new(),
            n_unmatched: 0,
            n_shared: 0,
            wall_ms_mean: None,
        };
        let spread = Spread::of(&column(vec![Some(4.0), None, Some(0.0), Some(2.0), Some(1.0), Some(3.0)]));
        assert_eq!((spread.n, spread.quantiles), (5, Some([0.0, 1.0, 2.0, 3.0, 4.0])));
        assert_eq!(Spread::of(&column(vec![None])).quantiles, None);
    }
}
