use bench_loaders::{GreyImages, Mnist};
use netgraph::rng::Stream;

use crate::{Error, Result, streams};

/// Of so many images one is held out, as in MNIST itself (10,000 of 70,000).
const HELD_OUT: usize = 7;

/// Unit vectors with targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    dimensions: usize,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Samples {
    /// Samples of any origin. `x` is `[n, dimensions]`, each row of norm 1 (the caller sees to it); `y` is `[n]`.
    ///
    /// # Panics
    /// If the sizes do not fit.
    #[must_use]
    pub fn new(dimensions: usize, x: Vec<f64>, y: Vec<f64>) -> Self {
        assert!(x.len() == dimensions * y.len(), "{} numbers for {} samples of {dimensions}", x.len(), y.len());
        Self { dimensions, x, y }
    }

    /// Grey values divided by their norm; the target is the digit.
    ///
    /// # Errors
    /// [`Error::Blank`].
    pub fn of_images(images: &GreyImages) -> Result<Self> {
        let dimensions = images.side * images.side;
        let mut x = Vec::with_capacity(images.pixels.len());
        for (image, pixels) in images.pixels.chunks(dimensions).enumerate() {
            // A sum of squares of bytes is exact.
            let square: f64 = pixels.iter().map(|&pixel| f64::from(pixel).powi(2)).sum();
            if square == 0.0 {
                return Err(Error::Blank { name: images.name.clone(), image });
            }
            let norm = square.sqrt();
            x.extend(pixels.iter().map(|&pixel| f64::from(pixel) / norm));
        }
        Ok(Self { dimensions, x, y: images.labels.iter().map(|&label| f64::from(label)).collect() })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.y.is_empty()
    }

    /// Length of a vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The vectors, `[n, dimensions]`.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// The targets, `[n]`.
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// The samples one by one.
    pub fn rows(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.x.chunks(self.dimensions).zip(self.y.iter().copied())
    }

    /// Those of these numbers, in their order.
    #[must_use]
    pub fn subset(&self, members: &[usize]) -> Self {
        let x = members.iter().flat_map(|&k| &self.x[k * self.dimensions..(k + 1) * self.dimensions]).copied().collect();
        Self { dimensions: self.dimensions, x, y: members.iter().map(|&k| self.y[k]).collect() }
    }

    /// `count` of them without repetition, in a random order.
    ///
    /// # Errors
    /// [`Error::TooFewImages`].
    pub(crate) fn draw(&self, what: &'static str, count: usize, random: Stream) -> Result<Self> {
        if count > self.len() {
            return Err(Error::TooFewImages { what, needed: count, got: self.len() });
        }
        Ok(self.subset(&random.sample(self.len(), count)))
    }
}

/// The digits, to learn from and to judge by.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// To learn from.
    pub train: Samples,
    /// To judge by.
    pub test: Samples,
    /// How they came about, in words.
    pub protocol: String,
    /// Name and SHA-256 of what they were read from.
    pub inputs: Vec<(String, String)>,
}

impl Data {
    /// MNIST's own parts where both are there; of one part alone, a seventh drawn at random by seed 0 is held out.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::Sides`]; [`Error::TooFewImages`] if a part would be empty.
    pub fn new(mnist: &Mnist) -> Result<Self> {
        let inputs = [&mnist.train, &mnist.test].into_iter().flatten().map(|part| (part.name.clone(), part.sha256.clone())).collect();
        let (train, test, how) = match (&mnist.train, &mnist.test) {
            (Some(train), Some(test)) if train.side != test.side => {
                return Err(Error::Sides { train: train.side, test: test.side });
            }
            (Some(train), Some(test)) => (Samples::of_images(train)?, Samples::of_images(test)?, "MNIST’s own parts".to_owned()),
            (Some(one), None) | (None, Some(one)) => {
                let all = Samples::of_images(one)?;
                let order = Stream::new(0, streams::SPLIT).sample(all.len(), all.len());
                let (judge, learn) = order.split_at(all.len() / HELD_OUT);
                let how = format!("a seventh of the {} images of {} is held out, drawn at random by seed 0", all.len(), one.name);
                (all.subset(learn), all.subset(judge), how)
            }
            (None, None) => (Samples::new(1, vec![], vec![]), Samples::new(1, vec![], vec![]), String::new()),
        };
        if train.is_empty() || test.is_empty() {
            return Err(Error::TooFewImages { what: "holding some out", needed: HELD_OUT, got: train.len() + test.len() });
        }
        let protocol = format!("{} images to learn from, {} to judge by: {how}", train.len(), test.len());
        Ok(Self { train, test, protocol, inputs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(n: u8) -> GreyImages {
        let pixels = (0..n).flat_map(|k| [3 * k + 3, 4 * k + 4, 0, 0]).collect();
        GreyImages { name: "few".into(), side: 2, pixels, labels: (0..n).map(u16::from).collect(), sha256: "00".into() }
    }

    #[test]
    fn images_become_unit_vectors_with_their_digit() {
        let samples = Samples::of_images(&images(2)).unwrap();
        assert_eq!(samples.x(), [0.6, 0.8, 0.0, 0.0, 0.6, 0.8, 0.0, 0.0]);
        assert_eq!(samples.y(), [0.0, 1.0]);
        assert_eq!(samples.subset(&[1]).y(), [1.0]);
    }

    #[test]
    fn a_seventh_of_one_part_is_held_out_the_same_way_every_time() {
        let data = || Data::new(&Mnist { train: None, test: Some(images(14)) }).unwrap();
        let first = data();
        assert_eq!((first.train.len(), first.test.len()), (12, 2));
        let mut all: Vec<f64> = first.train.y().iter().chain(first.test.y()).copied().collect();
        all.sort_unstable_by(f64::total_cmp);
        assert!(all.into_iter().eq((0..14).map(f64::from)));
        assert_eq!(first, data());
        let both = Data::new(&Mnist { train: Some(images(3)), test: Some(images(2)) }).unwrap();
        assert_eq!((both.train.len(), both.test.len()), (3, 2));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let mut blank = images(8);
        blank.pixels[4..8].fill(0);
        let message = |mnist: &Mnist| Data::new(mnist).unwrap_err().to_string();
        assert!(message(&Mnist { train: None, test: Some(blank) }).contains("image 1 of few"));
        assert!(message(&Mnist { train: None, test: Some(images(3)) }).contains("needs 7 images, there are 3"));
    }
}
