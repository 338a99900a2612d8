//! The handwritten digits of MNIST, as grey images.

use std::fs;
use std::path::{Path, PathBuf};

use crate::form::Form;
use crate::{Error, Fetcher, Observer, Result, Source};

use super::data_spec::idx_files;
use super::idx;

/// The 10,000 test images and their labels, as published, compressed.
pub const MNIST_TEST: [Source; 2] = [
    Source {
        file: "t10k-images-idx3-ubyte.gz",
        form: Form::Gzip,
        urls: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz",
            "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-images-idx3-ubyte.gz",
        ],
        obtain: "",
        sha256: Some("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        bytes: Some(1_648_877),
        about: "",
        licence: "CC BY-SA 3.0",
    },
    Source {
        file: "t10k-labels-idx1-ubyte.gz",
        form: Form::Gzip,
        urls: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz",
            "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",
        ],
        obtain: "",
        sha256: Some("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        bytes: Some(4_542),
        about: "",
        licence: "CC BY-SA 3.0",
    },
];

/// Square grey images with labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GreyImages {
    /// Name of the file of the images.
    pub name: String,
    /// Height and width in pixels.
    pub side: usize,
    /// `[n, side, side]`, 0 (paper) to 255 (ink).
    pub pixels: Vec<u8>,
    /// `[n]`, the digit.
    pub labels: Vec<u16>,
    /// SHA-256 (hexadecimal) of the two files, images first, as they lie on the disk.
    pub sha256: String,
}

impl GreyImages {
    /// Reads a pair of IDX files, compressed or not.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] for files that are not such a pair.
    pub fn read(images: &Path, labels: &Path) -> Result<Self> {
        let bytes = |path: &Path| fs::read(path).map_err(Error::io("read", path));
        let (image_bytes, label_bytes) = (bytes(images)?, bytes(labels)?);
        let name = images.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let raw = idx::read(idx::Source { path: images, bytes: &image_bytes }, idx::Source { path: labels, bytes: &label_bytes }, &name)?;
        let area = raw.side * raw.side;
        // The reader gives each of three channels the grey value; one is enough here.
        let pixels = raw.pixels.chunks(3 * area).flat_map(|image| &image[..area]).copied().collect();
        Ok(Self { name: raw.name, side: raw.side, pixels, labels: raw.labels, sha256: raw.sha256 })
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

/// Images of MNIST: those to judge by and, if they are there, those to learn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mnist {
    /// The 60,000 images to learn from.
    pub train: Option<GreyImages>,
    /// The 10,000 images to judge by.
    pub test: Option<GreyImages>,
}

impl Mnist {
    /// Finds the test images by checksum, or downloads them.
    ///
    /// # Errors
    /// Those of [`Fetcher::locate_files`] and of [`GreyImages::read`].
    pub fn fetch(fetcher: &Fetcher, observe: &Observer<'_>) -> Result<Self> {
        let files = fetcher.locate_files("MNIST", &MNIST_TEST, observe)?;
        let path = |k: usize| files[k].path.as_path();
        Ok(Self { train: None, test: Some(GreyImages::read(path(0), path(1))?) })
    }

    /// Reads the files of a folder, whatever their checksums: `*train-images-idx3-ubyte` with its labels, `*t10k-images-idx3-ubyte`
    /// likewise, each also as `.gz`. One pair is enough.
    ///
    /// # Errors
    /// [`Error::NoImages`] if there is no pair; those of [`GreyImages::read`].
    pub fn open(folder: &Path) -> Result<Self> {
        let part = |beginnings: &[&str]| -> Result<Option<GreyImages>> {
            let files: Option<(PathBuf, PathBuf)> = idx_files(folder, beginnings)?;
            files.map(|(images, labels)| GreyImages::read(&images, &labels)).transpose()
        };
        let (train, test) = (part(&["train"])?, part(&["t10k", "test"])?);
        if train.is_none() && test.is_none() {
            let expected = "t10k-images-idx3-ubyte.gz with t10k-labels-idx1-ubyte.gz, or the pair of train-...".into();
            return Err(Error::NoImages { dataset: "MNIST", expected, raw: folder.into() });
        }
        Ok(Self { train, test })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with two images of 2 x 2 pixels, uncompressed.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let images = [&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2][..], &[1, 2, 3, 4, 5, 6, 7, 8]].concat();
        fs::write(folder.path().join("t10k-images-idx3-ubyte"), images).unwrap();
        fs::write(folder.path().join("t10k-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 2, 9, 0]).unwrap();
        folder
    }

    #[test]
    fn grey_values_come_once() {
        let folder = folder();
        let Mnist { train, test } = Mnist::open(folder.path()).unwrap();
        let test = test.unwrap();
        assert!(train.is_none());
        assert_eq!((test.len(), test.side, test.labels.as_slice()), (2, 2, [9, 0].as_slice()));
        assert_eq!(test.pixels, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn other_files_of_the_right_names_are_not_taken_for_mnist() {
        let folder = folder();
        for file in ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
            fs::rename(folder.path().join(file), folder.path().join(format!("{file}.gz"))).unwrap();
        }
        let fetcher = Fetcher { raw: folder.path().into(), mirrors: Vec::new(), offline: true };
        let message = Mnist::fetch(&fetcher, &|_| {}).unwrap_err().to_string();
        assert!(message.contains("no source of MNIST") && message.contains("24 bytes instead of 1648877"), "{message}");
    }

    #[test]
    fn a_folder_without_a_pair_says_what_is_expected() {
        let folder = folder();
        fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte")).unwrap();
        let message = Mnist::open(folder.path()).unwrap_err().to_string();
        assert!(message.contains("no images of MNIST: expected t10k-images-idx3-ubyte.gz"), "{message}");
    }

    #[test]
    fn sources_are_complete() {
        for source in MNIST_TEST {
            assert!(source.sha256.is_some_and(|sha256| sha256.len() == 64) && source.bytes.is_some());
            assert!(!source.licence.is_empty() && source.urls.iter().all(|url| url.starts_with("https://") && url.ends_with(source.file)));
        }
    }
}
