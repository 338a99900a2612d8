use std::fs;
use std::path::Path;

use bench_loaders::{DatasetMeta, Error, ImagePickles, ImageSet, datasets};
use md5::{Digest as _, Md5};

use crate::support::{chain, tiny};

/// Who wrote a pickle.
#[derive(Clone, Copy, Debug)]
enum Writer {
    Python2,
    Python3Protocol2,
    Python3,
}

const WRITERS: [Writer; 3] = [Writer::Python2, Writer::Python3Protocol2, Writer::Python3];

impl Writer {
    fn protocol(self) -> u8 {
        if matches!(self, Self::Python3) { 3 } else { 2 }
    }

    fn text(self, text: &str) -> Vec<u8> {
        match self {
            Self::Python2 => [&[b'U', text.len() as u8], text.as_bytes()].concat(),
            _ => [b"X", (text.len() as u32).to_le_bytes().as_slice(), text.as_bytes()].concat(),
        }
    }

    /// Bytes that are not text: `str`, the call that protocol 2 makes of them, or `bytes`.
    fn bytes(self, bytes: &[u8]) -> Vec<u8> {
        let length = (bytes.len() as u32).to_le_bytes();
        match self {
            Self::Python2 => [b"T", length.as_slice(), bytes].concat(),
            Self::Python3 => [b"B", length.as_slice(), bytes].concat(),
            Self::Python3Protocol2 => {
                let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
                [b"c_codecs\nencode\n".as_slice(), &self.text(&text), &self.text("latin1"), b"\x86R"].concat()
            }
        }
    }

    /// An array as `NumPy` reduces it: a call that makes an empty one, then its state.
    fn array(self, shape: &[u16], dtype: &str, data: &[u8]) -> Vec<u8> {
        let sizes: Vec<u8> = shape.iter().flat_map(|size| [&b"M"[..], &size.to_le_bytes()].concat()).collect();
        let byte_order = if dtype == "u1" { "|" } else { "<" };
        [
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85".as_slice(),
            &self.bytes(b"b"),
            b"\x87R(K\x01(",
            &sizes,
            b"tcnumpy\ndtype\n",
            &self.text(dtype),
            b"K\x00K\x01\x87R(K\x03",
            &self.text(byte_order),
            b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
            &self.bytes(data),
            b"tb",
        ]
        .concat()
    }

    /// A file of images: labels as a list, and a mean that nobody reads.
    fn batch(self, images: &[u8], labels: &[u16]) -> Vec<u8> {
        let labels_list: Vec<u8> = labels.iter().flat_map(|label| [&b"M"[..], &label.to_le_bytes()].concat()).collect();
        let pixels = (images.len() / labels.len().max(1)) as u16;
        [
            &[0x80, self.protocol()],
            b"}(".as_slice(),
            &self.text("data"),
            &self.array(&[labels.len() as u16, pixels], "u1", images),
            &self.text("labels"),
            b"](",
            &labels_list,
            b"e",
            &self.text("mean"),
            &self.array(&[pixels], "f8", &vec![0; 8 * usize::from(pixels)]),
            b"u.",
        ]
        .concat()
    }
}

/// A data set of pictures of 2 x 2 pixels, classes 1 to 3 of 5, in the files `one` and `two`, with `held_out` besides.
fn dataset(files: &[(&'static str, &[u8])]) -> &'static DatasetMeta {
    let md5 = |name: &str| {
        let found = files.iter().find(|(file, _)| *file == name).map_or_else(String::new, |(_, bytes)| tables::hex(&Md5::digest(bytes)));
        &*Box::leak(found.into_boxed_str())
    };
    let pickles = ImagePickles {
        url: "https://example.org/tiny",
        train: Box::leak(Box::new([("one", md5("one")), ("two", md5("two"))])),
        held_out: Box::leak(Box::new([("held_out", md5("held_out"))])),
        classes: 5,
    };
    Box::leak(Box::new(DatasetMeta { first_label: 1, archive: None, pickles: Some(pickles), ..*tiny("") }))
}

fn pixels(from: u8, images: u8) -> Vec<u8> {
    (0..12 * images).map(|k| from.wrapping_add(k)).collect()
}

fn write(folder: &Path, files: &[(&'static str, &[u8])]) {
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

#[test]
fn images_of_the_first_classes_are_kept_in_the_order_of_the_files() {
    for writer in WRITERS {
        let one = writer.batch(&pixels(0, 4), &[1, 5, 3, 2]);
        let two = writer.batch(&pixels(100, 2), &[4, 1]);
        let files = [("one", one.as_slice()), ("two", &two)];
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &files);
        let dataset = dataset(&files);
        let set = ImageSet::open(folder.path(), dataset).unwrap();
        assert_eq!(set.labels(), [0, 2, 1, 0], "{writer:?}");
        let kept = [&pixels(0, 1), &pixels(24, 2)[..], &pixels(112, 1)].concat();
        assert_eq!(set.pixels(), kept);
        assert!(!set.augmented() && set.sha256().len() == 64);
        let both = [one.as_slice(), &two].concat();
        assert_eq!(set.sha256(), tables::hex(&sha2::Sha256::digest(&both)));
        let second = ImageSet::open(&folder.path().join("two"), dataset).unwrap();
        assert_eq!((second.labels(), second.name()), ([0].as_slice(), "two"));
    }
}

#[test]
fn a_held_out_file_is_read_when_it_is_named() {
    let held_out = Writer::Python3.batch(&pixels(0, 2), &[3, 5]);
    let files = [("held_out", held_out.as_slice())];
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files);
    let set = ImageSet::open(&folder.path().join("held_out"), dataset(&files)).unwrap();
    assert_eq!(set.labels(), [2]);
    let error = ImageSet::open(folder.path(), dataset(&files)).unwrap_err().to_string();
    assert!(error.contains("no images of tiny: expected one, two"), "{error}");
}

fn refused(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let files = [("one", bytes), ("two", bytes)];
    write(folder.path(), &files);
    chain(&ImageSet::open(folder.path(), dataset(&files)).unwrap_err())
}

#[test]
fn a_file_with_another_checksum_is_refused() {
    let one = Writer::Python3.batch(&pixels(0, 1), &[1]);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("one", &one), ("two", b"other")]);
    let error = ImageSet::open(folder.path(), dataset(&[("one", &one), ("two", &one)])).unwrap_err();
    assert!(matches!(&error, Error::Checksum { what: "md5", .. }) && error.to_string().contains("two has the wrong md5"), "{error}");
}

#[test]
fn what_does_not_fit_together_is_named() {
    let writer = Writer::Python3;
    let images = writer.array(&[2, 12], "u1", &pixels(0, 2));
    let file =
        |data: &[u8], labels: &[u8]| [b"\x80\x03}(", writer.text("data").as_slice(), data, &writer.text("labels"), labels, b"u."].concat();
    for (bytes, part) in [
        (file(&images, b"](K\x01e"), "array `labels`: expected 2 labels"),
        (file(&images, b"](K\x01K\x06e"), "row 1: label 6 is out of range"),
        (file(&images, b"](K\x01K\x00e"), "row 1: label 0 is out of range"),
        (file(&images, b"](K\x01X\x01\0\0\0xe"), "array `labels`"),
        (file(&writer.array(&[2, 11], "u1", &pixels(0, 2)[..22]), b"](K\x01K\x01e"), "array `data`: expected u8 of shape [n, 12]"),
        (file(&writer.array(&[3, 12], "u1", &pixels(0, 2)), b"](K\x01K\x01e"), "one"),
        (file(&writer.array(&[1, 12], "f8", &[0; 96]), b"](K\x01e"), "array `data`: expected u8"),
        (file(b"](K\x01e", b"](K\x01e"), "array `data`"),
        ([b"\x80\x03}".as_slice(), b"."].concat(), "array `data`"),
        (b"\x80\x03cos\nsystem\nX\x04\0\0\0echo\x85R.".to_vec(), "refused to call os.system"),
    ] {
        let error = refused(&bytes);
        assert!(error.contains(part), "{part} in {error}");
    }
}

#[test]
fn a_file_cut_or_changed_anywhere_never_panics() {
    for writer in WRITERS {
        let whole = writer.batch(&pixels(0, 2), &[1, 2]);
        for cut in 0..whole.len() {
            refused(&whole[..cut]);
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            let folder = tempfile::tempdir().unwrap();
            let files = [("one", damaged.as_slice())];
            write(folder.path(), &files);
            if let Ok(set) = ImageSet::open(&folder.path().join("one"), dataset(&files)) {
                assert!(set.labels().iter().all(|&class| class < 3) && set.pixels().len() == 12 * set.len());
            }
        }
    }
}

#[test]
fn the_official_files_are_listed() {
    let meta = datasets::find("imagenet16-120").unwrap();
    let pickles = meta.pickles.as_ref().unwrap();
    assert_eq!((pickles.train.len(), pickles.held_out.len(), pickles.classes), (10, 1, 1_000));
    let folder = tempfile::tempdir().unwrap();
    let error = ImageSet::open(folder.path(), meta).unwrap_err().to_string();
    assert!(error.contains("expected train_data_batch_1, train_data_batch_2"), "{error}");
}
