use bench_loaders::{Error, ImageSet, datasets};

use crate::support::{i8_labels, npy, shared, tiny, write, zip};

fn images(n: usize) -> Vec<u8> {
    npy("|u1", &format!("({n}, 3, 2, 2)"), &(0..12 * n as u8).collect::<Vec<_>>())
}

fn open(entries: &[(&str, Vec<u8>)]) -> Result<ImageSet, Error> {
    let (_folder, path) = write(&zip(entries, None));
    ImageSet::open(&path, tiny(""))
}

fn refused(entries: &[(&str, Vec<u8>)]) -> String {
    open(entries).unwrap_err().to_string()
}

#[test]
fn images_and_labels_are_read_as_they_stand() {
    for (descr, labels) in
        [("<i8", i8_labels(&[2, 0])), ("|u1", vec![2, 0]), (">u2", vec![0, 2, 0, 0]), ("<i4", vec![2, 0, 0, 0, 0, 0, 0, 0])]
    {
        let set = open(&[("images_u8_nchw.npy", images(2)), ("labels.npy", npy(descr, "(2,)", &labels))]).unwrap();
        assert_eq!((set.len(), set.labels(), set.augmented()), (2, &[2, 0][..], true));
        assert_eq!(set.pixels(), (0..24).collect::<Vec<_>>());
    }
}

#[test]
fn a_file_without_labels_is_refused() {
    let error = refused(&[("images_u8_nchw.npy", images(2)), ("classes.npy", npy("|u1", "(2,)", &[0, 1]))]);
    assert!(error.ends_with("array `labels`: expected an array of that name, got only classes, images_u8_nchw"), "{error}");
    assert!(refused(&[("notes.txt", vec![1])]).ends_with("got no array at all"));
}

#[test]
fn arrays_of_another_type_or_shape_are_refused() {
    let labels = npy("<i8", "(2,)", &i8_labels(&[0, 1]));
    for (wrong, part) in [
        (npy("<f4", "(2, 3, 2, 2)", &[0; 96]), "got <f4 of shape [2, 3, 2, 2]"),
        (npy("|u1", "(2, 2, 2, 3)", &[0; 24]), "expected u8 of shape [n, 3, 2, 2] for tiny, got |u1 of shape [2, 2, 2, 3]"),
        (npy("|u1", "(2, 3, 4, 4)", &[0; 96]), "got |u1 of shape [2, 3, 4, 4]"),
        (npy("|u1", "(24,)", &[0; 24]), "got |u1 of shape [24]"),
    ] {
        let error = refused(&[("images_u8_nchw.npy", wrong), ("labels.npy", labels.clone())]);
        assert!(error.contains("array `images_u8_nchw`") && error.contains(part), "{error}");
    }
    let fortran = npy("|u1", "(2, 3, 2, 2)", &[0; 24]);
    let text = String::from_utf8_lossy(&fortran).replace("False", "True ");
    assert!(text.contains("True "), "the header has the flag");
    for (wrong, part) in [
        (npy("<f8", "(2,)", &[0; 16]), "expected integers of shape [2], one for each image, got <f8 of shape [2]"),
        (npy("<i8", "(3,)", &[0; 24]), "got <i8 of shape [3]"),
        (npy("<i8", "(2, 1)", &[0; 16]), "got <i8 of shape [2, 1]"),
    ] {
        let error = refused(&[("images_u8_nchw.npy", images(2)), ("labels.npy", wrong)]);
        assert!(error.contains("array `labels`") && error.contains(part), "{error}");
    }
}

#[test]
fn a_label_out_of_range_names_its_row() {
    for label in [3, -1, i64::MAX, 1 << 40] {
        let error = refused(&[("images_u8_nchw.npy", images(2)), ("labels.npy", npy("<i8", "(2,)", &i8_labels(&[1, label])))]);
        assert!(error.ends_with(&format!("row 1: label {label} is out of range: tiny has 3 classes, here 0 to 2")), "{error}");
    }
}

#[test]
fn classes_are_counted_as_the_official_files_do_or_from_zero() {
    let pixels = npy("|u1", "(2, 3, 16, 16)", &[0; 2 * 768]);
    let open = |labels: &[u8]| {
        let (_folder, path) = write(&zip(&[("images_u8_nchw.npy", pixels.clone()), ("labels.npy", npy("|u1", "(2,)", labels))], None));
        ImageSet::open(&path, datasets::find("imagenet16-120").unwrap())
    };
    assert_eq!(open(&[1, 120]).unwrap().labels(), [0, 119]);
    assert_eq!(open(&[0, 119]).unwrap().labels(), [0, 119]);
    assert!(
        open(&[0, 120])
            .unwrap_err()
            .to_string()
            .ends_with("row 1: label 120 is out of range: imagenet16-120 has 120 classes, here 0 to 119")
    );
}

#[test]
fn sizes_that_are_not_there_are_not_reserved() {
    let labels = ("labels.npy", npy("|u1", "(2,)", &[0, 1]));
    // The header claims more than the archive has, or a product that does not fit.
    for shape in ["(1000000000, 3, 2, 2)", "(9223372036854775807, 3, 2, 2)"] {
        let error = refused(&[("images_u8_nchw.npy", npy("|u1", shape, &[0; 24])), labels.clone()]);
        assert!(error.contains("bytes in the archive"), "{error}");
    }
    // Header and archive agree on a size that the file cannot hold.
    let array = npy("|u1", "(80000000, 3, 2, 2)", &[0; 24]);
    let claimed = array.len() as u32 - 24 + 960_000_000;
    let (_folder, path) = write(&zip(&[("images_u8_nchw.npy", array)], Some(claimed)));
    let error = ImageSet::open(&path, tiny("")).unwrap_err().to_string();
    assert!(error.contains("which cannot be in a file of") || error.contains("bytes of data"), "{error}");
}

#[test]
fn damaged_files_are_errors() {
    let whole = zip(&[("images_u8_nchw.npy", images(2)), ("labels.npy", npy("|u1", "(2,)", &[0, 1]))], None);
    for length in 0..whole.len() {
        let (_folder, path) = write(&whole[..length]);
        ImageSet::open(&path, tiny("")).expect_err("a part of a file");
    }
    for position in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[position] ^= 0xff;
        let (_folder, path) = write(&bytes);
        // Some bytes mean nothing, like a date; what matters is that none brings the reader down.
        let _ = ImageSet::open(&path, tiny(""));
    }
    let (_folder, path) = write(b"neither nor");
    assert!(ImageSet::open(&path, tiny("")).unwrap_err().to_string().contains("is not an .npz file, a .tar.gz archive or a pickle"));
    assert!(matches!(ImageSet::open(std::path::Path::new("missing.npz"), tiny("")), Err(Error::Io { .. })));
}

#[test]
fn the_real_images_are_read() {
    for (file, dataset, n) in
        [("cifar10_640", "cifar10", 640), ("cifar100_640", "cifar100", 640), ("imagenet16-120_subset", "imagenet16-120", 106)]
    {
        let Some(path) = shared(&format!("data/images/images_{file}.npz")) else { return };
        let set = ImageSet::open(&path, datasets::find(dataset).unwrap()).unwrap();
        assert_eq!(set.len(), n);
        assert_eq!(set.sha256(), tables::hash_file(&path).unwrap());
        let mean = set.pixels().iter().map(|&p| f64::from(p)).sum::<f64>() / set.pixels().len() as f64;
        assert!((90.0..140.0).contains(&mean), "{file}: {mean}");
    }
}

#[test]
fn real_images_of_another_data_set_are_refused() {
    let Some(path) = shared("data/images/images_imagenet16_all960.npz") else { return };
    let error = ImageSet::open(&path, datasets::find("imagenet16-120").unwrap()).unwrap_err().to_string();
    assert!(error.contains("is out of range: imagenet16-120 has 120 classes, here 1 to 120"), "{error}");
    let error = ImageSet::open(&path, datasets::find("cifar10").unwrap()).unwrap_err().to_string();
    assert!(error.contains("expected u8 of shape [n, 3, 32, 32] for cifar10, got |u1 of shape [960, 3, 16, 16]"), "{error}");
}
