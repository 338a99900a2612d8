//! How well trainings of the same networks agree with each other: the ceiling of what a proxy can reach.

use crate::join::Joined;
use crate::stats::{PairCounts, Sample, rho_of};

/// Two rank correlations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Kendall's tau-b.
    pub tau_b: f64,
    /// Spearman's rho.
    pub rho: f64,
}

/// Agreement of two training runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunPair {
    /// Seeds or numbers of the runs.
    pub runs: (u32, u32),
    /// Architectures that have both.
    pub n: usize,
    /// How alike they rank them.
    pub agreement: Agreement,
}

/// Agreement of the training runs of a table, over the architectures that were scored and have several.
///
/// # Conventions
/// Runs are told apart by their seed or number, as the table has it; every pair of them counts over the architectures that have
/// both, if these are at least [`FEWEST`] and not all equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Ceiling {
    /// Every pair of runs.
    pub pairs: Vec<RunPair>,
    /// Mean over the pairs: one training against another.
    pub another: Agreement,
    /// Mean over the runs: one training against the mean of all others, over the architectures that have every run; only of three runs or more.
    pub others: Option<Agreement>,
    /// Runs of the architectures that have every run.
    pub n_runs: usize,
}

/// Fewest architectures that tell anything.
pub const FEWEST: usize = 10;

impl Ceiling {
    /// The agreement of the runs, if there are several.
    pub(crate) fn of(joined: &Joined) -> Option<Self> {
        let runs_of: Vec<&[(u32, f64)]> = joined.architectures.iter().map(|valued| valued.runs.as_slice()).collect();
        let mut runs: Vec<u32> = runs_of.iter().flat_map(|runs| runs.iter().map(|(run, _)| *run)).collect();
        runs.sort_unstable();
        runs.dedup();
        let value = |of: &[(u32, f64)], run: u32| of.iter().find(|(r, _)| *r == run).map(|(_, value)| *value);
        let mut pairs = Vec::new();
        for (k, &a) in runs.iter().enumerate() {
            for &b in &runs[k + 1..] {
                let (x, y): (Vec<f64>, Vec<f64>) = runs_of.iter().filter_map(|of| value(of, a).zip(value(of, b))).unzip();
                pairs.extend(agreement(&x, &y).map(|agreement| RunPair { runs: (a, b), n: x.len(), agreement }));
            }
        }
        let another = mean(pairs.iter().map(|pair| pair.agreement))?;
        let complete: Vec<&[(u32, f64)]> = runs_of.into_iter().filter(|of| of.len() == runs.len()).collect();
        let against_others = |run: u32| {
            let own: Vec<f64> = complete.iter().filter_map(|of| value(of, run)).collect();
            let others = complete.iter().map(|of| of.iter().filter(|(r, _)| *r != run).map(|(_, value)| value).sum::<f64>());
            agreement(&own, &others.collect::<Vec<_>>())
        };
        let others = if runs.len() > 2 { mean(runs.iter().filter_map(|&run| against_others(run))) } else { None };
        Some(Self { pairs, another, others, n_runs: runs.len() })
    }

    /// Lowest and highest tau-b of a pair.
    pub fn range(&self) -> (f64, f64) {
        let taus = self.pairs.iter().map(|pair| pair.agreement.tau_b);
        taus.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), tau| (low.min(tau), high.max(tau)))
    }

    /// What rho with the mean of so many runs an error-free score could reach: `sqrt(k r / (1 + (k - 1) r))` with `r` the rho of one
    /// run with another (Spearman and Brown's formula for the reliability of a mean; exact for equal, independent errors and
    /// linear correlation, an estimate for ranks). None if runs agree no better than chance.
    pub fn error_free(&self, runs: usize) -> Option<f64> {
        let (k, r) = (runs as f64, self.another.rho);
        (r > 0.0).then(|| (k * r / (1.0 + (k - 1.0) * r)).sqrt())
    }
}

fn agreement(a: &[f64], b: &[f64]) -> Option<Agreement> {
    let sample = Sample::new(a, b).ok().filter(|_| a.len() >= FEWEST)?;
    Some(Agreement { tau_b: PairCounts::of(&sample).tau_b(), rho: rho_of(&sample) })
}

fn mean(all: impl Iterator<Item = Agreement>) -> Option<Agreement> {
    let (n, tau_b, rho) = all.fold((0.0, 0.0, 0.0), |(n, tau_b, rho), one| (n + 1.0, tau_b + one.tau_b, rho + one.rho));
    (n > 0.0).then(|| Agreement { tau_b: tau_b / n, rho: rho / n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::join::Valued;
    use crate::quantity::{Quantity, Runs};
    use tables::Direction;

    fn joined(runs: impl Fn(usize) -> Vec<(u32, f64)>) -> Joined {
        let valued = |k: usize| Valued { arch: k.to_string(), index: None, value: 0.0, runs: runs(k) };
        let quantity = Quantity {
            split: "test".into(),
            metric: "accuracy".into(),
            unit: "percent".into(),
            direction: Direction::HigherIsBetter,
            epochs: 1,
            epoch: Some(1),
            runs: Runs::Mean,
            instead_of: None,
        };
        Joined {
            space: "nb201".into(),
            dataset: "cifar10".into(),
            quantity,
            architectures: (0..12).map(valued).collect(),
            proxies: Vec::new(),
            n_table: 12,
            best: valued(0),
        }
    }

    #[test]
    fn runs_that_agree_and_runs_that_differ() {
        // Runs 7 and 8 rank alike, run 9 the other way round.
        let ceiling = Ceiling::of(&joined(|k| vec![(7, k as f64), (8, 2.0 * k as f64), (9, -(k as f64))])).unwrap();
        let taus: Vec<_> = ceiling.pairs.iter().map(|pair| (pair.runs, pair.n, pair.agreement.tau_b)).collect();
        assert_eq!(taus, [((7, 8), 12, 1.0), ((7, 9), 12, -1.0), ((8, 9), 12, -1.0)]);
        assert!((ceiling.another.tau_b + 1.0 / 3.0).abs() < 1e-12 && (ceiling.another.rho + 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((ceiling.range(), ceiling.error_free(3)), ((-1.0, 1.0), None));
        // Run 7 against 8 and 9 (k), run 8 against 7 and 9 (0, constant: left out), run 9 against 7 and 8 (3 k).
        assert!(ceiling.others.unwrap().tau_b.abs() < 1e-12);
    }

    #[test]
    fn an_error_free_score_reaches_more_with_the_mean_of_more_runs() {
        let ceiling = Ceiling::of(&joined(|k| vec![(0, k as f64), (1, (k ^ 1) as f64)])).unwrap();
        assert_eq!((ceiling.n_runs, ceiling.others), (2, None));
        let r = ceiling.another.rho;
        assert!((ceiling.error_free(1).unwrap() - r.sqrt()).abs() < 1e-12);
        assert!((ceiling.error_free(2).unwrap() - (2.0 * r / (1.0 + r)).sqrt()).abs() < 1e-12);
        assert!(ceiling.error_free(3) > ceiling.error_free(2));
    }

    #[test]
    fn one_run_or_too_few_architectures_have_no_ceiling() {
        assert_eq!(Ceiling::of(&joined(|k| vec![(0, k as f64)])), None);
        assert_eq!(Ceiling::of(&joined(|_| Vec::new())), None);
        assert_eq!(Ceiling::of(&joined(|k| if k < FEWEST - 1 { vec![(0, k as f64), (1, k as f64)] } else { vec![(0, 1.0)] })), None);
        assert_eq!(Ceiling::of(&joined(|_| vec![(0, 1.0), (1, 1.0)])), None);
    }
}
