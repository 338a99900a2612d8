use std::path::Path;

use crate::{DatasetMeta, Error, Result};

use super::image_set::{Dense, ImageSet};

/// Square pictures with classes that are of no data set yet.
#[derive(Clone, Debug)]
pub struct Raw {
    /// What they are from, for people.
    pub name: String,
    /// Height and width in pixels.
    pub side: usize,
    /// `[n, 3, side, side]`.
    pub pixels: Vec<u8>,
    /// `[n]`, counted from 0.
    pub labels: Vec<u16>,
    /// SHA-256 (hexadecimal) of what they were read from.
    pub sha256: String,
}

impl Raw {
    /// As images of a data set.
    pub fn into_set(self, dataset: &'static DatasetMeta) -> ImageSet {
        let Self { name, side, pixels, labels, sha256 } = self;
        ImageSet { name, dataset, resolution: side, pixels, labels, dense: Dense::None, sha256, augmented: false }
    }

    /// Mean and standard deviation of each channel.
    fn moments(&self) -> ([f64; 3], [f64; 3]) {
        let area = self.side * self.side;
        let mut sums = [(0_u64, 0_u64); 3];
        for (plane, pixels) in self.pixels.chunks(area).enumerate() {
            let (sum, squares) = &mut sums[plane % 3];
            for &pixel in pixels {
                *sum += u64::from(pixel);
                *squares += u64::from(pixel).pow(2);
            }
        }
        let n = (self.labels.len() * area) as f64;
        let mean = sums.map(|(sum, _)| sum as f64 / n);
        let variance = std::array::from_fn(|c| sums[c].1 as f64 / n - mean[c].powi(2));
        (mean, variance.map(|v: f64| v.max(0.0).sqrt()))
    }

    /// A data set of which these are the pictures to learn from, and `others` more of its pictures.
    ///
    /// # Errors
    /// [`Error::OwnData`] if there is only one class, or sides differ.
    pub fn dataset(&self, name: &str, others: &[&Self], path: &Path) -> Result<&'static DatasetMeta> {
        let wrong = |reason: String| Error::OwnData { path: path.into(), reason };
        let mut present = self.labels.clone();
        present.sort_unstable();
        present.dedup();
        if present.len() < 2 {
            return Err(wrong(format!(
                "all {} pictures to learn from are of one class; at least two classes are needed",
                self.labels.len()
            )));
        }
        let classes = 1 + self.labels.iter().chain(others.iter().flat_map(|o| &o.labels)).max().map_or(0, |&last| usize::from(last));
        if let Some(other) = others.iter().find(|other| other.side != self.side) {
            let sides = [self.side, other.side].map(|side| format!("{side} x {side}"));
            return Err(wrong(format!("pictures of {} and {} pixels", sides[0], sides[1])));
        }
        let (mean, std) = self.moments();
        Ok(DatasetMeta::own(name, classes, self.side, mean, std))
    }
}
