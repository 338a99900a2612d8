//! `AutoAugment`: two operations drawn from a learnt list (Cubuk et al., CVPR 2019).

use image::RgbImage;
use netgraph::rng::Stream;

use crate::DatasetMeta;

use super::operations::Operation;

/// Stream of the draws: for each image which pair, whether each of its operations is done, and in which direction.
const POLICY_STREAM: u64 = 604;
/// Draws of an image.
const DRAWS: u64 = 5;
/// The strongest level.
const LAST_LEVEL: f64 = 9.0;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// That learnt on `ImageNet`.
    ImageNet,
    /// That learnt on CIFAR-10.
    Cifar10,
}

/// An operation of a pair: probability and level, 0 to 9.
#[derive(Clone, Copy, Debug)]
struct Step(Kind, f64, u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
    Rotate,
    Colour,
    Contrast,
    Brightness,
    Sharpness,
    Posterize,
    Solarize,
    AutoContrast,
    Equalize,
    Invert,
}

use Kind::{
    AutoContrast, Brightness, Colour, Contrast, Equalize, Invert, Posterize, Rotate, Sharpness, ShearX, ShearY, Solarize, TranslateX,
    TranslateY,
};

/// Cubuk et al., Table 9 (supplement).
const IMAGENET: [[Step; 2]; 25] = [
    [Step(Posterize, 0.4, 8), Step(Rotate, 0.6, 9)],
    [Step(Solarize, 0.6, 5), Step(AutoContrast, 0.6, 5)],
    [Step(Equalize, 0.8, 8), Step(Equalize, 0.6, 3)],
    [Step(Posterize, 0.6, 7), Step(Posterize, 0.6, 6)],
    [Step(Equalize, 0.4, 7), Step(Solarize, 0.2, 4)],
    [Step(Equalize, 0.4, 4), Step(Rotate, 0.8, 8)],
    [Step(Solarize, 0.6, 3), Step(Equalize, 0.6, 7)],
    [Step(Posterize, 0.8, 5), Step(Equalize, 1.0, 2)],
    [Step(Rotate, 0.2, 3), Step(Solarize, 0.6, 8)],
    [Step(Equalize, 0.6, 8), Step(Posterize, 0.4, 6)],
    [Step(Rotate, 0.8, 8), Step(Colour, 0.4, 0)],
    [Step(Rotate, 0.4, 9), Step(Equalize, 0.6, 2)],
    [Step(Equalize, 0.0, 7), Step(Equalize, 0.8, 8)],
    [Step(Invert, 0.6, 4), Step(Equalize, 1.0, 8)],
    [Step(Colour, 0.6, 4), Step(Contrast, 1.0, 8)],
    [Step(Rotate, 0.8, 8), Step(Colour, 1.0, 2)],
    [Step(Colour, 0.8, 8), Step(Solarize, 0.8, 7)],
    [Step(Sharpness, 0.4, 7), Step(Invert, 0.6, 8)],
    [Step(ShearX, 0.6, 5), Step(Equalize, 1.0, 9)],
    [Step(Colour, 0.4, 0), Step(Equalize, 0.6, 3)],
    [Step(Equalize, 0.4, 7), Step(Solarize, 0.2, 4)],
    [Step(Solarize, 0.6, 5), Step(AutoContrast, 0.6, 5)],
    [Step(Invert, 0.6, 4), Step(Equalize, 1.0, 8)],
    [Step(Colour, 0.6, 4), Step(Contrast, 1.0, 8)],
    [Step(Equalize, 0.8, 8), Step(Equalize, 0.6, 3)],
];

/// Cubuk et al., Table 7 (supplement).
const CIFAR10: [[Step; 2]; 25] = [
    [Step(Invert, 0.1, 7), Step(Contrast, 0.2, 6)],
    [Step(Rotate, 0.7, 2), Step(TranslateX, 0.3, 9)],
    [Step(Sharpness, 0.8, 1), Step(Sharpness, 0.9, 3)],
    [Step(ShearY, 0.5, 8), Step(TranslateY, 0.7, 9)],
    [Step(AutoContrast, 0.5, 8), Step(Equalize, 0.9, 2)],
    [Step(ShearY, 0.2, 7), Step(Posterize, 0.3, 7)],
    [Step(Colour, 0.4, 3), Step(Brightness, 0.6, 7)],
    [Step(Sharpness, 0.3, 9), Step(Brightness, 0.7, 9)],
    [Step(Equalize, 0.6, 5), Step(Equalize, 0.5, 1)],
    [Step(Contrast, 0.6, 7), Step(Sharpness, 0.6, 5)],
    [Step(Colour, 0.7, 7), Step(TranslateX, 0.5, 8)],
    [Step(Equalize, 0.3, 7), Step(AutoContrast, 0.4, 8)],
    [Step(TranslateY, 0.4, 3), Step(Sharpness, 0.2, 6)],
    [Step(Brightness, 0.9, 6), Step(Colour, 0.2, 8)],
    [Step(Solarize, 0.5, 2), Step(Invert, 0.0, 3)],
    [Step(Equalize, 0.2, 0), Step(AutoContrast, 0.6, 0)],
    [Step(Equalize, 0.2, 8), Step(Equalize, 0.8, 4)],
    [Step(Colour, 0.9, 9), Step(Equalize, 0.6, 6)],
    [Step(AutoContrast, 0.8, 4), Step(Solarize, 0.2, 8)],
    [Step(Brightness, 0.1, 3), Step(Colour, 0.7, 0)],
    [Step(Solarize, 0.4, 5), Step(AutoContrast, 0.9, 3)],
    [Step(TranslateY, 0.9, 9), Step(TranslateY, 0.7, 9)],
    [Step(AutoContrast, 0.9, 2), Step(Solarize, 0.8, 3)],
    [Step(Equalize, 0.8, 8), Step(Invert, 0.1, 3)],
    [Step(TranslateY, 0.7, 9), Step(AutoContrast, 0.9, 1)],
];

impl Policy {
    /// The list for images of a data set: CIFAR's own for CIFAR-10 and CIFAR-100, else that of `ImageNet`.
    #[must_use]
    pub fn of(dataset: &DatasetMeta) -> Self {
        if dataset.name.starts_with("cifar") { Self::Cifar10 } else { Self::ImageNet }
    }

    /// What is done to image `k` under `seed`.
    ///
    /// # Conventions
    /// Sizes of operations, and that a rotation has one direction only, are those of `idstcv/ZenNAS@ec10755 DataLoader/autoaugment.py`, which the
    /// paper's training uses.
    #[must_use]
    pub fn operations(self, seed: u64, k: u64) -> Vec<Operation> {
        let stream = Stream::new(seed, POLICY_STREAM);
        let draw = |i: u64| stream.uniform(k.wrapping_mul(DRAWS).wrapping_add(i));
        let pairs = match self {
            Self::ImageNet => &IMAGENET,
            Self::Cifar10 => &CIFAR10,
        };
        let pair = pairs[(draw(0) * pairs.len() as f64) as usize];
        let done = (1..).zip(pair).filter(|(i, Step(_, probability, _))| draw(*i) < *probability);
        done.map(|(i, Step(kind, _, level))| kind.at(level, if draw(i + 2) < 0.5 { -1.0 } else { 1.0 })).collect()
    }
}

impl Kind {
    /// The operation at a level; `sign` is its direction, where it has two.
    fn at(self, level: u8, sign: f64) -> Operation {
        let share = f64::from(level) / LAST_LEVEL;
        let factor = 1.0 + sign * 0.9 * share;
        match self {
            ShearX => Operation::ShearX(sign * 0.3 * share),
            ShearY => Operation::ShearY(sign * 0.3 * share),
            TranslateX => Operation::TranslateX(sign * 150.0 / 331.0 * share),
            TranslateY => Operation::TranslateY(sign * 150.0 / 331.0 * share),
            Rotate => Operation::Rotate(30.0 * share),
            Colour => Operation::Colour(factor),
            Contrast => Operation::Contrast(factor),
            Brightness => Operation::Brightness(factor),
            Sharpness => Operation::Sharpness(factor),
            Posterize => Operation::Posterize((8.0 - 4.0 * share).round() as u8),
            Solarize => Operation::Solarize(256.0 * (1.0 - share)),
            AutoContrast => Operation::AutoContrast,
            Equalize => Operation::Equalize,
            Invert => Operation::Invert,
        }
    }
}

/// Planes `[3, side, side]` after these operations.
pub fn changed(planes: &[u8], side: usize, operations: &[Operation]) -> Vec<u8> {
    let area = side * side;
    let at = |x: u32, y: u32, channel: usize| planes[channel * area + y as usize * side + x as usize];
    let picture = RgbImage::from_fn(side as u32, side as u32, |x, y| image::Rgb(std::array::from_fn(|channel| at(x, y, channel))));
    super::picture_folder::planes(&operations.iter().fold(picture, |picture, operation| operation.apply(picture)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_comes_up_as_often_and_each_operation_as_likely_as_stated() {
        for (policy, pairs) in [(Policy::ImageNet, &IMAGENET), (Policy::Cifar10, &CIFAR10)] {
            let n = 50_000;
            let mut count = 0;
            for k in 0..n {
                count += policy.operations(2, k).len();
            }
            let expected: f64 = pairs.iter().flatten().map(|Step(_, probability, _)| probability / 25.0).sum();
            assert!((count as f64 / n as f64 - expected).abs() < 0.01, "{policy:?}: {count}");
        }
        // ShearX is in one pair of 25, with probability 0.6, to either side.
        let shears: Vec<f64> = (0..50_000)
            .flat_map(|k| Policy::ImageNet.operations(2, k))
            .filter_map(|operation| if let Operation::ShearX(share) = operation { Some(share) } else { None })
            .collect();
        assert!((1_100..1_300).contains(&shears.len()), "{}", shears.len());
        let left = shears.iter().filter(|&&share| share < 0.0).count();
        assert!((500..700).contains(&left) && shears.iter().all(|share| (share.abs() - 0.3 * 5.0 / 9.0).abs() < 1e-12));
    }

    #[test]
    fn levels_are_sizes() {
        assert_eq!([0, 5, 6, 7, 8].map(|level| Posterize.at(level, 1.0)), [8, 6, 5, 5, 4].map(Operation::Posterize));
        assert_eq!((Rotate.at(9, -1.0), Solarize.at(9, 1.0)), (Operation::Rotate(30.0), Operation::Solarize(0.0)));
        assert_eq!((Colour.at(0, -1.0), Contrast.at(9, -1.0)), (Operation::Colour(1.0), Operation::Contrast(1.0 - 0.9)));
        assert_eq!(Policy::of(crate::datasets::find("cifar100").unwrap()), Policy::Cifar10);
        assert_eq!(Policy::of(crate::datasets::find("imagenet16-120").unwrap()), Policy::ImageNet);
    }
}
