use sha2::{Digest, Sha256};

/// What networks of a data set are trained to give, and so which loss.
///
/// Source for TransNAS-Bench-101: `yawen-d/TransNASBench@fcd4e9c configs/train_from_scratch/*/config.py`, `lib/losses/all.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The class of an image. Loss: mean cross entropy.
    Classes,
    /// A probability for each class. Loss: mean over images of `-sum t ln(softmax + 1e-5)`.
    Distribution,
    /// A number for each output. Loss: mean squared error.
    Values,
    /// The class of each pixel. Loss: mean cross entropy over images and pixels.
    PixelClasses,
    /// An image. Loss: 0.99 times the mean absolute error plus 0.01 times the mean of `-ln sigmoid(D(image, output))`, where
    /// D is a discriminator at its initialisation.
    Image {
        /// Pixels of 0 to 255 become numbers from this one to 1.
        low: i8,
    },
}

impl Target {
    /// The loss in words, for a protocol.
    #[must_use]
    pub const fn loss(self) -> &'static str {
        match self {
            Self::Classes => "cross entropy",
            Self::Distribution => "soft cross entropy (1e-5 added to the probabilities)",
            Self::Values => "mean squared error",
            Self::PixelClasses => "cross entropy of each pixel",
            Self::Image { .. } => "0.99 mean absolute error + 0.01 adversarial loss against an untrained discriminator",
        }
    }
}

/// The targets of a batch, row-major.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// `[batch]`.
    Classes(Vec<i64>),
    /// `[batch, classes]`.
    Distribution(Vec<f64>),
    /// `[batch, classes]`.
    Values(Vec<f64>),
    /// `[batch, height, width]`.
    PixelClasses(Vec<i64>),
    /// `[batch, 3, height, width]`.
    Image(Vec<f64>),
}

impl Targets {
    /// Hashes the numbers as little-endian `i64` or `f64`.
    pub(super) fn hash(&self, hash: &mut Sha256) {
        match self {
            Self::Classes(classes) | Self::PixelClasses(classes) => {
                for class in classes {
                    hash.update(class.to_le_bytes());
                }
            }
            Self::Distribution(values) | Self::Values(values) | Self::Image(values) => {
                for value in values {
                    hash.update(value.to_le_bytes());
                }
            }
        }
    }

    /// Probability 1 for these classes.
    pub(crate) fn one_hot(labels: impl IntoIterator<Item = usize>, classes: usize) -> Self {
        Self::Distribution(labels.into_iter().flat_map(|label| (0..classes).map(move |c| f64::from(u8::from(c == label)))).collect())
    }
}
