//! Data sets: classes, resolution, normalisation, official archive.

use crate::{Error, Result};

/// Static description of a data set.
#[derive(Debug, PartialEq)]
pub struct DatasetMeta {
    /// Short name, as on the command line and in tables.
    pub name: &'static str,
    /// Full name.
    pub title: &'static str,
    /// Number of classes.
    pub classes: usize,
    /// Number of the first class in the official files. In tables and batches classes are counted from 0.
    pub first_label: u16,
    /// Side of the square image in pixels.
    pub resolution: usize,
    /// Mean of each channel (red, green, blue) on the scale 0 to 255.
    pub mean: [f64; 3],
    /// Standard deviation of each channel on the same scale.
    pub std: [f64; 3],
    /// Pixels of zero padding around an image from which training takes a random crop.
    pub crop_padding: usize,
    /// Official archive of the training images, where this crate reads it.
    pub archive: Option<ImageArchive>,
}

/// An official archive in the CIFAR binary format: records of labels and pixels, planes in the order red, green, blue.
#[derive(Debug, PartialEq)]
pub struct ImageArchive {
    /// Name of the archive.
    pub file: &'static str,
    /// Where it is published.
    pub url: &'static str,
    /// MD5 (hexadecimal), as published.
    pub md5: &'static str,
    /// Folder inside.
    pub folder: &'static str,
    /// Files of training images in the folder, in order.
    pub files: &'static [&'static str],
    /// Records in each file.
    pub records: usize,
    /// Bytes of labels before the pixels.
    pub label_bytes: usize,
    /// Which of them is the class.
    pub label_at: usize,
}

/// Every data set. Means and deviations are those that the benchmarks trained with
/// (`D-X-Y/AutoDL-Projects@f46486e21b71 xautodl/datasets/get_dataset_with_transform.py`).
pub const ALL: &[&DatasetMeta] = &[&CIFAR10, &CIFAR100, &IMAGENET16_120];

static CIFAR10: DatasetMeta = DatasetMeta {
    name: "cifar10",
    title: "CIFAR-10",
    classes: 10,
    first_label: 0,
    resolution: 32,
    mean: [125.3, 123.0, 113.9],
    std: [63.0, 62.1, 66.7],
    crop_padding: 4,
    archive: Some(ImageArchive {
        file: "cifar-10-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        md5: "c32a1d4ab5d03f1284b67883e8d87530",
        folder: "cifar-10-batches-bin",
        files: &["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
        records: 10_000,
        label_bytes: 1,
        label_at: 0,
    }),
};

static CIFAR100: DatasetMeta = DatasetMeta {
    name: "cifar100",
    title: "CIFAR-100",
    classes: 100,
    first_label: 0,
    resolution: 32,
    mean: [129.3, 124.1, 112.4],
    std: [68.2, 65.4, 70.4],
    crop_padding: 4,
    archive: Some(ImageArchive {
        file: "cifar-100-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        md5: "03b5dce01913d631647c71ecec9e9cb8",
        folder: "cifar-100-binary",
        files: &["train.bin"],
        records: 50_000,
        // The coarse class, then the fine one.
        label_bytes: 2,
        label_at: 1,
    }),
};

static IMAGENET16_120: DatasetMeta = DatasetMeta {
    name: "imagenet16-120",
    title: "ImageNet-16-120 (16 x 16 pixels, the first 120 classes)",
    classes: 120,
    first_label: 1,
    resolution: 16,
    mean: [122.68, 116.66, 104.01],
    std: [63.22, 61.26, 65.09],
    crop_padding: 2,
    archive: None,
};

/// The data set of that name.
///
/// # Errors
/// [`Error::Unknown`] with the nearest name, if there is one.
pub fn find(name: &str) -> Result<&'static DatasetMeta> {
    ALL.iter().copied().find(|d| d.name == name).ok_or_else(|| Error::unknown("data set", name, ALL.iter().map(|d| d.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_set_is_complete() {
        for dataset in ALL {
            assert_eq!(find(dataset.name).unwrap(), *dataset);
            assert!(dataset.classes > 1 && dataset.resolution > dataset.crop_padding && !dataset.title.is_empty());
            assert!(dataset.mean.iter().chain(&dataset.std).all(|x| (1.0..255.0).contains(x)));
            if let Some(archive) = &dataset.archive {
                assert!(archive.md5.len() == 32 && archive.label_at < archive.label_bytes && !archive.files.is_empty());
            }
        }
        assert!(find("cifar-10").err().unwrap().to_string().contains("did you mean `cifar10`"));
    }
}
