use bench_loaders::Targets;
use engine::{Error, Placement};
use tch::{Kind, Reduction, Tensor};

/// Added to probabilities before their logarithm, for targets that are distributions.
const PROBABILITY_FLOOR: f64 = 1e-5;

/// The targets of a batch on its device; each kind has its loss ([`bench_loaders::Target`]).
#[derive(Debug)]
pub enum TensorTargets {
    /// Class numbers, `[batch]`, or `[batch, h, w]` where every pixel has one.
    Classes(Tensor),
    /// Probabilities, `[batch, classes]`.
    Distribution(Tensor),
    /// Numbers, `[batch, classes]`.
    Values(Tensor),
    /// Images, `[batch, channels, h, w]`.
    Image(Tensor),
}

impl TensorTargets {
    /// Moves the targets of a batch of images `[batch, _, h, w]` to a device.
    pub(crate) fn new(targets: &Targets, [batch, _, h, w]: [i64; 4], placement: Placement) -> Result<Self, Error> {
        let rows = |values: &[f64]| placement.tensor(values, &[batch, values.len() as i64 / batch.max(1)]);
        Ok(match targets {
            Targets::Classes(classes) => Self::Classes(placement.labels(classes)?),
            Targets::PixelClasses(classes) => Self::Classes(placement.labels(classes)?.f_view([batch, h, w])?),
            Targets::Distribution(values) => Self::Distribution(rows(values)?),
            Targets::Values(values) => Self::Values(rows(values)?),
            Targets::Image(values) => Self::Image(placement.tensor(values, &[batch, values.len() as i64 / (batch * h * w).max(1), h, w])?),
        })
    }

    /// The loss of a network's output, averaged over the batch: a scalar.
    ///
    /// # Errors
    /// [`Error::Torch`] if output and targets differ in shape.
    pub(crate) fn loss(&self, output: &Tensor) -> Result<Tensor, Error> {
        Ok(match self {
            Self::Classes(classes) => output.f_cross_entropy_loss(classes, None::<&Tensor>, Reduction::Mean, -100, 0.0)?,
            Self::Distribution(target) => {
                let logarithms = (output.softmax(-1, None::<Kind>) + PROBABILITY_FLOOR).log();
                -logarithms.f_mul(target)?.sum_dim_intlist([-1i64].as_slice(), false, None::<Kind>).mean(None::<Kind>)
            }
            Self::Values(target) => output.f_mse_loss(target, Reduction::Mean)?,
            Self::Image(target) => output.f_l1_loss(target, Reduction::Mean)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(targets: &Targets, output: &[f64], shape: [i64; 4]) -> f64 {
        let placement = Placement::new(tch::Device::Cpu, engine::DType::F64);
        let dims = if shape[2] == 1 { &shape[..2] } else { &shape[..] };
        let output = Tensor::from_slice(output).view(dims);
        TensorTargets::new(targets, shape, placement).unwrap().loss(&output).unwrap().double_value(&[])
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
    fn numbers_and_pixels_by_hand() {
        assert_eq!(loss(&Targets::Values(vec![1.0, 2.0]), &[3.0, 1.0], [1, 2, 1, 1]), 2.5);
        assert_eq!(loss(&Targets::Image(vec![1.0, -1.0, 0.0, 0.5]), &[0.0, 0.0, 0.0, 0.0], [1, 1, 2, 2]), 0.625);
        let pixels = loss(&Targets::PixelClasses(vec![0, 1, 1, 0]), &[0.0; 8], [1, 2, 2, 2]);
        assert!((pixels - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn an_output_of_another_shape_is_an_error() {
        let placement = Placement::default();
        let targets = TensorTargets::new(&Targets::Values(vec![1.0, 2.0]), [1, 3, 8, 8], placement).unwrap();
        assert!(targets.loss(&Tensor::zeros([1, 3], (Kind::Float, tch::Device::Cpu))).is_err());
    }
}
