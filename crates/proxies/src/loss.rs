use std::rc::Rc;

use bench_loaders::Targets;
use engine::{Error, Norm, Placement};
use netgraph::rng::Stream;
use tch::{Kind, Reduction, Tensor};

use crate::critic::Critic;

/// Added to probabilities before their logarithm, for targets that are distributions.
const PROBABILITY_FLOOR: f64 = 1e-5;

/// Weights of the two terms of the image loss.
const ABSOLUTE: f64 = 0.99;
const ADVERSARIAL: f64 = 1.0 - ABSOLUTE;

/// The targets of a batch on its device; each kind has its loss ([`bench_loaders::Target`]).
#[derive(Debug)]
pub enum TensorTargets {
    /// Class numbers, `[batch]`, or `[batch, h, w]` where every pixel has one.
    Classes(Tensor),
    /// Probabilities, `[batch, classes]`.
    Distribution(Tensor),
    /// Numbers, `[batch, classes]`.
    Values(Tensor),
    /// Images, `[batch, channels, h, w]`, and who judges the output beside the input.
    Image(Tensor, Rc<Critic>),
}

impl TensorTargets {
    /// Moves the targets of a batch of images `[batch, _, h, w]` to a device. `critic` gives the judge of images.
    pub(crate) fn new<E: From<Error>>(
        targets: &Targets,
        [batch, _, h, w]: [i64; 4],
        placement: Placement,
        critic: impl FnOnce() -> Result<Rc<Critic>, E>,
    ) -> Result<Self, E> {
        let rows = |values: &[f64]| placement.tensor(values, &[batch, values.len() as i64 / batch.max(1)]);
        Ok(match targets {
            Targets::Classes(classes) => Self::Classes(placement.labels(classes)?),
            Targets::PixelClasses(classes) => Self::Classes(placement.labels(classes)?.f_view([batch, h, w]).map_err(Error::from)?),
            Targets::Distribution(values) => Self::Distribution(rows(values)?),
            Targets::Values(values) => Self::Values(rows(values)?),
            Targets::Image(values) => {
                let channels = values.len() as i64 / (batch * h * w).max(1);
                Self::Image(placement.tensor(values, &[batch, channels, h, w])?, critic()?)
            }
        })
    }

    /// The targets of `count` samples from number `start` on.
    pub(crate) fn narrow(&self, start: i64, count: i64) -> Self {
        let cut = |targets: &Tensor| targets.narrow(0, start, count);
        match self {
            Self::Classes(classes) => Self::Classes(cut(classes)),
            Self::Distribution(values) => Self::Distribution(cut(values)),
            Self::Values(values) => Self::Values(cut(values)),
            Self::Image(images, critic) => Self::Image(cut(images), Rc::clone(critic)),
        }
    }

    /// Random classes, class of sample j `floor(uniform(seed, stream, j) * classes)`, in the place of classes of images; other
    /// targets stay.
    pub(crate) fn with_random_classes(self, seed: u64, stream: u64, classes: usize) -> Self {
        match self {
            Self::Classes(labels) if labels.dim() == 1 => {
                let stream = Stream::new(seed, stream);
                let drawn: Vec<i64> = (0..labels.size()[0] as u64).map(|j| (stream.uniform(j) * classes as f64).floor() as i64).collect();
                Self::Classes(Tensor::from_slice(&drawn).to_device(labels.device()))
            }
            other => other,
        }
    }

    /// The same targets, sharing their memory.
    pub(crate) fn shallow_clone(&self) -> Self {
        let (Self::Classes(first) | Self::Distribution(first) | Self::Values(first) | Self::Image(first, _)) = self;
        self.narrow(0, first.size()[0])
    }

    /// The loss of a network's output for these images, averaged over the batch: a scalar. `norm` is what the network's batch
    /// norms do, which those of a critic do too.
    ///
    /// # Errors
    /// [`Error::Torch`] if output and targets differ in shape.
    pub(crate) fn loss(&self, images: &Tensor, output: &Tensor, norm: Norm) -> Result<Tensor, Error> {
        Ok(match self {
            Self::Classes(classes) => output.f_cross_entropy_loss(classes, None::<&Tensor>, Reduction::Mean, -100, 0.0)?,
            Self::Distribution(target) => {
                let logarithms = (output.softmax(-1, None::<Kind>) + PROBABILITY_FLOOR).log();
                -logarithms.f_mul(target)?.sum_dim_intlist([-1i64].as_slice(), false, None::<Kind>).mean(None::<Kind>)
            }
            Self::Values(target) => output.f_mse_loss(target, Reduction::Mean)?,
            Self::Image(target, critic) => {
                output.f_l1_loss(target, Reduction::Mean)? * ABSOLUTE + critic.loss(images, output, norm)? * ADVERSARIAL
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACEMENT: Placement = Placement::new(tch::Device::Cpu, engine::DType::F64);

    fn critic() -> Result<Rc<Critic>, crate::Error> {
        Ok(Rc::new(Critic::new(64, 0, PLACEMENT)?))
    }

    fn loss(targets: &Targets, output: &[f64], shape: [i64; 4]) -> f64 {
        let dims = if shape[2] == 1 { &shape[..2] } else { &shape[..] };
        let output = Tensor::from_slice(output).view(dims);
        let targets = TensorTargets::new(targets, shape, PLACEMENT, critic).unwrap();
        targets.loss(&output.zeros_like(), &output, Norm::Train).unwrap().double_value(&[])
    }

    #[test]
    fn a_certain_distribution_is_nearly_the_cross_entropy() {
        let logits = [0.3, -1.2, 0.8, 2.0, 0.1, -0.4];
        let hard = loss(&Targets::Classes(vec![2, 0]), &logits, [2, 3, 1, 1]);
        let by_hand = |row: &[f64], class: usize| row.iter().map(|x| x.exp()).sum::<f64>().ln() - row[class];
        assert!((hard - f64::midpoint(by_hand(&logits[..3], 2), by_hand(&logits[3..], 0))).abs() < 1e-12);
        let soft = loss(&Targets::Distribution(vec![0.0, 0.0, 1.0, 1.0, 0.0, 0.0]), &logits, [2, 3, 1, 1]);
        assert!(soft < hard && hard - soft < 5e-5, "{soft} {hard}");
        let even = loss(&Targets::Distribution(vec![0.5, 0.5]), &[0.0, 0.0], [1, 2, 1, 1]);
        assert!((even + (0.5f64 + 1e-5).ln()).abs() < 1e-12);
    }

    #[test]
    fn numbers_and_classes_of_pixels_by_hand() {
        assert_eq!(loss(&Targets::Values(vec![1.0, 2.0]), &[3.0, 1.0], [1, 2, 1, 1]), 2.5);
        let pixels = loss(&Targets::PixelClasses(vec![0, 1, 1, 0]), &[0.0; 8], [1, 2, 2, 2]);
        assert!((pixels - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn an_image_costs_its_distance_and_a_hundredth_of_the_critics_doubt() {
        let (size, shape) = (3 * 64 * 64, [1, 3, 64, 64]);
        let got = loss(&Targets::Image(vec![0.25; size]), &vec![1.0; size], shape);
        let output = Tensor::ones(shape, (Kind::Double, tch::Device::Cpu));
        let doubt = critic().unwrap().loss(&output.zeros_like(), &output, Norm::Train).unwrap().double_value(&[]);
        assert!((got - (0.99 * 0.75 + 0.01 * doubt)).abs() < 1e-12);
    }

    #[test]
    fn an_output_of_another_shape_is_an_error() {
        let targets = TensorTargets::new(&Targets::Values(vec![1.0, 2.0]), [1, 3, 8, 8], PLACEMENT, critic).unwrap();
        let images = Tensor::zeros([1, 3, 8, 8], (Kind::Double, tch::Device::Cpu));
        assert!(targets.loss(&images, &Tensor::zeros([1, 3], (Kind::Double, tch::Device::Cpu)), Norm::Train).is_err());
    }
}
