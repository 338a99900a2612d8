//! About Theorems 3.2, 3.3 and 3.5: the Gram matrix of a two-layer network along its training, and what its eigenvalues say of the loss and
//! of the gradients' spread.
//!
//! # What is checked
//! The network is that of [`crate::mlp`], trained on n images by gradient descent on L = (1/2) |u - y|^2 over all of them, where u are
//! its outputs. Its Gram matrix is
//!
//! ```text
//! H_ij(t) = (1/m) x_i.x_j  #{units active on both images}       H_ij(limit) = x_i.x_j (pi - arccos x_i.x_j) / (2 pi)
//! ```
//!
//! the second being its expectation at random weights; `l0` is the limit's least eigenvalue.
//!
//! **Whose inequalities these are.** The paper's own wording of Theorems 3.2, 3.3 and 3.5 was not at hand when this was written, only a
//! summary of it: "eigenvalue bounds of the Gram matrix H(t) around H(0)". So 1 to 4 are those of the analysis on which the
//! paper's theorems rest, Du, Zhai, Poczos and Singh (2019, <https://arxiv.org/abs/1810.02054>), and 6 is derived here. Constants
//! of the paper's statements may differ, and nothing here says that a statement of the paper holds or fails.
//!
//! Du et al. show, for a width m of the order of n^6 / l0^4 and steps of the order of l0 / n^2, with high probability:
//!
//! 1. |H(0) - H(limit)| <= l0/4, hence least(H(0)) >= 3 l0/4;
//! 2. |H(t) - H(0)| <= l0/4, hence least(H(t)) >= l0/2, as long as
//! 3. no weight vector moves further than 4 sqrt(n) |y - u(0)| / (sqrt(m) l0); and then
//! 4. |u(t) - y|^2 <= (1 - eta l0/2)^t |u(0) - y|^2.
//!
//! Norms of matrices are spectral. No computer reaches that width for a set of images (n = 64 and l0 = 0.01 ask for 10^18 units), so
//! what is seen here is how far ordinary widths are from each inequality, not whether the theorem is right.
//!
//! Two more hold for every network, by the definitions:
//!
//! 5. |least(H(t)) - least(H(0))| <= |H(t) - H(0)| (Weyl), which checks the eigenvalues themselves.
//! 6. The spread of the gradients is the loss, up to eigenvalues. With residuals r = u - y, the gradient of sample i has the
//!    square norm `r_i^2 H_ii`, and that of the sum is r'Hr. So the summed variance over samples is
//!    `(1/n) sum r_i^2 H_ii - (1/n^2) r'Hr`, and with least |r|^2 <= r'Hr <= greatest |r|^2
//!
//! ```text
//! (2L/n) (min H_ii - greatest/n)  <=  sum over weights of sigma^2  <=  (2L/n) (max H_ii - least/n)
//! ```
//!
//! That is how we read Theorem 3.5 and Figures 2 and 5: a small spread means a small loss, and the other way round, because a gradient
//! is a residual times features whose size hardly varies. It is a statement about one moment; the loss *later* enters through 4 only.
//!
//! # Conventions
//! Targets are the digit divided by 9 (Du et al. ask for |y| of the order of 1). The step size is half of 1 / greatest(H(limit)), far
//! above what the theorem allows (its constants are not given), so that training does learn: 4 is then more than the theorem says.

use netgraph::rng::Stream;
use tables::GramRow;
use tch::{Kind, Tensor};

use crate::network::{Shared, TwoLayer, number, tensors};
use crate::parallel::{Done, in_order};
use crate::{Data, Error, Result, Samples, streams};

/// How the step is sized, for the table.
const RULE: &str = "1/(2 greatest)";
/// Networks are numbered from here, apart from those of the figures.
const FIRST_NUMBER: u64 = 1 << 30;

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options<'a> {
    /// Widths, each with its own networks.
    pub widths: &'a [usize],
    /// Networks of each width.
    pub runs: usize,
    /// Images in the Gram matrix, n.
    pub images: usize,
    /// Steps of training.
    pub steps: usize,
    /// Seed of images and networks.
    pub seed: u64,
}

/// Trains every network; a row for each moment from 0 to the last step. Rows by width, run, step.
/// `O(steps * images * width * dimensions)` for each.
///
/// # Errors
/// [`Error::TooFewImages`]; [`Error::Setting`] for no width, run or image; [`Error::Diverged`].
pub fn run(data: &Data, options: &Options<'_>, workers: usize, done: &Done<'_>) -> Result<Vec<GramRow<'static>>> {
    for (name, value) in [
        ("--gram-widths", options.widths.iter().copied().min().unwrap_or(0)),
        ("--gram-runs", options.runs),
        ("--gram-images", options.images),
    ] {
        if value == 0 {
            return Err(Error::Setting { name, expected: "at least 1".into(), got: "0".into() });
        }
    }
    let ninth = |samples: &Samples| Samples::new(samples.dimensions(), samples.x().to_vec(), samples.y().iter().map(|y| y / 9.0).collect());
    let chosen = ninth(&data.train.draw("the Gram matrix", options.images, Stream::new(options.seed, streams::GRAM_IMAGES))?);
    let problem = Problem::new(tensors(&chosen)?, tensors(&ninth(&data.test))?);
    // The widest networks first, so that no worker is left with one at the end.
    let mut networks: Vec<(usize, usize)> =
        options.widths.iter().flat_map(|&width| (0..options.runs).map(move |run| (width, run))).collect();
    networks.sort_unstable_by_key(|&(width, run)| (std::cmp::Reverse(width), run));
    let mut rows = in_order(networks.len(), workers, done, |k| {
        let (width, run) = networks[k];
        let number = FIRST_NUMBER + ((width as u64) << 20) + run as u64;
        let network = TwoLayer::random(options.seed, number, width, chosen.dimensions())?;
        problem.train(network, width, run, options.steps)
    })?;
    rows.sort_unstable_by_key(|rows| rows.first().map(|row| (row.width, row.run)));
    Ok(rows.into_iter().flatten().collect())
}

/// The images and what does not depend on the network.
struct Problem {
    samples: Shared,
    test: Shared,
    /// Inner products of the images, and the limit of the Gram matrix.
    products_and_limit: Shared,
    limit_least: f64,
    learning_rate: f64,
    n: f64,
}

impl Problem {
    fn new(samples: Shared, test: Shared) -> Self {
        let products = samples.0.matmul(&samples.0.tr());
        let limit = limit(&products);
        let (limit_least, greatest) = extremes(&limit);
        let n = samples.1.size()[0] as f64;
        Self { samples, test, products_and_limit: Shared(products, limit), limit_least, learning_rate: 0.5 / greatest, n }
    }

    fn train(&self, mut network: TwoLayer, width: usize, run: usize, steps: usize) -> Result<Vec<GramRow<'static>>> {
        let (Shared(x, y), Shared(products, limit)) = (&self.samples, &self.products_and_limit);
        let weights_0 = network.weights.copy();
        let (mut rows, mut start): (Vec<GramRow<'static>>, Option<Start>) = (Vec::with_capacity(steps + 1), None);
        for step in 0..=steps {
            let pass = network.pass(x);
            let residuals = &pass.outputs - y;
            let square = number(&residuals.square().sum(Kind::Double));
            if !square.is_finite() {
                let what = format!("a network of {width} units on {} images", self.n);
                return Err(Error::Diverged { what, learning_rate: self.learning_rate });
            }
            let gram = gram(products, &pass.active);
            let start = start.get_or_insert_with(|| Start { distance_limit: distance(&gram, limit), gram: gram.copy(), square });
            let (least, greatest) = extremes(&gram);
            let gradient = network.gradient(x, &pass, &residuals);
            let diagonal = gram.diagonal(0, 0, 1);
            // By definition: the mean square of the per-sample gradients minus the square of their mean.
            let mean_square = number(&(residuals.square() * &diagonal).sum(Kind::Double)) / self.n;
            let square_mean = number(&gradient.square().sum(Kind::Double)) / (self.n * self.n);
            let moved = (&network.weights - &weights_0).square().sum_dim_intlist(1, false, Kind::Double).max();
            rows.push(GramRow {
                rule: RULE,
                width: width as u32,
                run: run as u32,
                step: step as u32,
                learning_rate: self.learning_rate,
                limit_least: self.limit_least,
                distance_limit: start.distance_limit,
                distance_initial: distance(&gram, &start.gram),
                least,
                greatest,
                movement: number(&moved).sqrt(),
                movement_bound: 4.0 * (self.n * start.square / width as f64).sqrt() / self.limit_least,
                residual: square,
                residual_bound: (1.0 - self.learning_rate * self.limit_least / 2.0).powi(step as i32) * start.square,
                residual_test: (step == 0 || step == steps).then(|| self.residual_test(&network)),
                sum_sigma2: (mean_square - square_mean).max(0.0),
                sigma2_low: square / self.n * (number(&diagonal.min()) - greatest / self.n),
                sigma2_high: square / self.n * (number(&diagonal.max()) - least / self.n),
            });
            network.descend(&gradient, self.learning_rate);
        }
        Ok(rows)
    }

    fn residual_test(&self, network: &TwoLayer) -> f64 {
        let Shared(x, y) = &self.test;
        number(&(network.pass(x).outputs - y).square().mean(Kind::Double))
    }
}

/// What a training began with.
struct Start {
    gram: Tensor,
    distance_limit: f64,
    square: f64,
}

/// H of inner products `[n, n]` and active units `[n, width]`.
fn gram(products: &Tensor, active: &Tensor) -> Tensor {
    products * active.matmul(&active.tr()) / active.size()[1] as f64
}

/// H at infinite width, of inner products of unit vectors.
fn limit(products: &Tensor) -> Tensor {
    // Rounding may carry the product of a vector with itself beyond 1.
    let angles = products.clamp(-1.0, 1.0).acos();
    products * (std::f64::consts::PI - angles) / (2.0 * std::f64::consts::PI)
}

/// Least and greatest eigenvalue of a symmetric matrix.
fn extremes(matrix: &Tensor) -> (f64, f64) {
    let eigenvalues = matrix.linalg_eigvalsh("L");
    (number(&eigenvalues.min()), number(&eigenvalues.max()))
}

/// Spectral distance of two symmetric matrices.
fn distance(a: &Tensor, b: &Tensor) -> f64 {
    let (least, greatest) = extremes(&(a - b));
    least.abs().max(greatest.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(n: usize, dimensions: usize) -> Data {
        let random = Stream::new(8, 8);
        let samples = |n: usize, at: u64| {
            let mut x: Vec<f64> = (0..n * dimensions).map(|k| random.normal(at + k as u64)).collect();
            for row in x.chunks_mut(dimensions) {
                let norm = row.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
                for entry in row.iter_mut() {
                    *entry /= norm;
                }
            }
            Samples::new(dimensions, x, (0..n).map(|k| (k % 10) as f64).collect())
        };
        Data { train: samples(n, 0), test: samples(5, 100_000), protocol: String::new(), inputs: Vec::new() }
    }

    const OPTIONS: Options<'static> = Options { widths: &[8, 4096], runs: 2, images: 6, steps: 20, seed: 1 };

    #[test]
    fn the_limit_is_as_by_hand() {
        let half = (std::f64::consts::PI / 3.0).cos();
        let products = Tensor::from_slice(&[1.0, 0.0, half, 1.0]).view([2, 2]);
        let limit: Vec<f64> = Vec::try_from(limit(&products).flatten(0, -1)).unwrap();
        // Equal vectors: pi / (2 pi); at right angles: 0; at 60 degrees: (1/2) (2/3 pi) / (2 pi) = 1/6.
        for (got, want) in limit.iter().zip([0.5, 0.0, 1.0 / 6.0, 0.5]) {
            assert!((got - want).abs() < 1e-15, "{limit:?}");
        }
    }

    #[test]
    fn eigenvalues_are_as_by_hand() {
        let matrix = Tensor::from_slice(&[2.0, 1.0, 1.0, 2.0]).view([2, 2]);
        let (least, greatest) = extremes(&matrix);
        assert!((least - 1.0).abs() < 1e-14 && (greatest - 3.0).abs() < 1e-14);
        assert!((distance(&matrix, &(&matrix * 2.0)) - 3.0).abs() < 1e-14);
    }

    #[test]
    fn the_variance_is_that_of_the_gradients_one_by_one() {
        let data = data(6, 5);
        let rows = run(&data, &Options { widths: &[8], runs: 1, steps: 0, ..OPTIONS }, 1, &|| {}).unwrap();
        let chosen = data.train.draw("", 6, Stream::new(1, streams::GRAM_IMAGES)).unwrap();
        let Shared(x, y) = tensors(&chosen).unwrap();
        let network = TwoLayer::random(1, FIRST_NUMBER + (8 << 20), 8, 5).unwrap();
        let gradients: Vec<Tensor> = (0..6)
            .map(|i| {
                let (x, y) = (x.narrow(0, i, 1), y.narrow(0, i, 1) / 9.0);
                let pass = network.pass(&x);
                network.gradient(&x, &pass, &(&pass.outputs - &y))
            })
            .collect();
        let variance = Tensor::stack(&gradients, 0).var_dim(0, false, false).sum(Kind::Double);
        assert!((rows[0].sum_sigma2 - number(&variance)).abs() < 1e-12 * rows[0].sum_sigma2, "{:?}", rows[0]);
    }

    #[test]
    fn what_holds_for_every_network_holds_and_wide_ones_stay_where_they_are() {
        let rows = run(&data(40, 20), &OPTIONS, 2, &|| {}).unwrap();
        assert_eq!(rows, run(&data(40, 20), &OPTIONS, 1, &|| {}).unwrap());
        assert_eq!(rows.len(), 2 * 2 * 21);
        for training in rows.chunks(21) {
            let [first, .., last] = training else { panic!("21 rows") };
            assert_eq!((first.step, first.distance_initial, first.movement, last.step), (0, 0.0, 0.0, 20));
            assert!(first.residual == first.residual_bound && last.residual < first.residual);
            assert!(training.iter().all(|row| row.residual_test.is_some() == [0, 20].contains(&row.step)));
            for row in training {
                assert!((row.least - first.least).abs() <= row.distance_initial + 1e-12);
                assert!(row.sigma2_low <= row.sum_sigma2 * (1.0 + 1e-12) && row.sum_sigma2 <= row.sigma2_high * (1.0 + 1e-12), "{row:?}");
            }
            if first.width == 4096 {
                // The six vectors are far from parallel, so this width is enough for what the theorem says.
                assert!(
                    training.iter().all(|row| row.least >= row.limit_least / 2.0 && row.residual <= row.residual_bound * (1.0 + 1e-12))
                );
                assert!(training.iter().all(|row| row.movement <= row.movement_bound));
            }
        }
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let message = |options: Options<'_>| run(&data(8, 5), &options, 1, &|| {}).unwrap_err().to_string();
        assert_eq!(message(Options { widths: &[], ..OPTIONS }), "--gram-widths must be at least 1, got 0");
        assert_eq!(message(Options { runs: 0, ..OPTIONS }), "--gram-runs must be at least 1, got 0");
        assert_eq!(message(Options { images: 9, ..OPTIONS }), "the Gram matrix needs 9 images, there are 8");
    }
}
