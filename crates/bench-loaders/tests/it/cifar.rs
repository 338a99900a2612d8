use std::fs;
use std::path::{Path, PathBuf};

use bench_loaders::{DatasetMeta, Error, ImageSet};
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};

use crate::support::{tiny, tiny_files};

/// Packs files into `tiny.tar.gz` in the folder; its path and MD5.
fn pack(folder: &Path, files: &[(&str, Vec<u8>)]) -> (PathBuf, String) {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, data) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("tiny-bin/{name}"), data.as_slice()).unwrap();
    }
    let bytes = tar.into_inner().unwrap().finish().unwrap();
    let path = folder.join("tiny.tar.gz");
    fs::write(&path, &bytes).unwrap();
    (path, tables::hex(&Md5::digest(&bytes)))
}

fn is_the_tiny_set(set: &ImageSet) {
    assert_eq!((set.len(), set.augmented()), (8, false));
    assert_eq!(set.labels(), [0, 1, 2, 0, 1, 2, 0, 1]);
    assert_eq!(set.pixels()[12..24], (16..28).collect::<Vec<_>>());
    assert_eq!(set.pixels()[84..], (112..124).collect::<Vec<_>>());
}

#[test]
fn an_archive_and_what_it_unpacks_to_are_the_same_images() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = tiny_files();
    // The order in the archive is not the order of the images.
    let (path, md5) = pack(folder.path(), &[two, ("readme.html", vec![b'x'; 100]), one]);
    let packed = ImageSet::open(&path, tiny(&md5)).unwrap();
    is_the_tiny_set(&packed);
    assert_eq!(packed.sha256(), tables::hash_file(&path).unwrap());
    is_the_tiny_set(&ImageSet::open(folder.path(), tiny(&md5)).unwrap());

    let unpacked = tempfile::tempdir().unwrap();
    fs::create_dir(unpacked.path().join("tiny-bin")).unwrap();
    for (name, data) in tiny_files() {
        fs::write(unpacked.path().join("tiny-bin").join(name), data).unwrap();
    }
    for folder in [unpacked.path().to_path_buf(), unpacked.path().join("tiny-bin")] {
        let set = ImageSet::open(&folder, tiny("not looked at")).unwrap();
        is_the_tiny_set(&set);
        assert_eq!(set.sha256().len(), 64);
    }
}

#[test]
fn an_archive_with_another_checksum_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, md5) = pack(folder.path(), &tiny_files());
    let error = ImageSet::open(&path, tiny("c32a")).unwrap_err().to_string();
    assert!(error.ends_with(&format!("tiny.tar.gz has the wrong md5: expected c32a, got {md5}")), "{error}");
}

#[test]
fn an_archive_that_lacks_or_shortens_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = tiny_files();
    let (path, md5) = pack(folder.path(), std::slice::from_ref(&one));
    let error = ImageSet::open(&path, tiny(&md5)).unwrap_err().to_string();
    assert!(error.contains("it does not hold tiny-bin/two.bin"), "{error}");
    let (path, md5) = pack(folder.path(), &[one, ("two.bin", two.1[..50].to_vec())]);
    let error = ImageSet::open(&path, tiny(&md5)).unwrap_err().to_string();
    assert!(error.contains("two.bin has the wrong size: expected 56 bytes, got 50 bytes"), "{error}");
    let cut = fs::read(&path).unwrap()[..60].to_vec();
    fs::write(&path, &cut).unwrap();
    let error = ImageSet::open(&path, tiny(&tables::hex(&Md5::digest(&cut)))).unwrap_err();
    assert!(matches!(error, Error::Format { .. } | Error::Io { .. }), "{error}");
}

#[test]
fn a_class_that_is_none_names_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let [one, mut two] = tiny_files();
    two.1[14 * 2 + 1] = 7;
    let (path, md5) = pack(folder.path(), &[one, two]);
    let error = ImageSet::open(&path, tiny(&md5)).unwrap_err().to_string();
    assert!(error.ends_with("tiny-bin/two.bin, row 2: label 7 is out of range: tiny has 3 classes, here 0 to 2"), "{error}");
}

#[test]
fn a_folder_of_unpacked_files_is_checked_too() {
    let folder = tempfile::tempdir().unwrap();
    let error = ImageSet::open(folder.path(), tiny("")).unwrap_err().to_string();
    assert!(error.contains("no images of tiny: expected one.bin, two.bin, or tiny.tar.gz or an .npz file"), "{error}");
    let [one, two] = tiny_files();
    fs::write(folder.path().join(one.0), one.1).unwrap();
    assert!(matches!(ImageSet::open(folder.path(), tiny("")), Err(Error::Io { .. })));
    fs::write(folder.path().join(two.0), &two.1[1..]).unwrap();
    assert!(matches!(ImageSet::open(folder.path(), tiny("")), Err(Error::Checksum { what: "size", .. })));
}

#[test]
fn a_data_set_without_an_archive_says_what_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = Box::leak(Box::new(DatasetMeta { archive: None, ..*tiny("") }));
    let error = ImageSet::open(folder.path(), dataset).unwrap_err().to_string();
    assert!(error.contains("is not an .npz file: there is no archive"), "{error}");
}
