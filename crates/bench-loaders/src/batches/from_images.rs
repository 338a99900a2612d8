use netgraph::rng::Stream;

use crate::{Error, ImageSet, Result};

use super::augment::View;
use super::set::{Augment, Batch, BatchSet, BatchSpec};

/// Stream of the choice of images.
pub const CHOICE_STREAM: u64 = 600;

/// Batches of images, without replacement.
///
/// # Conventions
/// * The `N * B` images are the first entries of a random permutation of the set ([`Stream::sample`] with stream 600: a
///   Fisher-Yates shuffle whose draws have no modulo bias); the first `B` are the first batch. So they are the same on every
///   machine, and no image is in two batches.
/// * [`Augment::Standard`] applies to official archives only: the picture is flipped with probability one half, padded with
///   zeros (before normalisation, as the benchmarks' own training does) and cropped at random. A set that is
///   [`ImageSet::augmented`] is taken as it is.
/// * A pixel becomes `(pixel - mean) / std` of its channel in `f64`, with the constants of the data set.
///
/// # Errors
/// [`Error::TooFewImages`], or [`Error::BatchSpec`] for no batches or too large ones.
pub fn image_batches(set: &ImageSet, spec: &BatchSpec) -> Result<BatchSet> {
    let dataset = set.dataset();
    let (resolution, channels) = (set.resolution(), dataset.head.input_channels());
    let image_values = channels * resolution * resolution;
    let needed = spec.n_images(image_values)?;
    if needed > set.len() {
        let BatchSpec { n_batches, batch_size, .. } = *spec;
        return Err(Error::TooFewImages { name: set.name().into(), n_batches, batch_size, needed, got: set.len() });
    }
    let augment = spec.augment == Augment::Standard && !set.augmented();
    let chosen = Stream::new(spec.seed, CHOICE_STREAM).sample(set.len(), needed);
    let batches = chosen.chunks(spec.batch_size).enumerate().map(|(b, members)| {
        let view = |j: usize| {
            let k = (b * spec.batch_size + j) as u64;
            if augment { View::random(spec.seed, k, dataset.crop_padding) } else { View::PLAIN }
        };
        let (images, shape) = set.normalised(members, view);
        Batch { images, targets: set.targets_of(members), shape }
    });
    Ok(BatchSet::new(batches.collect(), protocol(set, spec, augment), Some(set.sha256().into())))
}

fn protocol(set: &ImageSet, spec: &BatchSpec, augment: bool) -> String {
    let padding = set.dataset().crop_padding;
    let treatment = match (augment, set.augmented()) {
        (true, _) => format!("random crop with {padding} pixels of zero padding and random horizontal flip"),
        (false, true) => "taken as they stand in the file".into(),
        (false, false) => "not augmented".into(),
    };
    format!(
        "{} {} images from {} (sha256 {}), {} there, chosen without replacement by seed {}, {treatment}, normalised per channel",
        spec.in_words(),
        set.dataset().title,
        set.name(),
        set.sha256(),
        set.len(),
        spec.seed,
    )
}
