//! Data sets: classes, resolution, normalisation, official archive.

use spaces::Head;

use crate::{Error, Result, Target};

/// Static description of a data set.
#[derive(Debug, PartialEq)]
pub struct DatasetMeta {
    /// Short name, as on the command line and in tables.
    pub name: &'static str,
    /// Full name.
    pub title: &'static str,
    /// Number of classes; of outputs where the target is no class.
    pub classes: usize,
    /// What the networks give.
    pub target: Target,
    /// What follows their encoder.
    pub head: Head,
    /// Number of the first class in the official files. In tables and batches classes are counted from 0.
    pub first_label: u16,
    /// Side of the square image (of a tile, for a jigsaw) in pixels.
    pub resolution: usize,
    /// Whether images of other sides will do.
    pub any_resolution: bool,
    /// Mean of each channel (red, green, blue) on the scale 0 to 255.
    pub mean: [f64; 3],
    /// Standard deviation of each channel on the same scale.
    pub std: [f64; 3],
    /// Pixels of zero padding around an image from which training takes a random crop.
    pub crop_padding: usize,
    /// Official archive of the training images, where this crate reads it.
    pub archive: Option<ImageArchive>,
    /// Official files of images as pickles, where this crate reads them.
    pub pickles: Option<ImagePickles>,
}

/// Official files of images as pickles of Python: dictionaries with `data` (`[n, 3 * h * w]` of `u8`, planes in the order
/// red, green, blue) and `labels` (`n` integers).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImagePickles {
    /// Where they are published.
    pub url: &'static str,
    /// Files of training images, in order, with their MD5 (hexadecimal) as published.
    pub train: &'static [(&'static str, &'static str)],
    /// Files of other images, which are read only when they are named.
    pub held_out: &'static [(&'static str, &'static str)],
    /// Classes in the files, of which the data set has the first.
    pub classes: usize,
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
    /// Files of training images in the folder, in order, and records in each.
    pub train: (&'static [&'static str], usize),
    /// Files of test images likewise.
    pub test: (&'static [&'static str], usize),
    /// Bytes of labels before the pixels.
    pub label_bytes: usize,
    /// Which of them is the class.
    pub label_at: usize,
}

impl DatasetMeta {
    /// A data set of the user's own, of square pictures with classes. It lives as long as the program, like the others: a
    /// run has one.
    ///
    /// # Conventions
    /// Pictures are padded by an eighth of their side before a random crop, as those of CIFAR are. Where all pixels of a channel
    /// are (almost) equal, its deviation counts as 1.
    #[must_use]
    pub fn own(name: &str, classes: usize, resolution: usize, mean: [f64; 3], std: [f64; 3]) -> &'static Self {
        Box::leak(Box::new(Self {
            name: name.to_owned().leak(),
            title: format!("{name} (of the user's own)").leak(),
            classes,
            target: Target::Classes,
            head: Head::Classifier,
            first_label: 0,
            resolution,
            any_resolution: false,
            mean,
            std: std.map(|std| std.max(1.0)),
            crop_padding: resolution / 8,
            archive: None,
            pickles: None,
        }))
    }

    /// A pixel (0 to 255) of a channel as the networks see it. A jigsaw's channels are those of tile after tile.
    #[must_use]
    pub fn normalised(&self, channel: usize, pixel: u8) -> f64 {
        let colour = channel % 3;
        (f64::from(pixel) - self.mean[colour]) / self.std[colour]
    }
}

/// Every data set. Means and deviations are those that the benchmarks trained with
/// (`D-X-Y/AutoDL-Projects@f46486e21b71 xautodl/datasets/get_dataset_with_transform.py`,
/// `yawen-d/TransNASBench@fcd4e9c configs/train_from_scratch/*/config.py`). The seven tasks of TransNAS-Bench-101 see images of
/// Taskonomy, which are not published with the benchmark.
pub const ALL: &[&DatasetMeta] = &[
    &CIFAR10,
    &CIFAR100,
    &IMAGENET16_120,
    &CLASS_SCENE,
    &CLASS_OBJECT,
    &ROOM_LAYOUT,
    &JIGSAW,
    &SEGMENTSEMANTIC,
    &NORMAL,
    &AUTOENCODER,
    &DIGITS,
];

static CIFAR10: DatasetMeta = DatasetMeta {
    name: "cifar10",
    title: "CIFAR-10",
    classes: 10,
    target: Target::Classes,
    head: Head::Classifier,
    first_label: 0,
    resolution: 32,
    any_resolution: false,
    mean: [125.3, 123.0, 113.9],
    std: [63.0, 62.1, 66.7],
    crop_padding: 4,
    archive: Some(ImageArchive {
        file: "cifar-10-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        md5: "c32a1d4ab5d03f1284b67883e8d87530",
        folder: "cifar-10-batches-bin",
        train: (&["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"], 10_000),
        test: (&["test_batch.bin"], 10_000),
        label_bytes: 1,
        label_at: 0,
    }),
    pickles: None,
};

static CIFAR100: DatasetMeta = DatasetMeta {
    name: "cifar100",
    title: "CIFAR-100",
    classes: 100,
    target: Target::Classes,
    head: Head::Classifier,
    first_label: 0,
    resolution: 32,
    any_resolution: false,
    mean: [129.3, 124.1, 112.4],
    std: [68.2, 65.4, 70.4],
    crop_padding: 4,
    archive: Some(ImageArchive {
        file: "cifar-100-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        md5: "03b5dce01913d631647c71ecec9e9cb8",
        folder: "cifar-100-binary",
        train: (&["train.bin"], 50_000),
        test: (&["test.bin"], 10_000),
        // The coarse class, then the fine one.
        label_bytes: 2,
        label_at: 1,
    }),
    pickles: None,
};

static IMAGENET16_120: DatasetMeta = DatasetMeta {
    name: "imagenet16-120",
    title: "ImageNet-16-120 (16 x 16 pixels, the first 120 classes)",
    classes: 120,
    target: Target::Classes,
    head: Head::Classifier,
    first_label: 1,
    resolution: 16,
    any_resolution: false,
    mean: [122.68, 116.66, 104.01],
    std: [63.22, 61.26, 65.09],
    crop_padding: 2,
    archive: None,
    // Checksums: `D-X-Y/AutoDL-Projects@94a149b33f55 xautodl/datasets/DownsampledImageNet.py`.
    pickles: Some(ImagePickles {
        url: "https://image-net.org/download-images",
        train: &[
            ("train_data_batch_1", "27846dcaa50de8e21a7d1a35f30f0e91"),
            ("train_data_batch_2", "c7254a054e0e795c69120a5727050e3f"),
            ("train_data_batch_3", "4333d3df2e5ffb114b05d2ffc19b1e87"),
            ("train_data_batch_4", "1620cdf193304f4a92677b695d70d10f"),
            ("train_data_batch_5", "348b3c2fdbb3940c4e9e834affd3b18d"),
            ("train_data_batch_6", "6e765307c242a1b3d7d5ef9139b48945"),
            ("train_data_batch_7", "564926d8cbf8fc4818ba23d2faac7564"),
            ("train_data_batch_8", "f4755871f718ccb653440b9dd0ebac66"),
            ("train_data_batch_9", "bb6dd660c38c58552125b1a92f86b5d4"),
            ("train_data_batch_10", "8f03f34ac4b42271a294f91bf480f29b"),
        ],
        held_out: &[("val_data", "3410e3017fdaefba8d5073aaa65e4bd6")],
        classes: 1_000,
    }),
};

/// What the tasks of TransNAS-Bench-101 share.
const TASKONOMY: DatasetMeta = DatasetMeta {
    name: "",
    title: "",
    classes: 0,
    target: Target::Classes,
    head: Head::Classifier,
    first_label: 0,
    resolution: 256,
    any_resolution: true,
    mean: [0.5224 * 255.0, 0.5222 * 255.0, 0.5221 * 255.0],
    std: [0.2234 * 255.0, 0.2235 * 255.0, 0.2236 * 255.0],
    crop_padding: 0,
    archive: None,
    pickles: None,
};
/// Pixels of the pixel tasks go from -1 to 1.
const MIDDLE: [f64; 3] = [127.5; 3];

static CLASS_SCENE: DatasetMeta =
    DatasetMeta { name: "class_scene", title: "Taskonomy scene classification", classes: 47, target: Target::Distribution, ..TASKONOMY };

static CLASS_OBJECT: DatasetMeta =
    DatasetMeta { name: "class_object", title: "Taskonomy object classification", classes: 75, target: Target::Distribution, ..TASKONOMY };

static ROOM_LAYOUT: DatasetMeta =
    DatasetMeta { name: "room_layout", title: "Taskonomy room layout", classes: 9, target: Target::Values, ..TASKONOMY };

static JIGSAW: DatasetMeta = DatasetMeta {
    name: "jigsaw",
    title: "Taskonomy jigsaw (9 tiles, 1,000 permutations)",
    classes: 1_000,
    head: Head::Jigsaw,
    resolution: 64,
    // Tiles are not normalised: their pixels go from 0 to 1.
    mean: [0.0; 3],
    std: [255.0; 3],
    ..TASKONOMY
};

static SEGMENTSEMANTIC: DatasetMeta = DatasetMeta {
    name: "segmentsemantic",
    title: "Taskonomy semantic segmentation",
    classes: 17,
    target: Target::PixelClasses,
    head: Head::Segmentation,
    mean: MIDDLE,
    std: MIDDLE,
    ..TASKONOMY
};

static NORMAL: DatasetMeta = DatasetMeta {
    name: "normal",
    title: "Taskonomy surface normals",
    classes: 3,
    target: Target::Image { low: 0 },
    head: Head::Generator,
    mean: MIDDLE,
    std: MIDDLE,
    ..TASKONOMY
};

static AUTOENCODER: DatasetMeta = DatasetMeta {
    name: "autoencoder",
    title: "Taskonomy autoencoding",
    classes: 3,
    target: Target::Image { low: -1 },
    head: Head::Generator,
    mean: MIDDLE,
    std: MIDDLE,
    ..TASKONOMY
};

static DIGITS: DatasetMeta = DatasetMeta {
    name: "digits",
    title: "handwritten digits (UCI, 8 x 8 pixels, built in)",
    classes: 10,
    target: Target::Classes,
    head: Head::Classifier,
    first_label: 0,
    resolution: 8,
    any_resolution: false,
    // Of all its pixels, which go from 0 to 16.
    mean: [4.884_2; 3],
    std: [6.016_8; 3],
    crop_padding: 1,
    archive: None,
    pickles: None,
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
            assert!(dataset.mean.iter().all(|x| (0.0..255.0).contains(x)) && dataset.std.iter().all(|x| (1.0..=255.0).contains(x)));
            if let Some(archive) = &dataset.archive {
                assert!(
                    archive.md5.len() == 32
                        && archive.label_at < archive.label_bytes
                        && !archive.train.0.is_empty()
                        && !archive.test.0.is_empty()
                );
            }
        }
        assert!(find("cifar-10").err().unwrap().to_string().contains("did you mean `cifar10`"));
    }
}
