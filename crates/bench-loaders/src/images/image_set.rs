use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::{DatasetMeta, Error, Result};

use super::{cifar, npz};

/// Images of a data set with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageSet {
    pub(super) name: String,
    pub(super) dataset: &'static DatasetMeta,
    pub(super) pixels: Vec<u8>,
    pub(super) labels: Vec<u16>,
    pub(super) sha256: String,
    pub(super) augmented: bool,
}

impl ImageSet {
    /// Channels of every image: red, green, blue.
    pub const CHANNELS: usize = 3;

    /// Reads images of a data set.
    ///
    /// * An `.npz` file with the arrays `images_u8_nchw` (`u8`, `[n, 3, h, w]`, planes in the order red, green, blue) and
    ///   `labels` (any integers, `[n]`, counted as the official files do: see [`DatasetMeta::first_label`]; from 0 if a label
    ///   is 0). They are taken as they are: whoever made the file has augmented them or not.
    /// * The official archive of CIFAR-10 or CIFAR-100 in the binary format (`.tar.gz`; its MD5 is compared with the
    ///   published one), or the folder it unpacks to, or a folder that holds either. These are the training images.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] for another kind of file; [`Error::Checksum`] for an archive that is not the official
    /// one; [`Error::Array`] for a missing array or one of another type or shape; [`Error::Label`] for a label that the data
    /// set does not have; [`Error::NoImages`] for a folder without images of the data set.
    pub fn open(path: &Path, dataset: &'static DatasetMeta) -> Result<Self> {
        if fs::metadata(path).map_err(Error::io("open", path))?.is_dir() {
            return cifar::read_folder(path, dataset);
        }
        let mut start = Vec::new();
        File::open(path).and_then(|file| file.take(4).read_to_end(&mut start)).map_err(Error::io("read", path))?;
        match start.as_slice() {
            [b'P', b'K', ..] => npz::read(path, dataset),
            [0x1f, 0x8b, ..] => cifar::read_archive(path, dataset),
            _ => {
                let reason = "it starts like neither".into();
                Err(Error::Format { path: path.into(), expected: "an .npz file or a .tar.gz archive of images", reason })
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
        self.labels.len()
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Height and width of an image in pixels.
    pub fn resolution(&self) -> usize {
        self.dataset.resolution
    }

    /// The pixels of all images, `[n, 3, h, w]`, 0 to 255.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The class of each image, `[n]`, counted from 0.
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
    pub(super) fn image_bytes(dataset: &DatasetMeta) -> usize {
        Self::CHANNELS * dataset.resolution * dataset.resolution
    }

    /// Pixels of image `k`, `[3, h, w]`.
    pub(crate) fn image(&self, k: usize) -> &[u8] {
        let size = Self::image_bytes(self.dataset);
        &self.pixels[k * size..(k + 1) * size]
    }
}

/// The label as a class of the data set, counted from 0; `first` is the number of the first class in the file.
pub(super) fn class(label: i128, first: u16, row: usize, dataset: &'static DatasetMeta, path: &Path) -> Result<u16> {
    let class = u16::try_from(label - i128::from(first)).ok().filter(|&class| usize::from(class) < dataset.classes);
    class.ok_or_else(|| Error::Label { path: path.into(), row, label, dataset: dataset.name, classes: dataset.classes, first })
}
