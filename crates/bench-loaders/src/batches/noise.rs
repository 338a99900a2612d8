use netgraph::rng::Stream;

use crate::{Error, ImageSet, Result};

use super::set::{Batch, BatchSet, BatchSpec};

/// Stream of the labels of batch 0; the images of batch `b` have stream `b`.
const LABEL_STREAM: u64 = 500;
/// From stream 100 on there is other noise (the partners of batches in mixtures).
const MAX_BATCHES: usize = 100;

/// Batches of noise: `x[i] = normal(seed, b, i)` over the flat NCHW index of batch `b`, label
/// `j = floor(uniform(seed, 500 + b, j) * classes)`, from the portable generator. Three channels. The protocol says that
/// these are no images.
///
/// # Errors
/// [`Error::BatchSpec`] for no batches, too large ones, or more than 100.
pub fn noise_batches(spec: &BatchSpec, classes: usize, resolution: usize) -> Result<BatchSet> {
    let BatchSpec { n_batches, batch_size, seed, .. } = *spec;
    let refuse = |reason: String| Error::BatchSpec { n_batches, batch_size, reason };
    let image_values = resolution.checked_mul(resolution).and_then(|n| n.checked_mul(ImageSet::CHANNELS)).unwrap_or(usize::MAX);
    spec.n_images(image_values)?;
    if n_batches > MAX_BATCHES {
        return Err(refuse(format!("there are streams of random numbers for {MAX_BATCHES} batches")));
    }
    if classes == 0 || resolution == 0 {
        return Err(refuse(format!("{classes} classes and {resolution} pixels a side make no images")));
    }
    let batches = (0..n_batches).map(|b| {
        let (pixels, classes_of) = (Stream::new(seed, b as u64), Stream::new(seed, LABEL_STREAM + b as u64));
        Batch {
            images: (0..(batch_size * image_values) as u64).map(|i| pixels.normal(i)).collect(),
            labels: (0..batch_size as u64).map(|j| (classes_of.uniform(j) * classes as f64).floor() as i64).collect(),
            shape: [batch_size, ImageSet::CHANNELS, resolution, resolution],
        }
    });
    let protocol = format!(
        "{} of standard normal noise of {resolution} x {resolution} pixels with uniformly random labels of {classes} classes, seed {seed}: no images",
        spec.in_words(),
    );
    Ok(BatchSet::new(batches.collect(), protocol, None))
}
