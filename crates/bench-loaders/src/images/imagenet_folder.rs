use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops::{self, FilterType};
use netgraph::rng::{Stream, bits};
use sha2::{Digest as _, Sha256};

use crate::batches::CHOICE_STREAM;
use crate::error::excerpt;
use crate::{Augment, Batch, BatchSet, BatchSpec, DatasetMeta, Error, Result, Targets};

use super::colour::jittered;
use super::picture_folder::{classes, decode, entries, is_picture, middle, planes};

/// Stream of the crops.
const CROP_STREAM: u64 = 610;
/// Stream of the changes of colour.
const COLOUR_STREAM: u64 = 620;
/// Mean and standard deviation of each channel over `ImageNet`, on the scale 0 to 255.
const MEAN: [f64; 3] = [0.485 * 255.0, 0.456 * 255.0, 0.406 * 255.0];
const STD: [f64; 3] = [0.229 * 255.0, 0.224 * 255.0, 0.225 * 255.0];
/// Tries to find a crop before the middle is taken.
const CROPS: u64 = 10;

/// A folder like that of `ImageNet`, of which only the pictures of the batches are read.
///
/// `DIR/CLASS/*.JPEG` (or `.jpg`, `.png`), or `DIR/train/CLASS/...`. Classes are numbered in the order of their names.
#[derive(Clone, Debug)]
pub struct ImagenetFolder {
    folder: PathBuf,
    dataset: &'static DatasetMeta,
    files: Vec<(u16, PathBuf)>,
}

impl ImagenetFolder {
    /// Lists the pictures; batches will have `resolution` pixels a side.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::OwnData`] if there are no pictures, or fewer than two classes.
    pub fn open(folder: &Path, resolution: usize) -> Result<Self> {
        let train = folder.join("train");
        let folder = if train.is_dir() { train } else { folder.to_path_buf() };
        let wrong = |reason: String| Error::OwnData { path: folder.clone(), reason };
        let names = classes(&folder)?;
        if names.len() < 2 {
            return Err(wrong(format!("{} folders of pictures are too few: one for each class is expected", names.len())));
        }
        let mut files = Vec::new();
        for (class, name) in names.iter().enumerate() {
            let class = u16::try_from(class).map_err(|_| wrong(format!("{} classes are too many", names.len())))?;
            let before = files.len();
            files.extend(entries(&folder.join(name))?.into_iter().filter(|path| is_picture(path)).map(|path| (class, path)));
            if files.len() == before {
                return Err(wrong(format!("the class {} has no picture: .JPEG, .jpg or .png files are expected in it", excerpt(name))));
            }
        }
        Ok(Self { dataset: DatasetMeta::own("imagenet", names.len(), resolution, MEAN, STD), folder, files })
    }

    /// The data set: its classes, its normalisation.
    #[must_use]
    pub const fn dataset(&self) -> &'static DatasetMeta {
        self.dataset
    }

    /// Batches of pictures without replacement, chosen as [`crate::image_batches`] does.
    ///
    /// # Conventions
    /// [`Augment::Standard`] is the transform of training of the released search (`imagenet-1k` of `D-X-Y/AutoDL-Projects@95fb5a5
    /// xautodl/datasets/get_dataset_with_transform.py`): a crop whose area is evenly 8 to 100 % of the picture's and whose ratio
    /// of width to height is 3/4 to 4/3 (evenly in its logarithm; the middle after ten crops that do not fit), resized with a
    /// triangle filter; brightness, contrast and saturation changed by up to 40 % and the hue by up to a fifth of the circle, in random
    /// order, and `Lighting(0.1)`; mirrored with probability one half. [`Augment::None`]: the
    /// middle of the picture, whose shorter side has become 8/7 of the resolution. Randomness of picture `k` of all batches: streams
    /// 610 (crop) and 620 (colours) under the seed.
    ///
    /// # Errors
    /// [`Error::TooFewImages`], [`Error::BatchSpec`], [`Error::OwnData`] that names the picture that cannot be read.
    pub fn batches(&self, spec: &BatchSpec) -> Result<BatchSet> {
        let BatchSpec { n_batches, batch_size, seed, augment } = *spec;
        let side = self.dataset.resolution;
        let needed = spec.n_images(3 * side * side)?;
        if needed > self.files.len() {
            let name = self.folder.display().to_string();
            return Err(Error::TooFewImages { name, n_batches, batch_size, needed, got: self.files.len() });
        }
        let chosen = Stream::new(seed, CHOICE_STREAM).sample(self.files.len(), needed);
        let mut hash = Sha256::new();
        let mut images = Vec::with_capacity(needed);
        for (k, &file) in chosen.iter().enumerate() {
            let path = &self.files[file].1;
            let wrong = |reason: String| Error::OwnData { path: path.clone(), reason };
            let picture = decode(path, &mut hash).map_err(wrong)?;
            let square = match augment {
                Augment::Standard => cropped(picture, side, Stream::new(bits(seed, CROP_STREAM, k as u64), 0))
                    .map(|square| jittered(square, bits(seed, COLOUR_STREAM, k as u64))),
                Augment::None => middle(picture, side * 8 / 7, side),
            };
            images.push(planes(&square.map_err(wrong)?));
        }
        let area = side * side;
        let value = |(at, &pixel): (usize, &u8)| self.dataset.normalised(at / area, pixel);
        let batches = images.chunks(batch_size).zip(chosen.chunks(batch_size)).map(|(images, members)| Batch {
            images: images.iter().flat_map(|image| image.iter().enumerate().map(value)).collect(),
            targets: Targets::Classes(members.iter().map(|&file| i64::from(self.files[file].0)).collect()),
            shape: [members.len(), 3, side, side],
        });
        let treatment = match augment {
            Augment::Standard => "random resized crop (8 to 100 % of the area), colour jitter and random horizontal flip",
            Augment::None => "middle of the picture",
        };
        let protocol = format!(
            "{} of {} x {} pixels from a folder of {} pictures in {} classes, chosen without replacement by seed {seed}, {treatment}, \
             normalised per channel",
            spec.in_words(),
            side,
            side,
            self.files.len(),
            self.dataset.classes,
        );
        Ok(BatchSet::new(batches.collect(), protocol, Some(tables::hex(&hash.finalize()))))
    }
}

/// A random part of a picture as a square.
fn cropped(picture: RgbImage, side: usize, draws: Stream) -> std::result::Result<RgbImage, String> {
    let (width, height) = picture.dimensions();
    let area = f64::from(width) * f64::from(height);
    let target = side as u32;
    let crop = (0..CROPS).find_map(|attempt| {
        let [share, ratio, left, top] = std::array::from_fn(|k| draws.uniform(4 * attempt + k as u64));
        let (share, ratio) = (0.08 + 0.92 * share, (2.0 * ratio - 1.0) * (4.0_f64 / 3.0).ln());
        let of = |factor: f64| (area * share * factor).sqrt().round() as u32;
        let (w, h) = (of(ratio.exp()), of((-ratio).exp()));
        let place = |room: u32, draw: f64| (f64::from(room + 1) * draw) as u32;
        (w > 0 && h > 0 && w <= width && h <= height).then(|| (place(width - w, left), place(height - h, top), w, h))
    });
    let square = match crop {
        Some((left, top, w, h)) => {
            let part = imageops::crop_imm(&picture, left, top, w, h).to_image();
            imageops::resize(&part, target, target, FilterType::Triangle)
        }
        None => middle(picture, side, side)?,
    };
    Ok(if draws.uniform(4 * CROPS) < 0.5 { imageops::flip_horizontal(&square) } else { square })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A folder of two classes with 6 pictures each: left half dark, right half bright, by class red or blue.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (class, channel) in [("n01", 0), ("n02", 2)] {
            let inside = folder.path().join("train").join(class);
            fs::create_dir_all(&inside).unwrap();
            for k in 0..6 {
                let (w, h) = (40 + 3 * k, 70 - 5 * k);
                let picture = RgbImage::from_fn(w, h, |x, _| {
                    let mut pixel = [0; 3];
                    pixel[channel] = if x * 2 < w { 60 } else { 240 };
                    image::Rgb(pixel)
                });
                picture.save(inside.join(format!("{k}.JPEG"))).unwrap();
            }
        }
        folder
    }

    #[test]
    fn batches_have_their_classes_and_the_training_transform() {
        let folder = folder();
        let set = ImagenetFolder::open(folder.path(), 16).unwrap();
        assert_eq!((set.dataset().classes, set.files.len()), (2, 12));
        let spec = BatchSpec { n_batches: 2, batch_size: 6, seed: 3, augment: Augment::Standard };
        let made = set.batches(&spec).unwrap();
        let mut classes = Vec::new();
        for batch in &made.batches {
            assert_eq!(batch.shape, [6, 3, 16, 16]);
            let Targets::Classes(labels) = &batch.targets else { panic!("classes") };
            for (image, &label) in batch.images.chunks(3 * 256).zip(labels) {
                // The hue turns by a fifth of the circle at most, which leaves the channel of the class near the brightest.
                let mean = |c: usize| image[c * 256..][..256].iter().map(|v| v * STD[c] + MEAN[c]).sum::<f64>() / 256.0;
                let own = mean(if label == 0 { 0 } else { 2 });
                assert!(own > 0.6 * mean(0).max(mean(1)).max(mean(2)), "{label}: {} {} {}", mean(0), mean(1), mean(2));
            }
            classes.extend(labels.clone());
        }
        classes.sort_unstable();
        assert_eq!(classes, [[0; 6], [1; 6]].concat(), "every picture once");
        assert_eq!(set.batches(&spec).unwrap(), made);
        assert_ne!(set.batches(&BatchSpec { seed: 4, ..spec }).unwrap().sha256, made.sha256);
        let plain = set.batches(&BatchSpec { augment: Augment::None, ..spec }).unwrap();
        // The left half of the middle is dark in every picture.
        let own = |image: &[f64], label: i64| image[if label == 0 { 0 } else { 512 }..][..256].to_vec();
        let Targets::Classes(labels) = &plain.batches[0].targets else { panic!("classes") };
        for (image, &label) in plain.batches[0].images.chunks(3 * 256).zip(labels) {
            let plane = own(image, label);
            assert!(plane.chunks(16).all(|row| row[2] < row[13]));
        }
    }

    #[test]
    fn folders_without_pictures_and_broken_pictures_are_named() {
        let folder = folder();
        let spec = BatchSpec { n_batches: 2, batch_size: 7, seed: 0, augment: Augment::Standard };
        assert!(matches!(
            ImagenetFolder::open(folder.path(), 16).unwrap().batches(&spec),
            Err(Error::TooFewImages { needed: 14, got: 12, .. })
        ));
        fs::write(folder.path().join("train/n02/3.JPEG"), "no picture").unwrap();
        let whole = BatchSpec { batch_size: 6, ..spec };
        let error = ImagenetFolder::open(folder.path(), 16).unwrap().batches(&whole).unwrap_err();
        assert!(matches!(&error, Error::OwnData { path, .. } if path.ends_with("n02/3.JPEG")), "{error}");
        fs::create_dir(folder.path().join("train/n03")).unwrap();
        let error = ImagenetFolder::open(folder.path(), 16).unwrap_err().to_string();
        assert!(error.contains("n03 has no picture"), "{error}");
        let empty = tempfile::tempdir().unwrap();
        let error = ImagenetFolder::open(empty.path(), 16).unwrap_err().to_string();
        assert!(error.contains("0 folders of pictures"), "{error}");
    }
}
