//! Images of the user's own: folders of pictures, `.npz` and IDX files, splits; and what is wrong with them.

use std::fs;
use std::path::Path;

use bench_loaders::{DataSpec, Splits};
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use crate::support::{i8_labels, npy, shared, zip};

fn load(spec: &str) -> Result<Splits, String> {
    DataSpec::parse(spec).and_then(|spec| spec.load()).map_err(|error| error.to_string())
}

fn refused(spec: &str) -> String {
    load(spec).expect_err("these images cannot be used")
}

/// A picture of one colour.
fn plain(width: u32, height: u32, colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(colour))
}

/// Ten pictures each of two classes below `folder`: red ones and blue ones.
fn two_classes(folder: &Path) {
    for (class, colour) in [("blue", [10, 20, 200]), ("red", [200, 20, 10])] {
        fs::create_dir_all(folder.join(class)).unwrap();
        for k in 0..10 {
            plain(6 + k, 9, colour).save(folder.join(class).join(format!("{k}.png"))).unwrap();
        }
    }
}

#[test]
fn pictures_of_any_kind_and_size_become_squares_of_three_channels() {
    let folder = tempfile::tempdir().unwrap();
    two_classes(folder.path());
    let grey = GrayImage::from_pixel(5, 5, Luma([77]));
    grey.save(folder.path().join("blue/a-grey.png")).unwrap();
    let clear = RgbaImage::from_pixel(8, 4, Rgba([1, 2, 3, 0]));
    clear.save(folder.path().join("blue/a-clear.PNG")).unwrap();
    DynamicImage::ImageRgb8(plain(40, 20, [90, 90, 90])).save(folder.path().join("red/a.jpg")).unwrap();
    // Neither a picture nor a class.
    fs::write(folder.path().join("red/notes.txt"), "no picture").unwrap();
    fs::write(folder.path().join("README"), "no class").unwrap();
    fs::write(folder.path().join("red/.hidden.png"), "no picture").unwrap();

    let splits = load(&format!("colours=folder:{}@4", folder.path().display())).unwrap();
    let dataset = splits.train.dataset();
    assert_eq!((dataset.name, dataset.classes, dataset.resolution, splits.train.resolution()), ("colours", 2, 4, 4));
    // 23 pictures, of which a sixth each is held out.
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len()], [15, 4, 4]);
    for set in [&splits.train, &splits.valid, &splits.test] {
        for (image, label) in set.pixels().chunks(48).zip(set.labels()) {
            let [red, green, blue] = [0, 1, 2].map(|channel| &image[16 * channel..16 * channel + 16]);
            let all = |plane: &[u8], value: u8| plane.iter().all(|pixel| pixel.abs_diff(value) <= 2);
            let blue_one = all(red, 10) && all(green, 20) && all(blue, 200) || all(red, 77) && all(blue, 77) || all(red, 1) && all(blue, 3);
            let red_one = all(red, 200) && all(green, 20) && all(blue, 10) || all(red, 90) && all(blue, 90);
            assert!(if *label == 0 { blue_one } else { red_one }, "{image:?}");
        }
    }
    assert_eq!(load(&format!("colours=folder:{}@4", folder.path().display())).unwrap().test, splits.test);
}

#[test]
fn a_picture_is_shrunk_by_its_shorter_side_and_cut_to_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    two_classes(folder.path());
    // Three stripes: black, white, black; the middle one is what is left.
    let striped = RgbImage::from_fn(60, 20, |x, _| if (20..40).contains(&x) { Rgb([255; 3]) } else { Rgb([0; 3]) });
    striped.save(folder.path().join("red/striped.png")).unwrap();
    let splits = load(&format!("x=folder:{}@4", folder.path().display())).unwrap();
    let all = [&splits.train, &splits.valid, &splits.test];
    let white = all.iter().flat_map(|set| set.pixels().chunks(48)).filter(|image| image.iter().all(|&pixel| pixel > 200)).count();
    assert_eq!(white, 1);
}

#[test]
fn splits_of_the_folders_own_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["train", "val", "test"] {
        two_classes(&folder.path().join(part));
    }
    let spec = format!("x=folder:{}@2", folder.path().display());
    let splits = load(&spec).unwrap();
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len()], [20, 20, 20]);
    assert_eq!(splits.protocol, "20 images to learn from, 20 to choose by (the source's own), 20 to judge by (the source's own)");
    fs::create_dir(folder.path().join("test/green")).unwrap();
    assert!(refused(&spec).contains("its classes are blue, green, red, those to learn from blue, red"));
}

#[test]
fn of_a_folder_with_training_pictures_only_the_others_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    two_classes(&folder.path().join("train"));
    let spec = format!("x=folder:{}@2", folder.path().display());
    let splits = load(&spec).unwrap();
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len()], [14, 3, 3]);
    assert_eq!(splits.train.dataset().classes, 2);
    // With pictures in it, `train` is a class.
    let vehicles = tempfile::tempdir().unwrap();
    two_classes(vehicles.path());
    fs::rename(vehicles.path().join("blue"), vehicles.path().join("train")).unwrap();
    let splits = load(&format!("x=folder:{}@2", vehicles.path().display())).unwrap();
    assert_eq!((splits.train.dataset().classes, splits.train.len()), (2, 14));
}

#[test]
fn a_rare_class_is_learnt() {
    let folder = tempfile::tempdir().unwrap();
    two_classes(folder.path());
    let rare: Vec<String> = (0..12).map(|k| format!("rare-{k:02}")).collect();
    for (k, class) in rare.iter().enumerate() {
        fs::create_dir(folder.path().join(class)).unwrap();
        plain(4, 4, [k as u8; 3]).save(folder.path().join(class).join("only.png")).unwrap();
    }
    let splits = load(&format!("x=folder:{}@2", folder.path().display())).unwrap();
    let mut learnt = splits.train.labels().to_vec();
    learnt.sort_unstable();
    learnt.dedup();
    assert_eq!(learnt, (0..14).collect::<Vec<u16>>());
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len()], [22, 5, 5]);
    assert!(splits.protocol.contains("exchanged so that each class is learnt"), "{}", splits.protocol);
    // Twenty classes of one picture each leave fewer places than classes.
    let single = tempfile::tempdir().unwrap();
    for k in 0..20_u8 {
        let class = single.path().join(format!("{k:02}"));
        fs::create_dir(&class).unwrap();
        plain(4, 4, [k; 3]).save(class.join("only.png")).unwrap();
    }
    assert!(refused(&format!("x=folder:{}@2", single.path().display())).contains("there are more classes"));
}

#[test]
fn unusable_folders_are_refused_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let spec = format!("x=folder:{}@4", folder.path().display());
    assert!(refused(&spec).contains("there are no pictures"));
    let pictures = folder.path().join("red");
    fs::create_dir(&pictures).unwrap();
    assert!(refused(&spec).contains("the class red has no picture"));
    for k in 0..8 {
        plain(4, 4, [k; 3]).save(pictures.join(format!("{k}.png"))).unwrap();
    }
    assert!(refused(&spec).contains("8 pictures to learn from are of one class"));

    two_classes(folder.path());
    fs::write(pictures.join("empty.png"), "").unwrap();
    fs::write(pictures.join("text.jpg"), "not a picture").unwrap();
    let whole = fs::read(pictures.join("0.png")).unwrap();
    fs::write(pictures.join("cut.png"), &whole[..whole.len() / 2]).unwrap();
    let message = refused(&spec);
    for part in ["3 of 23 pictures cannot be read", "red/cut.png", "red/empty.png: the file is empty", "red/text.jpg"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(refused("folder:no/such").contains("failed to read the folder no/such"));
}

#[test]
fn a_picture_that_claims_to_be_huge_takes_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    two_classes(folder.path());
    // The header of a PNG of 60,000 x 60,000 pixels, with a right checksum.
    let mut header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    header.extend([60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
    header.extend([8, 2, 0, 0, 0]);
    let mut crc = flate2::Crc::new();
    crc.update(&header[12..]);
    header.extend(crc.sum().to_be_bytes());
    fs::write(folder.path().join("red/huge.png"), &header).unwrap();
    let message = refused(&format!("x=folder:{}@4", folder.path().display()));
    assert!(message.contains("1 of 21 pictures cannot be read: red/huge.png"), "{message}");
}

#[test]
fn every_cut_of_a_picture_is_an_error_or_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    two_classes(folder.path());
    for name in ["red/a.png", "red/a.jpg"] {
        let path = folder.path().join(name);
        DynamicImage::ImageRgb8(RgbImage::from_fn(12, 12, |x, y| Rgb([(20 * x) as u8, (20 * y) as u8, 7]))).save(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            fs::write(&path, &whole[..at]).unwrap();
            // A decoder may fill up what is missing at the end of a JPEG; it must not panic.
            let _ = load(&format!("x=folder:{}@4", folder.path().display()));
        }
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn arrays_in_one_file_or_three_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let arrays = |n: usize, channels: usize, first: i64| {
        let pixels: Vec<u8> = (0..n * channels * 9).map(|k| (k % 251) as u8).collect();
        let labels: Vec<i64> = (0..n as i64).map(|k| first + k % 2).collect();
        let entries = [
            ("images_u8_nchw.npy", npy("|u1", &format!("({n}, {channels}, 3, 3)"), &pixels)),
            ("labels.npy", npy("<i8", &format!("({n},)"), &i8_labels(&labels))),
        ];
        zip(&entries, None)
    };
    let one = folder.path().join("Grey.npz");
    fs::write(&one, arrays(30, 1, 0)).unwrap();
    let splits = load(&format!("npz:{}", one.display())).unwrap();
    assert_eq!((splits.train.dataset().name, splits.train.dataset().classes, splits.train.resolution()), ("grey", 2, 3));
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len()], [20, 5, 5]);
    assert!(splits.train.pixels().chunks(27).all(|image| image[..9] == image[9..18] && image[..9] == image[18..]));

    let three = folder.path().join("three");
    fs::create_dir(&three).unwrap();
    for (name, n, first) in [("train", 12, 0), ("valid", 4, 1), ("test", 5, 2)] {
        fs::write(three.join(format!("{name}.npz")), arrays(n, 3, first)).unwrap();
    }
    let splits = load(&format!("npz:{}", three.display())).unwrap();
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len(), splits.test.dataset().classes], [12, 4, 5, 4]);
    fs::write(&one, arrays(30, 1, -1)).unwrap();
    assert!(refused(&format!("npz:{}", one.display())).contains("expected classes from 0 to 65535, got -1 in row 0"));
    fs::write(&one, arrays(2, 1, 0)).unwrap();
    assert!(refused(&format!("npz:{}", one.display())).contains("2 pictures are too few"));
}

#[test]
fn the_test_images_of_mnist_are_split() {
    let Some(folder) = shared("data/mirror/mnist") else { return };
    let splits = load(&format!("idx:{}", folder.display())).unwrap();
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len()], [6_666, 1_667, 1_667]);
    assert_eq!((splits.train.dataset().name, splits.train.dataset().classes, splits.train.resolution()), ("mnist", 10, 28));
    // The published mean and deviation of the training set are 0.1307 and 0.3081.
    let dataset = splits.train.dataset();
    assert!((dataset.mean[0] / 255.0 - 0.1307).abs() < 0.005 && (dataset.std[2] / 255.0 - 0.3081).abs() < 0.005);
}

#[test]
fn official_images_come_with_their_own_test_images_or_are_split() {
    let Some(file) = shared("data/images/images_cifar10_640.npz") else { return };
    let splits = load(&format!("cifar10:{}", file.display())).unwrap();
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len()], [426, 107, 107]);
}

#[test]
fn the_binary_files_of_cifar_come_with_their_own_test_images() {
    let folder = tempfile::tempdir().unwrap();
    // Files of the official size: the pixels of image `k` of file `f` are `f`, its class `k % 10`.
    let file = |f: u8| -> Vec<u8> { (0..10_000_u32).flat_map(|k| std::iter::once((k % 10) as u8).chain([f; 3_072])).collect() };
    for (f, name) in ["test_batch", "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"].iter().enumerate() {
        fs::write(folder.path().join(format!("{name}.bin")), file(f as u8)).unwrap();
    }
    let spec = format!("cifar10:{}", folder.path().display());
    let splits = load(&spec).unwrap();
    assert_eq!([splits.train.len(), splits.valid.len(), splits.test.len()], [41_667, 8_333, 10_000]);
    assert!(splits.test.pixels().iter().all(|&pixel| pixel == 0) && splits.train.pixels().iter().all(|&pixel| (1..=5).contains(&pixel)));
    assert_eq!(splits.test.labels()[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    fs::remove_file(folder.path().join("test_batch.bin")).unwrap();
    assert!(refused(&spec).contains("test_batch.bin"));
}
