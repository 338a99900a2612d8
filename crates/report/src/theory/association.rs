//! How well one number of the experiments ranks another.

use crate::correlate::Estimate;
use crate::stats::{BootstrapOptions, Sample, StatsError, bootstrap, rho, rho_of, tau_b};

/// Rank correlation of a statistic with a loss, with 95 % bootstrap intervals over the items.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Association {
    /// Number of pairs.
    pub n: usize,
    /// Kendall's tau-b.
    pub tau_b: Estimate,
    /// Spearman's rho.
    pub rho: Estimate,
}

impl Association {
    /// Of two columns.
    ///
    /// # Errors
    /// Whatever [`Sample::new`] refuses: fewer than two pairs, a constant column.
    pub fn new(statistic: &[f64], loss: &[f64]) -> Result<Self, StatsError> {
        let sample = Sample::new(statistic, loss)?;
        let intervals = bootstrap(&sample, &BootstrapOptions::default())?;
        let estimate = |value, interval: crate::stats::Interval| Estimate { value, low: interval.low, high: interval.high };
        Ok(Self {
            n: sample.len(),
            tau_b: estimate(tau_b(statistic, loss)?, intervals.tau_b),
            rho: estimate(rho_of(&sample), intervals.rho),
        })
    }
}

/// Spearman's partial correlation: of `a` and `b` at equal ranks of `given`, in [-1, 1]:
/// `(rho_ab - rho_ag rho_bg) / sqrt((1 - rho_ag^2) (1 - rho_bg^2))`. None where `given` determines the ranks of one of them.
///
/// # Errors
/// Whatever [`Sample::new`] refuses.
pub fn partial_rho(a: &[f64], b: &[f64], given: &[f64]) -> Result<Option<f64>, StatsError> {
    let (ab, ag, bg) = (rho(a, b)?, rho(a, given)?, rho(b, given)?);
    let free = (1.0 - ag * ag) * (1.0 - bg * bg);
    Ok((free > 1e-12).then(|| ((ab - ag * bg) / free.sqrt()).clamp(-1.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_association_has_its_interval() {
        let a: Vec<f64> = (0..30).map(f64::from).collect();
        let b: Vec<f64> = (0..30).map(|k| f64::from(k) + if k % 3 == 0 { 4.5 } else { 0.0 }).collect();
        let found = Association::new(&a, &b).unwrap();
        assert_eq!(found.n, 30);
        assert!(found.tau_b.low <= found.tau_b.value && found.tau_b.value <= found.tau_b.high && found.rho.value > found.tau_b.value);
        assert!(Association::new(&a, &[1.0; 30]).is_err());
    }

    #[test]
    fn a_partial_correlation_takes_out_what_both_share() {
        // b falls with a within each of two groups of `given`, but both rise from group to group.
        let a = [1.0, 2.0, 3.0, 11.0, 12.0, 13.0];
        let b = [3.0, 2.0, 1.0, 13.0, 12.0, 11.0];
        let given = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        assert!(rho(&a, &b).unwrap() > 0.5);
        // By hand: 1 - 6 * 16 / 210 = 19/35 for a and b, 13.5^2 / (17.5 * 13.5) = 27/35 for the square of either with the groups.
        // (19/35 - 27/35) / (1 - 27/35) = -1.
        assert!((partial_rho(&a, &b, &given).unwrap().unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(partial_rho(&a, &b, &a).unwrap(), None);
    }
}
