//! Targets that are no class of an image: the tasks of `TransNAS-Bench-101`.

use bench_loaders::{Augment, BatchSpec, Error, ImageSet, Targets, datasets, image_batches, noise_batches};
use netgraph::rng;

use crate::support::{i8_labels, npy, write, zip};

const SPEC: BatchSpec = BatchSpec { n_batches: 2, batch_size: 1, seed: 5, augment: Augment::None };

fn open(task: &str, resolution: usize, entries: &[(&str, Vec<u8>)]) -> Result<ImageSet, Error> {
    let (_folder, path) = write(&zip(entries, None));
    ImageSet::open_sized(&path, datasets::find(task).unwrap(), resolution)
}

/// Two images of 2 x 2 pixels.
fn images(channels: usize) -> (&'static str, Vec<u8>) {
    ("images_u8_nchw.npy", npy("|u1", &format!("(2, {channels}, 2, 2)"), &(0..8 * channels as u8).collect::<Vec<_>>()))
}

fn f8(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// The targets of both images, in the order of the file.
fn targets(set: &ImageSet) -> [Targets; 2] {
    let chosen = rng::Stream::new(5, 600).sample(2, 2);
    let batches = image_batches(set, &SPEC).unwrap().batches;
    let of = |k: usize| batches[chosen.iter().position(|&c| c == k).unwrap()].targets.clone();
    [of(0), of(1)]
}

#[test]
fn a_room_layout_is_a_row_of_numbers() {
    let values: Vec<f64> = (0..18).map(|k| f64::from(k) / 4.0).collect();
    let set = open("room_layout", 2, &[images(3), ("targets.npy", npy("<f8", "(2, 9)", &f8(&values)))]).unwrap();
    assert_eq!(targets(&set), [Targets::Values(values[..9].to_vec()), Targets::Values(values[9..].to_vec())]);
    let error = open("room_layout", 2, &[images(3), ("labels.npy", npy("<i8", "(2,)", &i8_labels(&[0, 1])))]).unwrap_err();
    assert!(error.to_string().contains("array `targets`: expected an array of that name"), "{error}");
    let mut broken = values;
    broken[10] = f64::NAN;
    let error = open("room_layout", 2, &[images(3), ("targets.npy", npy("<f8", "(2, 9)", &f8(&broken)))]).unwrap_err();
    assert!(error.to_string().ends_with("got NaN for image 1, output 1"), "{error}");
}

#[test]
fn a_scene_is_a_distribution_or_a_certain_class() {
    let set = open("class_scene", 2, &[images(3), ("labels.npy", npy("|u1", "(2,)", &[0, 46]))]).unwrap();
    let certain = |class: usize| Targets::Distribution((0..47).map(|c| f64::from(u8::from(c == class))).collect());
    assert_eq!(targets(&set), [certain(0), certain(46)]);
    let set = open("class_scene", 2, &[images(3), ("targets.npy", npy("<f8", "(2, 47)", &f8(&[0.5; 94])))]).unwrap();
    assert_eq!(targets(&set)[1], Targets::Distribution(vec![0.5; 47]));
}

#[test]
fn a_segmentation_has_a_class_for_each_pixel() {
    let set = open("segmentsemantic", 2, &[images(3), ("labels.npy", npy("|u1", "(2, 2, 2)", &[0, 1, 2, 3, 4, 5, 6, 16]))]).unwrap();
    assert_eq!(targets(&set)[1], Targets::PixelClasses(vec![4, 5, 6, 16]));
    let error = open("segmentsemantic", 2, &[images(3), ("labels.npy", npy("|u1", "(2, 2, 2)", &[0, 1, 2, 3, 17, 0, 0, 0]))]).unwrap_err();
    assert!(matches!(error, Error::Label { row: 1, label: 17, .. }), "{error}");
}

#[test]
fn a_picture_as_target_is_stretched_and_an_autoencoder_has_its_own() {
    let other = ("targets_u8_nchw.npy", npy("|u1", "(2, 3, 2, 2)", &(100..124).collect::<Vec<u8>>()));
    let set = open("normal", 2, &[images(3), other]).unwrap();
    let scaled = |first: u8, low: f64| Targets::Image((first..first + 12).map(|p| low + (1.0 - low) * f64::from(p) / 255.0).collect());
    assert_eq!(targets(&set), [scaled(100, 0.0), scaled(112, 0.0)]);
    assert_eq!(targets(&open("autoencoder", 2, &[images(3)]).unwrap()), [scaled(0, -1.0), scaled(12, -1.0)]);
    assert!(open("normal", 2, &[images(3)]).is_err());
}

#[test]
fn a_jigsaw_has_nine_tiles_and_a_permutation() {
    let set = open("jigsaw", 2, &[images(27), ("labels.npy", npy("<i8", "(2,)", &i8_labels(&[7, 999])))]).unwrap();
    assert_eq!(targets(&set), [Targets::Classes(vec![7]), Targets::Classes(vec![999])]);
    assert_eq!(image_batches(&set, &SPEC).unwrap().batches[0].shape, [1, 27, 2, 2]);
    let error = open("jigsaw", 2, &[images(3)]).unwrap_err().to_string();
    assert!(error.contains("u8 of shape [n, 27, 2, 2] for jigsaw"), "{error}");
}

#[test]
fn only_tasks_without_a_resolution_of_their_own_take_others() {
    assert!(open("cifar10", 2, &[images(3)]).unwrap_err().to_string().contains("[n, 3, 32, 32] for cifar10"));
}

#[test]
fn noise_has_targets_of_every_kind() {
    let noise =
        |task: &str, classes| noise_batches(&BatchSpec { batch_size: 3, ..SPEC }, datasets::find(task).unwrap(), classes, 4).unwrap();
    for (task, classes, length) in
        [("class_scene", 47, 141), ("room_layout", 9, 27), ("segmentsemantic", 17, 48), ("normal", 3, 144), ("jigsaw", 5, 3)]
    {
        let set = noise(task, classes);
        let numbers: Vec<f64> = match &set.batches[1].targets {
            Targets::Classes(t) | Targets::PixelClasses(t) => {
                assert!(t.iter().all(|&c| (0..classes as i64).contains(&c)));
                t.iter().map(|&c| c as f64).collect()
            }
            Targets::Distribution(t) => {
                assert!(t.chunks(classes).all(|row| row.iter().sum::<f64>() == 1.0));
                t.clone()
            }
            Targets::Values(t) => t.clone(),
            Targets::Image(t) => {
                assert!(t.iter().all(|v| v.abs() <= 1.0));
                t.clone()
            }
        };
        assert_eq!(numbers.len(), length, "{task}");
        assert!(set.protocol.ends_with("no images"), "{}", set.protocol);
        assert_ne!(
            set.sha256,
            noise_batches(&BatchSpec { batch_size: 3, seed: 6, ..SPEC }, datasets::find(task).unwrap(), classes, 4).unwrap().sha256
        );
    }
    assert_eq!(noise("jigsaw", 5).batches[0].shape, [3, 27, 4, 4]);
}
