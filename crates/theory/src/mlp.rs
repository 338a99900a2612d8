//! Figures 2 and 5: losses of random two-layer networks against the spread of their gradients across batches.
//!
//! # Protocol
//! h(x) = (1/sqrt m) sum over r of s ReLU(w.x), first layer standard normal, second layer fixed to random signs; only the first layer
//! is trained. The loss is the mean of (h - y)^2, y the digit. One epoch of plain gradient descent over batches of one fixed random
//! order, the same for every network.
//!
//! # Conventions that the paper leaves open
//! * **Width.** Drawn for each network so that its logarithm is uniform in [`WIDTHS`]; networks differ in width and in weights.
//! * **Spread.** The standard deviation of each weight's gradient across the epoch's batches *at the initial weights*, population
//!   form. At the paper's learning rate of 1e-8 the weights do not move, so the gradients along the epoch are the same. One number of all
//!   weights: the root of the summed variances (the theorem's quantity; its size does not depend on the width). Sum and mean of the
//!   deviations stand beside it; they grow and fall with the root of the width.
//! * **Batches.** The epoch covers as many images as fill batches of every size in use without a rest; losses are over all images.
//! * **Trained.** A further setting ([`TRAINED`]), which is ours: a learning rate at which one epoch does learn.

use netgraph::rng::Stream;
use tables::MlpRow;
use tch::{Kind, Tensor};

use crate::network::{Pass, Shared, TwoLayer, number, tensors};
use crate::parallel::{Done, in_order};
use crate::{Data, Error, Result, streams};

/// Fewest and most hidden units.
pub const WIDTHS: [usize; 2] = [16, 256];
/// Name and learning rate of our own setting, with Figure 2's batches.
pub const TRAINED: (&str, f64) = ("fig2-trained", 0.5);

/// How networks are trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Name of the figure.
    pub figure: &'static str,
    /// Images per batch.
    pub batch_size: usize,
    /// Learning rate.
    pub learning_rate: f64,
}

/// Settings of Figure 2: batches of 256, and the same with a learning rate that learns.
pub const fn figure_2(learning_rate: f64) -> [Setting; 2] {
    let (figure, trained) = TRAINED;
    [Setting { figure: "fig2", batch_size: 256, learning_rate }, Setting { figure, batch_size: 256, learning_rate: trained }]
}

/// Settings of Figure 5: batches of 64 and of 128.
pub const fn figure_5(learning_rate: f64) -> [Setting; 2] {
    [Setting { figure: "fig5", batch_size: 64, learning_rate }, Setting { figure: "fig5", batch_size: 128, learning_rate }]
}

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options<'a> {
    /// Number of networks.
    pub networks: usize,
    /// Most images to learn from; the first of the epoch's order if there are more.
    pub images: usize,
    /// Settings, each for every network.
    pub settings: &'a [Setting],
    /// Seed of networks and order.
    pub seed: u64,
}

/// Evaluates the networks. Rows by network, then by setting. Each costs about `settings + 1` epochs.
///
/// # Errors
/// [`Error::TooFewImages`] if two of the largest batches cannot be filled (a spread needs two); [`Error::Setting`] for no network, no
/// setting, or batch sizes of which the least does not divide the others; [`Error::Diverged`].
pub fn run(data: &Data, options: &Options<'_>, workers: usize, done: &Done<'_>) -> Result<Vec<MlpRow<'static>>> {
    if options.networks == 0 {
        return Err(Error::Setting { name: "--networks", expected: "at least 1".into(), got: "0".into() });
    }
    let sizes = || options.settings.iter().map(|setting| setting.batch_size);
    let (least, most) = (sizes().min().unwrap_or(0), sizes().max().unwrap_or(0));
    if least == 0 || sizes().any(|size| size % least != 0 || most % size != 0) {
        let got = format!("{:?}", sizes().collect::<Vec<_>>());
        return Err(Error::Setting { name: "batch sizes", expected: "multiples of each other".into(), got });
    }
    let images = options.images.min(data.train.len());
    if images < 2 * most {
        return Err(Error::TooFewImages { what: "a spread across batches", needed: 2 * most, got: images });
    }
    let train = data.train.draw("an epoch", images, Stream::new(options.seed, streams::EPOCH))?;
    let all =
        Epoch { train: tensors(&train)?, test: tensors(&data.test)?, in_batches: (images - images % most) as i64, least: least as i64 };
    let rows = in_order(options.networks, workers, done, |network| {
        let width = width(options.seed, network);
        all.evaluate(&TwoLayer::random(options.seed, network as u64, width, train.dimensions())?, network, width, options.settings)
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// Width of the network of that number.
fn width(seed: u64, network: usize) -> usize {
    let [least, most] = WIDTHS.map(|width| (width as f64).ln());
    (least + Stream::new(seed, streams::WIDTHS).uniform(network as u64) * (most - least)).exp().round() as usize
}

/// Images as tensors: vectors and targets.
struct Epoch {
    train: Shared,
    test: Shared,
    /// How many of the first images are in batches.
    in_batches: i64,
    /// The least batch size.
    least: i64,
}

impl Epoch {
    fn evaluate(&self, network: &TwoLayer, number: usize, width: usize, settings: &[Setting]) -> Result<Vec<MlpRow<'static>>> {
        let sizes: Vec<i64> = settings.iter().map(|setting| setting.batch_size as i64).collect();
        let spreads = self.spreads(network, &sizes);
        let loss_initial = loss(network, &self.train);
        let mut rows = Vec::with_capacity(settings.len());
        for (setting, spread) in settings.iter().zip(spreads) {
            let mut trained = network.copy();
            self.train(&mut trained, setting);
            let [loss_train, loss_test] = [&self.train, &self.test].map(|part| loss(&trained, part));
            if !(loss_train.is_finite() && loss_test.is_finite()) {
                let what = format!("network {number} under {}", setting.figure);
                return Err(Error::Diverged { what, learning_rate: setting.learning_rate });
            }
            rows.push(MlpRow {
                figure: setting.figure,
                batch_size: setting.batch_size as u32,
                learning_rate: setting.learning_rate,
                network: number as u32,
                width: width as u32,
                std_root: spread.root,
                std_sum: spread.sum,
                std_mean: spread.mean,
                loss_initial,
                loss_train,
                loss_test,
            });
        }
        Ok(rows)
    }

    fn batch(&self, from: i64, size: i64) -> Shared {
        Shared(self.train.0.narrow(0, from, size), self.train.1.narrow(0, from, size))
    }

    /// The spread for each batch size: batches nest, so the gradient of a large one is the mean of those of its parts, and one pass
    /// over the least ones does for all.
    fn spreads(&self, network: &TwoLayer, sizes: &[i64]) -> Vec<Spread> {
        let mut moments: Vec<Moments> = sizes.iter().map(|size| Moments::new(size / self.least)).collect();
        for from in (0..self.in_batches).step_by(self.least as usize) {
            let gradient = gradient(network, &self.batch(from, self.least));
            for moments in &mut moments {
                moments.push(&gradient);
            }
        }
        moments.into_iter().filter_map(Moments::spread).collect()
    }

    fn train(&self, network: &mut TwoLayer, setting: &Setting) {
        for from in (0..self.in_batches).step_by(setting.batch_size) {
            let gradient = gradient(network, &self.batch(from, setting.batch_size as i64));
            network.descend(&gradient, setting.learning_rate);
        }
    }
}

/// Gradient of the loss of a batch, `[width, dimensions]`.
fn gradient(network: &TwoLayer, Shared(x, y): &Shared) -> Tensor {
    let pass = network.pass(x);
    let coefficients = (&pass.outputs - y) * (2.0 / y.size()[0] as f64);
    network.gradient(x, &pass, &coefficients)
}

/// Mean of (h - y)^2.
fn loss(network: &TwoLayer, Shared(x, y): &Shared) -> f64 {
    let Pass { outputs, .. } = network.pass(x);
    number(&(outputs - y).square().mean(Kind::Double))
}

/// Standard deviations of all weights as one number.
struct Spread {
    root: f64,
    sum: f64,
    mean: f64,
}

/// Running mean and sum of squared deviations of gradients, each the mean of `parts` consecutive ones.
struct Moments {
    parts: i64,
    pending: Option<(i64, Tensor)>,
    n: i64,
    sums: Option<(Tensor, Tensor)>,
}

impl Moments {
    fn new(parts: i64) -> Self {
        Self { parts, pending: None, n: 0, sums: None }
    }

    fn push(&mut self, gradient: &Tensor) {
        let (count, sum) = match self.pending.take() {
            None => (1, gradient.copy()),
            Some((count, sum)) => (count + 1, sum + gradient),
        };
        if count < self.parts {
            self.pending = Some((count, sum));
            return;
        }
        let whole = if self.parts == 1 { sum } else { sum / self.parts as f64 };
        self.n += 1;
        // Welford's update: no difference of large sums.
        self.sums = Some(match self.sums.take() {
            None => (whole.copy(), whole.zeros_like()),
            Some((mean, squares)) => {
                let before = &whole - &mean;
                let mean = mean + &before / self.n as f64;
                (mean.shallow_clone(), squares + before * (whole - &mean))
            }
        });
    }

    fn spread(self) -> Option<Spread> {
        let (_, squares) = self.sums?;
        let variance = squares / self.n as f64;
        let deviation = variance.sqrt();
        Some(Spread {
            root: number(&variance.sum(Kind::Double)).sqrt(),
            sum: number(&deviation.sum(Kind::Double)),
            mean: number(&deviation.mean(Kind::Double)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Samples;

    fn data(n: usize) -> Data {
        let random = Stream::new(8, 8);
        let samples = |n: usize, at: u64| {
            let angles: Vec<f64> = (0..n).map(|k| random.uniform(at + k as u64)).collect();
            Samples::new(2, angles.iter().flat_map(|t| [t.cos(), t.sin()]).collect(), (0..n).map(|k| (k % 10) as f64).collect())
        };
        Data { train: samples(n, 0), test: samples(5, 1000), protocol: String::new(), inputs: Vec::new() }
    }

    const SETTINGS: [Setting; 2] =
        [Setting { figure: "fig5", batch_size: 4, learning_rate: 1e-8 }, Setting { figure: "fig2", batch_size: 8, learning_rate: 0.1 }];

    #[test]
    fn the_spread_is_that_of_the_definition() {
        let whole = |values: &[f64]| Tensor::from_slice(values);
        let mut moments = Moments::new(2);
        // Pairs (1, 3), (5, 7), (0, 0): means 2, 6, 0 of the one weight; 1, 1, 4 of the other.
        for values in [[1.0, 2.0], [3.0, 0.0], [5.0, 1.0], [7.0, 1.0], [0.0, 4.0], [0.0, 4.0]] {
            moments.push(&whole(&values));
        }
        let spread = moments.spread().unwrap();
        // Means 8/3 and 2; variances (4 + 36 + 0)/3 - 64/9 = 56/9 and (1 + 1 + 16)/3 - 4 = 2.
        let (first, second) = ((56.0_f64 / 9.0).sqrt(), 2.0_f64.sqrt());
        assert!((spread.root - (56.0_f64 / 9.0 + 2.0).sqrt()).abs() < 1e-14);
        assert!((spread.sum - (first + second)).abs() < 1e-14 && (spread.mean - f64::midpoint(first, second)).abs() < 1e-14);
    }

    #[test]
    fn rows_do_not_depend_on_the_workers_and_a_large_step_learns() {
        let options = Options { networks: 5, images: 30, settings: &SETTINGS, seed: 1 };
        let rows = run(&data(30), &options, 1, &|| {}).unwrap();
        assert_eq!(rows, run(&data(30), &options, 4, &|| {}).unwrap());
        assert_eq!(rows.len(), 10);
        for pair in rows.chunks(2) {
            let [still, trained] = pair else { panic!("two settings") };
            assert_eq!((still.network, still.width, still.loss_initial), (trained.network, trained.width, trained.loss_initial));
            assert!((WIDTHS[0]..=WIDTHS[1]).contains(&(still.width as usize)));
            // A square gradient is at most 4 times the loss, since unit vectors make the features at most 1; six batches that hold 24 of
            // the 30 images then bring the loss down by at most 6 sqrt(30/24) < 7 times that and the rate.
            assert!(still.loss_train < still.loss_initial, "{still:?}");
            assert!(still.loss_initial - still.loss_train <= 7.0 * 4.0 * 1e-8 * still.loss_initial, "{still:?}");
            assert!(trained.loss_train < 0.9 * trained.loss_initial, "{trained:?}");
            // Larger batches average more.
            assert!(trained.std_root < still.std_root && still.std_root > 0.0);
        }
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let options = Options { networks: 1, images: 30, settings: &SETTINGS, seed: 1 };
        let message = |n: usize, options: Options<'_>| run(&data(n), &options, 1, &|| {}).unwrap_err().to_string();
        assert_eq!(message(30, Options { networks: 0, ..options }), "--networks must be at least 1, got 0");
        assert_eq!(message(15, options), "a spread across batches needs 16 images, there are 15");
        assert_eq!(message(30, Options { images: 9, ..options }), "a spread across batches needs 16 images, there are 9");
        let uneven = [SETTINGS[0], Setting { batch_size: 6, ..SETTINGS[1] }];
        assert!(message(30, Options { settings: &uneven, ..options }).contains("multiples of each other"));
        assert!(message(30, Options { settings: &[], ..options }).contains("batch sizes"));
        let wild = [Setting { learning_rate: 1e200, ..SETTINGS[0] }];
        assert!(message(30, Options { settings: &wild, ..options }).contains("network 0 under fig5 diverged"));
    }
}
