use crate::column::Wrong;
use crate::record::record;
use crate::{Kind, Table};

/// Steps of gradient descent on a linear model, with the bounds of the paper's Theorem 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {}

/// A [`Table`] of [`StepRow`]s.
pub type StepTable = Table<Step>;

record! {
    /// One step from one initial weight vector. Sums run over the samples and, for moments, over the parameters.
    pub struct StepRow<'a> {
        /// What the samples are: `mnist`, or `example` for the counter-example.
        pub data: &'a str,
        /// Name of the step size, such as `1/M`.
        pub step: &'a str,
        /// Number of the initial weight vector, from 0.
        pub repetition: u32,
        /// Samples, the paper's M; at least 1.
        pub samples: u32,
        /// Step size on the gradient summed over the samples; above 0.
        pub eta: f64,
        /// Sum over the parameters of the squared mean of the per-sample gradient.
        pub sum_mu2: f64,
        /// Sum over the parameters of the variance of the per-sample gradient, population form.
        pub sum_sigma2: f64,
        /// The paper's G: sum over samples and parameters of the squared gradient.
        pub gradient_square: f64,
        /// Sum over samples of (a.x - y)^2 / 2 before the step.
        pub loss_before: f64,
        /// The same after the step.
        pub loss_after: f64,
        /// Right side of Eq. 5 as printed; null outside its range, 0 < eta < 2.
        pub bound_printed: Option<f64>,
        /// Right side of Eq. 5 with the factor M restored; null outside its range, 0 < eta < 2/M.
        pub bound_corrected: Option<f64>,
        /// Right side of Eq. 6; null unless eta = 1/M.
        pub bound_variance: Option<f64>,
        /// How far rounding may carry the loss beyond a bound that it meets with equality.
        pub rounding: f64,
    }
}

impl StepRow<'_> {
    /// Whether the loss after the step exceeds a bound by more than rounding.
    #[must_use]
    pub fn violates(&self, bound: f64) -> bool {
        self.loss_after > bound + self.rounding
    }
}

impl Kind for Step {
    type Row<'a> = StepRow<'a>;
    const NAME: &'static str = "step";
    const KEY: &'static [&'static str] = &["data", "step", "repetition"];

    fn check(row: &StepRow<'_>) -> Result<(), Wrong> {
        if row.samples == 0 {
            return Err(Wrong::new("samples", "1 or more", "0"));
        }
        if row.eta <= 0.0 {
            return Err(Wrong::new("eta", "a number above 0", row.eta.to_string()));
        }
        not_negative(&[
            ("sum_mu2", row.sum_mu2),
            ("sum_sigma2", row.sum_sigma2),
            ("gradient_square", row.gradient_square),
            ("loss_before", row.loss_before),
            ("loss_after", row.loss_after),
            ("rounding", row.rounding),
        ])
    }
}

/// Refuses the first number below 0.
pub(crate) fn not_negative(columns: &[(&'static str, f64)]) -> Result<(), Wrong> {
    match columns.iter().find(|(_, value)| *value < 0.0) {
        Some((column, value)) => Err(Wrong::new(column, "0 or more", value.to_string())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_not_negative_and_a_bound_may_be() {
        let row = StepRow {
            data: "example",
            step: "1/M",
            repetition: 0,
            samples: 2,
            eta: 0.5,
            sum_mu2: 1.0,
            sum_sigma2: 0.0,
            gradient_square: 2.0,
            loss_before: 1.0,
            loss_after: 0.0,
            bound_printed: Some(-0.5),
            bound_corrected: Some(0.0),
            bound_variance: Some(0.0),
            rounding: 1e-12,
        };
        assert!(StepTable::builder().push(row).is_ok());
        assert!(row.violates(-0.5) && !row.violates(0.0) && !row.violates(-1e-13));
        for (bad, column) in [
            (StepRow { loss_after: -1.0, ..row }, "loss_after"),
            (StepRow { eta: 0.0, ..row }, "eta"),
            (StepRow { samples: 0, ..row }, "samples"),
        ] {
            let error = StepTable::builder().push(bad).unwrap_err().to_string();
            assert!(error.contains(column), "{error}");
        }
    }
}
