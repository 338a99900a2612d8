use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::{DatasetMeta, Error, Rectangle, Result, Target, Targets, View};

use super::{cifar, npz, pickles};

/// Images of a data set with their targets.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageSet {
    pub(super) name: String,
    pub(super) dataset: &'static DatasetMeta,
    pub(super) resolution: usize,
    pub(super) pixels: Vec<u8>,
    pub(super) labels: Vec<u16>,
    pub(super) dense: Dense,
    pub(super) sha256: String,
    pub(super) augmented: bool,
}

/// Targets that are more than a class for each image.
#[derive(Clone, Debug, PartialEq)]
pub enum Dense {
    /// There are none.
    None,
    /// Numbers, `[n, classes]`.
    Numbers(Vec<f64>),
    /// A byte for each pixel: classes `[n, h, w]` or colours `[n, 3, h, w]`.
    Pixels(Vec<u8>),
}

impl ImageSet {
    /// Reads images of a data set.
    ///
    /// * An `.npz` file with the array `images_u8_nchw` (`u8`, `[n, 3, h, w]`, planes in the order red, green, blue; a jigsaw
    ///   has `[n, 27, h, w]`, nine tiles one after the other) and the targets: for [`Target::Classes`] `labels` (any integers,
    ///   `[n]`, counted as the official files do: see [`DatasetMeta::first_label`]; from 0 if a label is 0); for
    ///   [`Target::Distribution`] `targets` (`f32` or `f64`, `[n, classes]`), or `labels`, taken as certain; for
    ///   [`Target::Values`] `targets`; for [`Target::PixelClasses`] `labels` (`u8`, `[n, h, w]`); for [`Target::Image`]
    ///   `targets_u8_nchw` (`u8`, `[n, 3, h, w]`; an autoencoder without it gives the image back). All are taken as they are:
    ///   whoever made the file has augmented them or not.
    /// * The official archive of CIFAR-10 or CIFAR-100 in the binary format (`.tar.gz`; its MD5 is compared with the
    ///   published one), or the folder it unpacks to, or a folder that holds either. These are the training images.
    /// * The folder of the official files of ImageNet-16 (`train_data_batch_1` to `10`, pickles; their MD5 are compared with
    ///   the published ones), or one of these files, or `val_data`. Images of the first 120 classes are kept, in order.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] for another kind of file; [`Error::Checksum`] for an archive that is not the official
    /// one; [`Error::Array`] for a missing array or one of another type or shape; [`Error::Label`] for a label that the data
    /// set does not have; [`Error::NoImages`] for a folder without images of the data set.
    pub fn open(path: &Path, dataset: &'static DatasetMeta) -> Result<Self> {
        Self::open_sized(path, dataset, dataset.resolution)
    }

    /// The same with images of another side, in pixels, where the data set allows it ([`DatasetMeta::any_resolution`]).
    ///
    /// # Errors
    /// As [`ImageSet::open`].
    pub fn open_sized(path: &Path, dataset: &'static DatasetMeta, resolution: usize) -> Result<Self> {
        let resolution = if dataset.any_resolution { resolution } else { dataset.resolution };
        if fs::metadata(path).map_err(Error::io("open", path))?.is_dir() {
            return match &dataset.pickles {
                Some(files) => pickles::read_folder(path, dataset, files),
                None => cifar::read_folder(path, dataset, cifar::Split::Train),
            };
        }
        let mut start = Vec::new();
        File::open(path).and_then(|file| file.take(4).read_to_end(&mut start)).map_err(Error::io("read", path))?;
        match start.as_slice() {
            [b'P', b'K', ..] => npz::read(path, dataset, resolution),
            [0x1f, 0x8b, ..] => cifar::read_archive(path, dataset, cifar::Split::Train),
            // The opcode PROTO: a pickle.
            [0x80, 2..=5, ..] => pickles::read_file(path, dataset),
            _ => {
                let reason = "it starts like none of them".into();
                Err(Error::Format { path: path.into(), expected: "an .npz file, a .tar.gz archive or a pickle of images", reason })
            }
        }
    }

    /// What the images are from, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The data set.
    pub fn dataset(&self) -> &'static DatasetMeta {
        self.dataset
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / Self::image_bytes(self.dataset, self.resolution)
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Height and width of an image in pixels.
    pub fn resolution(&self) -> usize {
        self.resolution
    }

    /// The pixels of all images, `[n, channels, h, w]`, 0 to 255.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The class of each image, `[n]`, counted from 0; empty where targets are no classes.
    pub fn labels(&self) -> &[u16] {
        &self.labels
    }

    /// SHA-256 (hexadecimal) of the file, or of the files one after the other.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether the images are to be taken as they are, since augmentation was the business of whoever made the file.
    pub fn augmented(&self) -> bool {
        self.augmented
    }

    /// Bytes of an image of the data set.
    pub(super) fn image_bytes(dataset: &DatasetMeta, resolution: usize) -> usize {
        dataset.head.input_channels() * resolution * resolution
    }

    /// Pixels of image `k`, `[channels, h, w]`.
    pub(crate) fn image(&self, k: usize) -> &[u8] {
        let size = Self::image_bytes(self.dataset, self.resolution);
        &self.pixels[k * size..(k + 1) * size]
    }

    /// The images of these numbers as a set of their own.
    #[must_use]
    pub fn subset(&self, members: &[usize]) -> Self {
        let pick = |bytes: &[u8]| -> Vec<u8> {
            let size = bytes.len() / self.len().max(1);
            members.iter().flat_map(|&k| bytes[k * size..(k + 1) * size].iter().copied()).collect()
        };
        let dense = match &self.dense {
            Dense::None => Dense::None,
            Dense::Pixels(all) => Dense::Pixels(pick(all)),
            Dense::Numbers(all) => {
                let size = all.len() / self.len().max(1);
                Dense::Numbers(members.iter().flat_map(|&k| all[k * size..(k + 1) * size].iter().copied()).collect())
            }
        };
        let labels = if self.labels.is_empty() { Vec::new() } else { members.iter().map(|&k| self.labels[k]).collect() };
        Self { pixels: pick(&self.pixels), labels, dense, ..self.clone() }
    }

    /// Images of these numbers, each in its view (`view` gets the position in `members`) and normalised per channel: values,
    /// row-major, and shape `[members, channels, h, w]`.
    pub fn normalised(&self, members: &[usize], view: impl Fn(usize) -> View) -> (Vec<f64>, [usize; 4]) {
        let shape = [members.len(), self.dataset.head.input_channels(), self.resolution, self.resolution];
        let mut values = Vec::with_capacity(shape.iter().product());
        for (j, &member) in members.iter().enumerate() {
            let (view, start) = (view(j), values.len());
            view.pixels(self.image(member), self.resolution, |channel, pixel| values.push(self.dataset.normalised(channel, pixel)));
            if let Some(Rectangle { top, left, height, width }) = view.erased {
                for plane in values[start..].chunks_mut(self.resolution * self.resolution) {
                    for row in plane.chunks_mut(self.resolution).skip(top).take(height) {
                        row[left..left + width].fill(0.0);
                    }
                }
            }
        }
        (values, shape)
    }

    /// Targets of these images.
    pub(crate) fn targets_of(&self, members: &[usize]) -> Targets {
        let (classes, n) = (self.dataset.classes, self.len());
        let numbers = |all: &[f64]| members.iter().flat_map(|&k| all[k * classes..(k + 1) * classes].to_vec()).collect();
        let pixels = |all: &[u8]| -> Vec<u8> {
            let size = all.len() / n.max(1);
            members.iter().flat_map(|&k| all[k * size..(k + 1) * size].to_vec()).collect()
        };
        let stretched = |low: i8, bytes: Vec<u8>| {
            let low = f64::from(low);
            bytes.into_iter().map(|pixel| low + (1.0 - low) * f64::from(pixel) / 255.0).collect()
        };
        match (self.dataset.target, &self.dense) {
            (Target::Distribution, Dense::Numbers(all)) => Targets::Distribution(numbers(all)),
            (Target::Distribution, _) => Targets::one_hot(members.iter().map(|&k| usize::from(self.labels[k])), classes),
            (Target::Values, Dense::Numbers(all)) => Targets::Values(numbers(all)),
            (Target::PixelClasses, Dense::Pixels(all)) => Targets::PixelClasses(pixels(all).into_iter().map(i64::from).collect()),
            (Target::Image { low }, Dense::Pixels(all)) => Targets::Image(stretched(low, pixels(all))),
            (Target::Image { low }, _) => Targets::Image(stretched(low, pixels(&self.pixels))),
            _ => Targets::Classes(members.iter().map(|&k| i64::from(self.labels[k])).collect()),
        }
    }
}

/// The label as a class of the data set, counted from 0; `first` is the number of the first class in the file.
pub(super) fn class(label: i128, first: u16, row: usize, dataset: &'static DatasetMeta, path: &Path) -> Result<u16> {
    let class = u16::try_from(label - i128::from(first)).ok().filter(|&class| usize::from(class) < dataset.classes);
    class.ok_or_else(|| Error::Label { path: path.into(), row, label, dataset: dataset.name, classes: dataset.classes, first })
}
