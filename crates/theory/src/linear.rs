//! Figure 1: one step on a linear model from many random weights, with the moments of its per-sample gradients.
//!
//! # Protocol
//! The model is a.x without a bias, the loss of an image (a.x - y)^2 / 2, the total loss its sum over M images, the same ones in every
//! repetition. Initial weights are independent normal numbers with a standard deviation of [`Options::initial_std`]. The paper says
//! "accumulated" gradient and eta = 1. With the *sum* of 1,000 gradients that is 500 times the largest step that its corrected
//! Theorem 3.1 allows, and the loss explodes; with their *mean* it is eta = 1/M on the sum, the step of Eq. 6. Both are steps here,
//! and every step size is one on the sum.

use netgraph::rng::Stream;
use tables::StepRow;

use crate::parallel::{Done, in_order};
use crate::{Error, Result, Samples, streams, theorem31};

/// A named step size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<'a> {
    /// Its name in tables.
    pub name: &'a str,
    /// Its size, on the sum of the gradients.
    pub eta: f64,
}

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options<'a> {
    /// Number of initial weight vectors.
    pub repetitions: usize,
    /// Number of images, M.
    pub images: usize,
    /// Standard deviation of an initial weight.
    pub initial_std: f64,
    /// Steps, each taken from every initial vector.
    pub steps: &'a [Step<'a>],
    /// Seed of the images and of the weights.
    pub seed: u64,
}

/// Takes every step from every initial vector. Rows by repetition, then by step. `O(repetitions * steps * images * dimensions)`.
///
/// # Errors
/// [`Error::TooFewImages`]; [`Error::Setting`] for no repetitions, a step size or standard deviation that is not above 0.
pub fn run<'a>(all: &Samples, options: &Options<'a>, workers: usize, done: &Done<'_>) -> Result<Vec<StepRow<'a>>> {
    check(options)?;
    let samples = all.draw("the linear model", options.images, Stream::new(options.seed, streams::LINEAR_IMAGES))?;
    let rows = in_order(options.repetitions, workers, done, |repetition| {
        let random = Stream::new(options.seed, streams::LINEAR + repetition as u64);
        let a: Vec<f64> = (0..samples.dimensions()).map(|j| options.initial_std * random.normal(j as u64)).collect();
        let moments = moments(&samples, &a);
        Ok(options.steps.iter().map(|step| take_with(&samples, &a, &moments, step, "mnist", repetition as u32)).collect::<Vec<_>>())
    })?;
    Ok(rows.into_iter().flatten().collect())
}

fn check(options: &Options<'_>) -> Result<()> {
    let positive = |name, value: f64| {
        let wrong = || Error::Setting { name, expected: "a number above 0".into(), got: value.to_string() };
        if value.is_finite() && value > 0.0 { Ok(()) } else { Err(wrong()) }
    };
    if options.repetitions == 0 {
        return Err(Error::Setting { name: "--repetitions", expected: "at least 1".into(), got: "0".into() });
    }
    if options.images == 0 {
        return Err(Error::Setting { name: "--images", expected: "at least 1".into(), got: "0".into() });
    }
    positive("--initial-std", options.initial_std)?;
    options.steps.iter().try_for_each(|step| positive("--eta", step.eta))
}

/// Moments of the per-sample gradients, means and population variances over the samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// `mu`, `[dimensions]`.
    pub mean: Vec<f64>,
    /// Sum of its squares.
    pub sum_mu2: f64,
    /// Sum over the parameters of the variance.
    pub sum_sigma2: f64,
    /// Sum over samples and parameters of the squared gradient.
    pub gradient_square: f64,
    /// Total loss.
    pub loss: f64,
}

/// Moments at the weights `a`, by definition: two passes over all gradients.
pub fn moments(samples: &Samples, a: &[f64]) -> Moments {
    let (m, mut mean) = (samples.len() as f64, vec![0.0; samples.dimensions()]);
    let residuals: Vec<f64> = samples.rows().map(|(x, y)| dot(a, x) - y).collect();
    for ((x, _), r) in samples.rows().zip(&residuals) {
        mean.iter_mut().zip(x).for_each(|(mean, x)| *mean += r * x / m);
    }
    let (mut deviations, mut gradient_square) = (0.0, 0.0);
    for ((x, _), r) in samples.rows().zip(&residuals) {
        // One sample at a time, so that sums of very many numbers are made of sums of few.
        let (mut deviation, mut square) = (0.0, 0.0);
        for (x, mean) in x.iter().zip(&mean) {
            let g = r * x;
            deviation += (g - mean) * (g - mean);
            square += g * g;
        }
        deviations += deviation;
        gradient_square += square;
    }
    let loss = residuals.iter().map(|r| r * r / 2.0).sum();
    Moments { sum_mu2: dot(&mean, &mean), mean, sum_sigma2: deviations / m, gradient_square, loss }
}

/// Total loss at the weights `a`.
pub fn loss(samples: &Samples, a: &[f64]) -> f64 {
    samples.rows().map(|(x, y)| (dot(a, x) - y).powi(2) / 2.0).sum()
}

/// One step from `a`, with the bounds of Theorem 3.1.
pub fn take<'a>(samples: &Samples, a: &[f64], step: &Step<'a>, data: &'a str, repetition: u32) -> StepRow<'a> {
    take_with(samples, a, &moments(samples, a), step, data, repetition)
}

fn take_with<'a>(samples: &Samples, a: &[f64], moments: &Moments, step: &Step<'a>, data: &'a str, repetition: u32) -> StepRow<'a> {
    let (m, eta) = (samples.len(), step.eta);
    let after: Vec<f64> = a.iter().zip(&moments.mean).map(|(a, mean)| a - eta * m as f64 * mean).collect();
    let &Moments { sum_mu2, sum_sigma2, gradient_square, loss: loss_before, .. } = moments;
    StepRow {
        data,
        step: step.name,
        repetition,
        samples: m as u32,
        eta,
        sum_mu2,
        sum_sigma2,
        gradient_square,
        loss_before,
        loss_after: loss(samples, &after),
        bound_printed: theorem31::printed(gradient_square, sum_mu2, m, eta),
        bound_corrected: theorem31::corrected(gradient_square, sum_mu2, m, eta),
        bound_variance: theorem31::by_variance(sum_sigma2, m, eta),
        rounding: theorem31::rounding(gradient_square, m, eta),
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Eight sums at a time: the compiler makes vector instructions of it, and rounding errors grow more slowly.
    let mut sums = [0.0; 8];
    let (a_blocks, b_blocks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_blocks.remainder().iter().zip(b_blocks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_blocks.zip(b_blocks) {
        for k in 0..8 {
            sums[k] += a[k] * b[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_as_by_hand() {
        // Residuals 2 and -1, gradients (2, 0) and (0, -1): mean (1, -1/2), variances 1 and 1/4.
        let samples = Samples::new(2, vec![1.0, 0.0, 0.0, 1.0], vec![1.0, 1.0]);
        let m = moments(&samples, &[3.0, 0.0]);
        assert_eq!(m.mean, [1.0, -0.5]);
        assert_eq!((m.sum_mu2, m.sum_sigma2, m.gradient_square, m.loss), (1.25, 1.25, 5.0, 2.5));
        // A step of 1 on the sum (2, -1) goes to (1, 1), where both residuals are 0.
        let row = take(&samples, &[3.0, 0.0], &Step { name: "1", eta: 1.0 }, "example", 7);
        assert_eq!((row.loss_before, row.loss_after, row.repetition), (2.5, 0.0, 7));
    }

    #[test]
    fn a_sum_in_blocks_is_the_sum() {
        let a: Vec<f64> = (0..19).map(f64::from).collect();
        assert_eq!(dot(&a, &a), (0..19).map(|k| f64::from(k * k)).sum::<f64>());
    }

    fn some(n: usize) -> Samples {
        let random = Stream::new(5, 6);
        let angles: Vec<f64> = (0..n).map(|k| random.uniform(k as u64)).collect();
        Samples::new(2, angles.iter().flat_map(|t| [t.cos(), t.sin()]).collect(), (0..n).map(|k| (k % 10) as f64).collect())
    }

    #[test]
    fn rows_depend_on_the_seed_and_not_on_the_workers() {
        let steps = theorem31::steps(20).unwrap();
        let options = Options { repetitions: 5, images: 20, initial_std: 1.0, steps: &steps, seed: 3 };
        let one = run(&some(30), &options, 1, &|| {}).unwrap();
        assert_eq!(one.len(), 5 * 6);
        assert_eq!(one, run(&some(30), &options, 3, &|| {}).unwrap());
        assert_ne!(one, run(&some(30), &Options { seed: 4, ..options }, 1, &|| {}).unwrap());
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let options = Options { repetitions: 5, images: 20, initial_std: 1.0, steps: &[], seed: 3 };
        let message = |options: Options<'_>| run(&some(30), &options, 1, &|| {}).unwrap_err().to_string();
        assert_eq!(message(Options { repetitions: 0, ..options }), "--repetitions must be at least 1, got 0");
        assert_eq!(message(Options { images: 31, ..options }), "the linear model needs 31 images, there are 30");
        assert!(message(Options { initial_std: f64::NAN, ..options }).contains("--initial-std"));
        assert!(message(Options { steps: &[Step { name: "x", eta: -1.0 }], ..options }).contains("--eta must be a number above 0, got -1"));
    }
}
