use std::path::Path;

use crate::{Result, datasets};

use super::idx::{self, Source};
use super::image_set::ImageSet;
use super::splits::Splits;

const IMAGES: &[u8] = include_bytes!("digits/images.idx.gz");
const LABELS: &[u8] = include_bytes!("digits/labels.idx.gz");

/// The handwritten digits that are built into the program: 1,797 images of 8 x 8 pixels, 10 classes (UCI, CC BY 4.0; see
/// `images/digits/README.md`).
///
/// # Errors
/// None: the files are part of the program.
pub fn digits() -> Result<ImageSet> {
    let source = |name: &'static str, bytes| Source { path: Path::new(name), bytes };
    let raw = idx::read(source("built-in images", IMAGES), source("built-in labels", LABELS), "the built-in digits")?;
    Ok(raw.into_set(datasets::find("digits")?))
}

/// The digits split at random, the same way on every machine: 1,197 to learn from, 300 to choose by, 300 to judge by.
///
/// # Errors
/// As [`digits`].
pub fn digits_split() -> Result<Splits> {
    Splits::complete(digits()?, None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_digits_are_there_with_every_class_in_every_split() {
        let all = digits().unwrap();
        assert_eq!((all.len(), all.resolution(), all.pixels().iter().max()), (1_797, 8, Some(&16)));
        assert_eq!(all.labels()[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let Splits { train, valid, test, .. } = digits_split().unwrap();
        assert_eq!([train.len(), valid.len(), test.len()], [1_197, 300, 300]);
        for split in [train, valid, test] {
            assert!((0..10).all(|class| split.labels().iter().filter(|&&label| label == class).count() >= 15));
        }
    }

    #[test]
    fn pixels_are_normalised_by_their_own_mean_and_deviation() {
        let all = digits().unwrap();
        let n = all.pixels().len() as f64;
        let mean = all.pixels().iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / n;
        let variance = all.pixels().iter().map(|&pixel| (f64::from(pixel) - mean).powi(2)).sum::<f64>() / n;
        assert!(all.dataset().mean.iter().all(|m| (m - mean).abs() < 1e-3), "{mean}");
        assert!(all.dataset().std.iter().all(|s| (s - variance.sqrt()).abs() < 1e-3), "{}", variance.sqrt());
    }
}
