//! Theorem 3.1: how far one accumulated step on a linear model brings the loss down.
//!
//! # Derivation
//! A sample is (x, y) with |x| = 1, its loss (a.x - y)^2 / 2, its residual r = a.x - y, so its gradient is g = r x and
//! |g|^2 = r^2, twice its loss. With M samples, means and population variances over them,
//!
//! * G = sum over samples and parameters of g^2 = twice the total loss before the step;
//! * mu = the mean gradient, `mu_j` its entries, and `sum_j sigma_j^2 = G/M - sum_j mu_j^2`.
//!
//! The step subtracts eta times the *sum* of the gradients, eta M mu, so a residual becomes r - eta M mu.x and
//!
//! ```text
//! 2 loss after = G - 2 eta M^2 sum mu^2 + eta^2 M^2 Q,   Q = sum over samples of (mu.x)^2
//! ```
//!
//! By Cauchy and Schwarz each (mu.x)^2 is at most |mu|^2, so Q <= M sum mu^2, and with it
//!
//! ```text
//! loss after <= (1/2) [G - eta M^2 (2 - M eta) sum mu^2]        corrected Eq. 5, a descent for 0 < eta < 2/M
//! loss after <= (M/2) sum sigma^2                               Eq. 6, the same at eta = 1/M
//! ```
//!
//! The paper prints `G/2 - (eta/2) M^2 (2 - eta) sum mu^2` for 0 < eta < 2: it takes Q <= sum mu^2, which lacks the factor M (and from
//! which its own Eq. 6 does not follow). The printed bound fails exactly where Q exceeds sum mu^2, whatever eta is; it would
//! hold for samples that are orthogonal to each other.
//!
//! # Counter-example
//! [`counter_example`]: M = 2 equal samples x = 1 with y = 0, in one dimension, from a = 1 with eta = 1/M = 1/2. Both gradients are 1,
//! so G = 2, mu = 1, sigma = 0. The step goes to a = 1 - (1/2)(1 + 1) = 0: total loss 0. Printed bound: 2/2 - (1/4) 4 (2 - 1/2) 1 =
//! 1 - 3/2 = -1/2, below any loss. Corrected: (1/2) [2 - (1/2) 4 (2 - 1) 1] = 0, and Eq. 6: (2/2) 0 = 0, both met with equality.

use tables::StepRow;

use crate::linear::{self, Step};
use crate::{Error, Result, Samples};

/// Right side of Eq. 5 as the paper prints it, for a step of size `eta` on the sum; none outside 0 < eta < 2.
pub fn printed(gradient_square: f64, sum_mu2: f64, samples: usize, eta: f64) -> Option<f64> {
    let m = samples as f64;
    (eta > 0.0 && eta < 2.0).then(|| gradient_square / 2.0 - eta / 2.0 * m * m * (2.0 - eta) * sum_mu2)
}

/// Right side of Eq. 5 with the factor M restored; none outside 0 < eta < 2/M.
pub fn corrected(gradient_square: f64, sum_mu2: f64, samples: usize, eta: f64) -> Option<f64> {
    let m = samples as f64;
    (eta > 0.0 && eta < 2.0 / m).then_some(0.5 * (gradient_square - eta * m * m * (2.0 - m * eta) * sum_mu2))
}

/// Right side of Eq. 6; none unless eta = 1/M.
pub fn by_variance(sum_sigma2: f64, samples: usize, eta: f64) -> Option<f64> {
    let m = samples as f64;
    (eta == 1.0 / m).then(|| m / 2.0 * sum_sigma2)
}

/// How far rounding may carry a computed loss beyond a bound: a part in 10^12 of what the terms of both can be, which is at
/// most (G/2) (1 + eta M)^2.
pub fn rounding(gradient_square: f64, samples: usize, eta: f64) -> f64 {
    1e-12 * gradient_square / 2.0 * (1.0 + eta * samples as f64).powi(2)
}

/// The smallest case in which the printed bound is false, computed as any other step; see the module's page for it by hand.
pub fn counter_example() -> StepRow<'static> {
    let samples = Samples::new(1, vec![1.0, 1.0], vec![0.0, 0.0]);
    linear::take(&samples, &[1.0], &Step { name: "1/M", eta: 0.5 }, "example", 0)
}

/// The step sizes that the bounds are looked at with: half, one and one and a half times 1/M, within the range of the corrected
/// bound; 1/2, 1 (the paper's own) and 3/2, within that of the printed one only.
///
/// # Errors
/// [`Error::Setting`] for less than 2 samples, with which the two ranges are the same.
pub fn steps(samples: usize) -> Result<Vec<Step<'static>>> {
    if samples < 2 {
        return Err(Error::Setting { name: "--images", expected: "at least 2".into(), got: samples.to_string() });
    }
    let m = samples as f64;
    let sizes = [("1/(2M)", 0.5 / m), ("1/M", 1.0 / m), ("3/(2M)", 1.5 / m), ("1/2", 0.5), ("1", 1.0), ("3/2", 1.5)];
    Ok(sizes.map(|(name, eta)| Step { name, eta }).to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_counter_example_is_as_by_hand() {
        let row = counter_example();
        assert_eq!((row.samples, row.eta, row.gradient_square, row.sum_mu2, row.sum_sigma2), (2, 0.5, 2.0, 1.0, 0.0));
        assert_eq!((row.loss_before, row.loss_after), (1.0, 0.0));
        assert_eq!([row.bound_printed, row.bound_corrected, row.bound_variance], [Some(-0.5), Some(0.0), Some(0.0)]);
        assert!(row.violates(-0.5) && !row.violates(0.0));
    }

    #[test]
    fn orthogonal_samples_meet_the_printed_bound_with_equality() {
        let samples = Samples::new(2, vec![1.0, 0.0, 0.0, 1.0], vec![3.0, 1.0]);
        for eta in [0.25, 0.5, 1.0, 1.5] {
            let row = linear::take(&samples, &[0.0, 0.0], &Step { name: "x", eta }, "example", 0);
            assert!((row.loss_after - row.bound_printed.unwrap()).abs() <= row.rounding, "{row:?}");
        }
    }

    #[test]
    fn each_bound_has_its_range() {
        assert_eq!(printed(2.0, 1.0, 2, 2.0), None);
        assert_eq!(corrected(2.0, 1.0, 2, 1.0), None);
        assert_eq!(by_variance(1.0, 2, 0.4), None);
        assert!(steps(1).is_err());
        let steps = steps(10).unwrap();
        assert_eq!(steps.iter().filter(|step| corrected(1.0, 1.0, 10, step.eta).is_some()).count(), 3);
        assert!(steps.iter().all(|step| printed(1.0, 1.0, 10, step.eta).is_some()));
    }

    /// Up to seven unit vectors of up to five dimensions with targets, and initial weights.
    fn cases() -> impl Strategy<Value = (Samples, Vec<f64>)> {
        (1_usize..6, 1_usize..8).prop_flat_map(|(dimensions, n)| {
            let vector = prop::collection::vec(-1.0..1.0_f64, dimensions);
            (
                prop::collection::vec(vector, n),
                prop::collection::vec(-10.0..10.0_f64, n),
                prop::collection::vec(-10.0..10.0_f64, dimensions),
            )
                .prop_filter_map("a vector without direction", move |(vectors, y, a)| {
                    let mut x = Vec::new();
                    for vector in vectors {
                        let norm = vector.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
                        if norm < 1e-3 {
                            return None;
                        }
                        x.extend(vector.iter().map(|entry| entry / norm));
                    }
                    Some((Samples::new(dimensions, x, y), a))
                })
        })
    }

    proptest! {
        #[test]
        fn the_corrected_bound_is_never_violated((samples, a) in cases(), fraction in 0.001..1.999_f64) {
            let row = linear::take(&samples, &a, &Step { name: "x", eta: fraction / samples.len() as f64 }, "example", 0);
            prop_assert!(!row.violates(row.bound_corrected.unwrap()), "{row:?}");
            // It is a descent, too.
            prop_assert!(row.bound_corrected.unwrap() <= row.loss_before + row.rounding);
        }

        #[test]
        fn eq_6_is_never_violated((samples, a) in cases()) {
            let row = linear::take(&samples, &a, &Step { name: "x", eta: 1.0 / samples.len() as f64 }, "example", 0);
            prop_assert!(!row.violates(row.bound_variance.unwrap()), "{row:?}");
        }

        #[test]
        fn the_printed_bound_fails_exactly_where_the_factor_is_missing((samples, a) in cases(), eta in 0.01..1.99_f64) {
            let moments = linear::moments(&samples, &a);
            let q: f64 = samples.rows().map(|(x, _)| linear::dot(&moments.mean, x).powi(2)).sum();
            let m = samples.len() as f64;
            let row = linear::take(&samples, &a, &Step { name: "x", eta }, "example", 0);
            // loss after - printed bound = eta^2 M^2 (Q - sum mu^2) / 2
            let excess = eta * eta * m * m * (q - row.sum_mu2) / 2.0;
            prop_assert!((row.loss_after - row.bound_printed.unwrap() - excess).abs() <= row.rounding, "{row:?}");
        }
    }
}
