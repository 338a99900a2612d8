use netgraph::rng::Stream;

use crate::{DatasetMeta, Error, Result};

use super::set::{Batch, BatchSet, BatchSpec};
use super::targets::{Target, Targets};

/// Stream of the targets of batch 0; the images of batch `b` have stream `b`.
const TARGET_STREAM: u64 = 500;
/// From stream 100 on there is other noise (the partners of batches in mixtures).
const MAX_BATCHES: usize = 100;

/// Batches of noise of the kind that a data set's networks read: `x[i] = normal(seed, b, i)` over the flat NCHW index of
/// batch `b`, from the portable generator. The protocol says that these are no images.
///
/// # Conventions
/// Targets are drawn from stream `500 + b` at their own flat index `j`: a class (of an image, of a pixel, or as a distribution
/// that is certain of it) is `floor(uniform(j) * classes)`, a value `normal(j)`, a number of an image
/// `uniform(j)`, stretched to the range of the data set.
///
/// # Errors
/// [`Error::BatchSpec`] for no batches, too large ones, or more than 100.
pub fn noise_batches(spec: &BatchSpec, dataset: &DatasetMeta, classes: usize, resolution: usize) -> Result<BatchSet> {
    let BatchSpec { n_batches, batch_size, seed, .. } = *spec;
    let refuse = |reason: String| Error::BatchSpec { n_batches, batch_size, reason };
    let channels = dataset.head.input_channels();
    let pixels = resolution.checked_mul(resolution);
    let image_values = pixels.and_then(|n| n.checked_mul(channels.max(classes))).unwrap_or(usize::MAX);
    spec.n_images(image_values)?;
    if n_batches > MAX_BATCHES {
        return Err(refuse(format!("there are streams of random numbers for {MAX_BATCHES} batches")));
    }
    if classes == 0 || resolution == 0 {
        return Err(refuse(format!("{classes} classes and {resolution} pixels a side make no images")));
    }
    let area = resolution * resolution;
    let batches = (0..n_batches).map(|b| {
        let (noise, of_targets) = (Stream::new(seed, b as u64), Stream::new(seed, TARGET_STREAM + b as u64));
        let class = |j: usize| (of_targets.uniform(j as u64) * classes as f64).floor();
        let classes_of = |n: usize| (0..n).map(|j| class(j) as i64).collect();
        let targets = match dataset.target {
            Target::Classes => Targets::Classes(classes_of(batch_size)),
            Target::PixelClasses => Targets::PixelClasses(classes_of(batch_size * area)),
            Target::Distribution => Targets::one_hot((0..batch_size).map(|j| class(j) as usize), classes),
            Target::Values => Targets::Values((0..(batch_size * classes) as u64).map(|j| of_targets.normal(j)).collect()),
            Target::Image { low } => {
                let low = f64::from(low);
                Targets::Image((0..(batch_size * classes * area) as u64).map(|j| low + (1.0 - low) * of_targets.uniform(j)).collect())
            }
        };
        Batch {
            images: (0..(batch_size * channels * area) as u64).map(|i| noise.normal(i)).collect(),
            targets,
            shape: [batch_size, channels, resolution, resolution],
        }
    });
    let targets = match dataset.target {
        Target::Classes | Target::Distribution => format!("uniformly random labels of {classes} classes"),
        Target::PixelClasses => format!("a uniformly random class of {classes} for each pixel"),
        Target::Values => format!("{classes} standard normal targets each"),
        Target::Image { .. } => "images of uniform noise as targets".into(),
    };
    let protocol = format!(
        "{} of standard normal noise of {resolution} x {resolution} pixels with {targets}, seed {seed}{}",
        spec.in_words(),
        tables::NO_IMAGES,
    );
    Ok(BatchSet::new(batches.collect(), protocol, None))
}
