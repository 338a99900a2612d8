use std::collections::BTreeSet;

use bench_loaders::{Augment, Batch, BatchSpec, DatasetMeta, Error, ImageSet, Targets, datasets, image_batches, noise_batches};
use netgraph::rng;

use crate::support::{i8_labels, npy, shared, tiny, tiny_files, write, zip};

const SPEC: BatchSpec = BatchSpec { n_batches: 2, batch_size: 3, seed: 5, augment: Augment::None };

fn cifar10() -> &'static DatasetMeta {
    datasets::find("cifar10").unwrap()
}

fn labels(batch: &Batch) -> &[i64] {
    match &batch.targets {
        Targets::Classes(labels) => labels,
        other => panic!("{other:?}"),
    }
}

/// Eight images, from an `.npz` file or as an unpacked archive.
fn images(raw: bool) -> ImageSet {
    if raw {
        let folder = tempfile::tempdir().unwrap();
        for (name, data) in tiny_files() {
            std::fs::write(folder.path().join(name), data).unwrap();
        }
        return ImageSet::open(folder.path(), tiny("")).unwrap();
    }
    let pixels: Vec<u8> = (0..8).flat_map(|k| (0..12).map(move |p| 16 * k + p)).collect();
    let labels = i8_labels(&[0, 1, 2, 0, 1, 2, 0, 1]);
    let (_folder, path) =
        write(&zip(&[("images_u8_nchw.npy", npy("|u1", "(8, 3, 2, 2)", &pixels)), ("labels.npy", npy("<i8", "(8,)", &labels))], None));
    ImageSet::open(&path, tiny("")).unwrap()
}

#[test]
fn batches_are_the_start_of_a_permutation_and_disjoint() {
    let set = images(false);
    let batches = image_batches(&set, &SPEC).unwrap().batches;
    let chosen = rng::Stream::new(5, 600).sample(8, 6);
    for (b, batch) in batches.iter().enumerate() {
        assert_eq!(batch.shape, [3, 3, 2, 2]);
        for (j, &k) in chosen[3 * b..3 * b + 3].iter().enumerate() {
            assert_eq!(labels(batch)[j], (k % 3) as i64);
            // Pixel 4 is the first of the second channel: mean 2, deviation 4.
            assert_eq!(batch.images[12 * j + 4], ((16 * k + 4) as f64 - 2.0) / 4.0);
        }
    }
    assert_eq!(chosen.iter().collect::<BTreeSet<_>>().len(), 6);
    // More batches begin with the same ones.
    let spec = BatchSpec { n_batches: 1, ..SPEC };
    assert_eq!(image_batches(&set, &spec).unwrap().batches[0], batches[0]);
}

#[test]
fn too_few_images_say_how_many_are_needed() {
    let error = image_batches(&images(false), &BatchSpec { n_batches: 3, ..SPEC }).unwrap_err().to_string();
    assert_eq!(error, "3 batches of 3 need 9 images, images.npz has 8");
}

#[test]
fn batches_that_cannot_be_made_are_errors() {
    for (n_batches, batch_size) in [(0, 1), (1, 0), (usize::MAX, 2), (1 << 20, 1 << 10)] {
        let spec = BatchSpec { n_batches, batch_size, ..SPEC };
        assert!(matches!(image_batches(&images(false), &spec), Err(Error::BatchSpec { .. })));
        assert!(matches!(noise_batches(&spec, cifar10(), 10, 8), Err(Error::BatchSpec { .. })));
    }
    assert!(noise_batches(&BatchSpec { n_batches: 101, ..SPEC }, cifar10(), 10, 8).is_err());
    assert!(noise_batches(&SPEC, cifar10(), 10, usize::MAX).is_err());
    assert!(noise_batches(&SPEC, cifar10(), 0, 8).is_err());
}

#[test]
fn only_images_of_an_archive_are_augmented() {
    let standard = BatchSpec { augment: Augment::Standard, ..SPEC };
    let given = images(false);
    assert_eq!(image_batches(&given, &standard).unwrap().batches, image_batches(&given, &SPEC).unwrap().batches);
    assert!(image_batches(&given, &standard).unwrap().protocol.contains("taken as they stand in the file"));

    let raw = images(true);
    let (plain, augmented) = (image_batches(&raw, &SPEC).unwrap(), image_batches(&raw, &standard).unwrap());
    assert_ne!(plain.batches, augmented.batches);
    assert_eq!(plain.batches[1].targets, augmented.batches[1].targets);
    assert!(augmented.protocol.contains("random crop with 1 pixels of zero padding and random horizontal flip"));
    assert!(plain.protocol.contains("not augmented"));
    assert_eq!(augmented.source_sha256.as_deref(), Some(raw.sha256()));
    // Padding is zero before normalisation, as in the benchmarks' own training.
    let values: BTreeSet<_> = augmented.batches.iter().flat_map(|b| &b.images).map(f64::to_string).collect();
    assert!(values.contains("-0.5") && values.contains("-0.375"), "{values:?}");
}

#[test]
fn the_checksum_is_of_what_goes_in() {
    let set = images(false);
    let base = image_batches(&set, &SPEC).unwrap();
    assert_eq!(base.sha256, image_batches(&set, &SPEC).unwrap().sha256);
    assert_ne!(base.sha256, image_batches(&set, &BatchSpec { seed: 6, ..SPEC }).unwrap().sha256);
    assert_eq!(base.sha256, image_batches(&images(true), &SPEC).unwrap().sha256);
}

#[test]
fn noise_is_the_portable_noise_and_says_so() {
    let set = noise_batches(&BatchSpec { seed: 7, ..SPEC }, cifar10(), 10, 4).unwrap();
    assert_eq!(set.batches.len(), 2);
    for (b, batch) in set.batches.iter().enumerate() {
        assert_eq!(batch.shape, [3, 3, 4, 4]);
        assert_eq!(batch.images[47], rng::normal(7, b as u64, 47));
        assert_eq!(labels(batch)[2], (rng::uniform(7, 500 + b as u64, 2) * 10.0).floor() as i64);
    }
    assert!(set.protocol.contains("noise") && set.protocol.ends_with("no images") && set.source_sha256.is_none());
}

#[test]
fn real_batches_are_normalised() {
    let Some(path) = shared("data/images/images_cifar10_640.npz") else { return };
    let set = ImageSet::open(&path, datasets::find("cifar10").unwrap()).unwrap();
    let made = image_batches(&set, &BatchSpec::default()).unwrap();
    assert_eq!(made.batches.len(), 2);
    let values: Vec<f64> = made.batches.iter().flat_map(|b| b.images.iter().copied()).collect();
    assert_eq!(values.len(), 2 * 64 * 3 * 32 * 32);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
    // Training crops bring in black borders, so a little below zero.
    assert!((-0.4..0.2).contains(&mean) && (0.8..1.3).contains(&deviation), "{mean} {deviation}");
    let error = image_batches(&set, &BatchSpec { n_batches: 11, ..BatchSpec::default() }).unwrap_err().to_string();
    assert_eq!(error, "11 batches of 64 need 704 images, images_cifar10_640.npz has 640");
}
