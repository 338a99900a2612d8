use sha2::{Digest, Sha256};

use super::targets::Targets;
use crate::{Error, Result};

/// Most numbers in all batches together: 2 GiB of them.
const MAX_VALUES: usize = 1 << 28;

/// Which batches to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSpec {
    /// Number of batches.
    pub n_batches: usize,
    /// Images per batch.
    pub batch_size: usize,
    /// Seed of the choice of images, of their augmentation, and of noise.
    pub seed: u64,
    /// What is done to images of an official archive.
    pub augment: Augment,
}

impl Default for BatchSpec {
    /// Two batches of 64, seed 0, augmented as in training: what the paper does.
    fn default() -> Self {
        Self { n_batches: 2, batch_size: 64, seed: 0, augment: Augment::Standard }
    }
}

/// What is done to an image before it is normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Augment {
    /// Nothing.
    None,
    /// As in training: a random crop of the image padded with zeros, and a horizontal flip of every other.
    Standard,
}

/// Images and targets for one pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Normalised pixels, `[batch, channels, height, width]`, row-major.
    pub images: Vec<f64>,
    /// What the network should give for them.
    pub targets: Targets,
    /// Batch, channels, height, width.
    pub shape: [usize; 4],
}

/// The batches of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchSet {
    /// The batches, disjoint if they are of images.
    pub batches: Vec<Batch>,
    /// What they are and how they were chosen, in a sentence for a report. Noise says that it is noise.
    pub protocol: String,
    /// SHA-256 (hexadecimal) of the batches one after the other: images as little-endian `f64`, then targets as
    /// little-endian `i64` (classes) or `f64`.
    pub sha256: String,
    /// SHA-256 of the file of images, if they are images.
    pub source_sha256: Option<String>,
}

impl BatchSet {
    pub(crate) fn new(batches: Vec<Batch>, protocol: String, source_sha256: Option<String>) -> Self {
        let mut hash = Sha256::new();
        for batch in &batches {
            batch.images.iter().for_each(|value| hash.update(value.to_le_bytes()));
            batch.targets.hash(&mut hash);
        }
        Self { batches, protocol, sha256: tables::hex(&hash.finalize()), source_sha256 }
    }
}

impl BatchSpec {
    /// Number of images needed, if such batches can be made.
    pub(crate) fn n_images(&self, image_values: usize) -> Result<usize> {
        let refuse = |reason: &str| Error::BatchSpec { n_batches: self.n_batches, batch_size: self.batch_size, reason: reason.into() };
        if self.n_batches == 0 || self.batch_size == 0 {
            return Err(refuse("at least one batch of one image is needed"));
        }
        let n_images = self.n_batches.checked_mul(self.batch_size).ok_or_else(|| refuse("they would not fit into memory"))?;
        match n_images.checked_mul(image_values) {
            Some(values) if values <= MAX_VALUES => Ok(n_images),
            _ => Err(refuse("they would need more than 2 GiB")),
        }
    }

    /// `2 batches of 64`.
    pub(crate) fn in_words(&self) -> String {
        format!("{} {} of {}", self.n_batches, if self.n_batches == 1 { "batch" } else { "batches" }, self.batch_size)
    }
}
