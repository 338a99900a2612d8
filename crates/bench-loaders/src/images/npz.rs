use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use npyz::npz::NpzArchive;

use crate::{DatasetMeta, Error, Result, Target};

use super::image_set::{Dense, ImageSet, class};
use super::npy_header::NpyHeader;
use super::raw::Raw;

const IMAGES: &str = "images_u8_nchw";
const LABELS: &str = "labels";
const TARGETS: &str = "targets";
const TARGET_IMAGES: &str = "targets_u8_nchw";
/// Most bytes of an array (a million images of 16 x 16 pixels fit).
const MAX_BYTES: u64 = 1 << 30;
/// Deflate cannot make data smaller than this; a file that claims so lies.
const MAX_RATIO: u64 = 1_040;

/// Reads the images and targets of an `.npz` file.
pub fn read(path: &Path, dataset: &'static DatasetMeta, resolution: usize) -> Result<ImageSet> {
    let sha256 = tables::hash_file(path)?;
    let mut file = NpzFile::new(path)?;

    let (channels, side) = (dataset.head.input_channels() as u64, resolution as u64);
    let what = format!("[n, {channels}, {side}, {side}] for {}", dataset.name);
    let pixels = file.bytes(IMAGES, &what, |shape| matches!(*shape, [_, c, h, w] if (c, h, w) == (channels, side, side)))?;
    let n = (pixels.len() / ImageSet::image_bytes(dataset, resolution)) as u64;
    let (mut labels, mut dense) = (Vec::new(), Dense::None);
    match dataset.target {
        Target::Classes => labels = file.labels(n, dataset)?,
        Target::Distribution if !file.has(TARGETS) => labels = file.labels(n, dataset)?,
        Target::Distribution | Target::Values => dense = Dense::Numbers(file.numbers(n, dataset)?),
        Target::PixelClasses => {
            let classes = file.bytes(LABELS, &format!("[{n}, {side}, {side}]"), |shape| *shape == [n, side, side])?;
            if let Some(at) = classes.iter().position(|&c| usize::from(c) >= dataset.classes) {
                let row = at / (resolution * resolution);
                class(classes[at].into(), 0, row, dataset, path)?;
            }
            dense = Dense::Pixels(classes);
        }
        Target::Image { .. } if dataset.name == "autoencoder" && !file.has(TARGET_IMAGES) => {}
        Target::Image { .. } => {
            let shape = [n, 3, side, side];
            dense = Dense::Pixels(file.bytes(TARGET_IMAGES, &format!("{shape:?}"), |got| *got == shape)?);
        }
    }
    Ok(ImageSet { name: name(path), dataset, resolution, pixels, labels, dense, sha256, augmented: true })
}

/// Reads square pictures of any side, grey or in colour, and their classes, counted from 0.
pub fn read_own(path: &Path) -> Result<Raw> {
    let sha256 = tables::hash_file(path)?;
    let mut file = NpzFile::new(path)?;
    let (header, bytes) = file.open(IMAGES)?;
    let (side, grey) = match *header.shape.as_slice() {
        [_, 3, h, w] if h == w && h > 0 => (h as usize, false),
        [_, 1, h, w] if h == w && h > 0 => (h as usize, true),
        _ => (0, false),
    };
    if side == 0 || header.descr != "|u1" || header.fortran_order {
        return Err(file.wrong(IMAGES, "u8 of shape [n, 3, side, side] or [n, 1, side, side]".into(), &header));
    }
    let n = header.shape[0];
    let (header, raw) = file.open(LABELS)?;
    let Some(integer) = Integer::of(&header.descr).filter(|_| header.shape == [n]) else {
        return Err(file.wrong(LABELS, format!("integers of shape [{n}], one for each image"), &header));
    };
    let label = |(row, bytes): (usize, &[u8])| {
        let label = integer.value(bytes);
        u16::try_from(label).map_err(|_| Error::Array {
            path: path.into(),
            array: LABELS,
            expected: "classes from 0 to 65535".into(),
            got: format!("{label} in row {row}"),
        })
    };
    let labels = raw.chunks_exact(integer.bytes).enumerate().map(label).collect::<Result<_>>()?;
    let pixels = if grey { bytes.chunks(side * side).flat_map(|plane| plane.repeat(3)).collect() } else { bytes };
    Ok(Raw { name: name(path), side, pixels, labels, sha256 })
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// An open archive, with what errors need to know.
struct NpzFile<'a> {
    archive: NpzArchive<BufReader<File>>,
    path: &'a Path,
    file_bytes: u64,
}

impl<'a> NpzFile<'a> {
    fn new(path: &'a Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let file_bytes = file.metadata().map_err(Error::io("open", path))?.len();
        let not_npz = |error: std::io::Error| Error::Format { path: path.into(), expected: "an .npz file", reason: error.to_string() };
        let archive = NpzArchive::new(BufReader::new(file)).map_err(not_npz)?;
        Ok(Self { archive, path, file_bytes })
    }

    fn has(&self, array: &str) -> bool {
        self.archive.array_names().any(|name| name == array)
    }

    fn open(&mut self, array: &'static str) -> Result<(NpyHeader, Vec<u8>)> {
        Array::open(&mut self.archive, array, self.path, self.file_bytes)
    }

    fn wrong(&self, array: &'static str, expected: String, header: &NpyHeader) -> Error {
        Error::Array { path: self.path.into(), array, expected, got: header.in_words() }
    }

    /// An array of bytes in C order whose shape is accepted; `shape` says which ones are.
    fn bytes(&mut self, array: &'static str, shape: &str, accept: impl Fn(&[u64]) -> bool) -> Result<Vec<u8>> {
        let (header, bytes) = self.open(array)?;
        if header.descr != "|u1" || header.fortran_order || !accept(&header.shape) {
            return Err(self.wrong(array, format!("u8 of shape {shape}"), &header));
        }
        Ok(bytes)
    }

    /// A class for each of `n` images.
    fn labels(&mut self, n: u64, dataset: &'static DatasetMeta) -> Result<Vec<u16>> {
        let (header, raw) = self.open(LABELS)?;
        let Some(integer) = Integer::of(&header.descr).filter(|_| header.shape == [n]) else {
            return Err(self.wrong(LABELS, format!("integers of shape [{n}], one for each image"), &header));
        };
        let labels: Vec<i128> = raw.chunks_exact(integer.bytes).map(|bytes| integer.value(bytes)).collect();
        // A file that counts from 0 where the official ones count from 1 gives itself away by its zeros.
        let first = if labels.contains(&0) { 0 } else { dataset.first_label };
        labels.into_iter().enumerate().map(|(row, label)| class(label, first, row, dataset, self.path)).collect()
    }

    /// Finite numbers, one for each of `n` images and each output.
    fn numbers(&mut self, n: u64, dataset: &'static DatasetMeta) -> Result<Vec<f64>> {
        let shape = [n, dataset.classes as u64];
        let (header, raw) = self.open(TARGETS)?;
        let expected = format!("finite f32 or f64 of shape {shape:?}");
        if header.fortran_order || header.shape != shape {
            return Err(self.wrong(TARGETS, expected, &header));
        }
        let numbers: Vec<f64> = match header.descr.as_str() {
            "<f4" => raw.as_chunks::<4>().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect(),
            "<f8" => raw.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
            _ => return Err(self.wrong(TARGETS, expected, &header)),
        };
        match numbers.iter().position(|number| !number.is_finite()) {
            None => Ok(numbers),
            Some(at) => Err(Error::Array {
                path: self.path.into(),
                array: TARGETS,
                expected,
                got: format!("{} for image {}, output {}", numbers[at], at / dataset.classes, at % dataset.classes),
            }),
        }
    }
}

struct Array;

impl Array {
    /// Header and data of an array. What the header claims is compared with what the archive says and with the size of the
    /// file, before memory is reserved.
    fn open(archive: &mut NpzArchive<BufReader<File>>, array: &'static str, path: &Path, file_bytes: u64) -> Result<(NpyHeader, Vec<u8>)> {
        let wrong = |expected: &str, got: String| Error::Array { path: path.into(), array, expected: expected.into(), got };
        let mut there: Vec<String> = archive.array_names().take(20).map(crate::error::excerpt).collect();
        if !archive.array_names().any(|name| name == array) {
            there.sort();
            let got = if there.is_empty() { "no array at all".into() } else { format!("only {}", there.join(", ")) };
            return Err(wrong("an array of that name", got));
        }
        let damaged = |reason: String| wrong("an array in NumPy's format", reason);
        let mut entry = archive.zip_archive().by_name(&format!("{array}.npy")).map_err(|error| damaged(error.to_string()))?;
        let entry_bytes = entry.size();
        let header = NpyHeader::read(&mut entry).map_err(damaged)?;
        let expected = header.data_bytes().and_then(|bytes| bytes.checked_add(header.length));
        if expected != Some(entry_bytes) {
            return Err(damaged(format!("{}, but {entry_bytes} bytes in the archive", header.in_words())));
        }
        if entry_bytes > MAX_BYTES || entry_bytes > file_bytes.saturating_mul(MAX_RATIO) {
            return Err(damaged(format!("{entry_bytes} bytes, which cannot be in a file of {file_bytes} bytes or are more than 1 GiB")));
        }
        let data_bytes = entry_bytes - header.length;
        let mut data = Vec::with_capacity(data_bytes as usize);
        entry.take(data_bytes).read_to_end(&mut data).map_err(|error| damaged(error.to_string()))?;
        if data.len() as u64 != data_bytes {
            return Err(damaged(format!("{}, but only {} bytes of data", header.in_words(), data.len())));
        }
        Ok((header, data))
    }
}

impl NpyHeader {
    /// Bytes of the data, if the header tells and they can be counted.
    fn data_bytes(&self) -> Option<u64> {
        let item: u64 = self.descr.get(2..)?.parse().ok()?;
        self.shape.iter().try_fold(item, |product, &n| product.checked_mul(n))
    }

    fn in_words(&self) -> String {
        let order = if self.fortran_order { " in Fortran order" } else { "" };
        format!("{} of shape {:?}{order}", crate::error::excerpt(&self.descr), self.shape)
    }
}

/// A type of integers.
struct Integer {
    bytes: usize,
    signed: bool,
    big_endian: bool,
}

impl Integer {
    /// The type that `NumPy` calls `<i8`, `|u1`, `>u2`, ...
    fn of(descr: &str) -> Option<Self> {
        let [order, kind, size] = *descr.as_bytes() else { return None };
        let signed = match kind {
            b'i' => true,
            b'u' => false,
            _ => return None,
        };
        let bytes = usize::from(size.checked_sub(b'0')?);
        let known = matches!((order, bytes), (b'<' | b'>', 1 | 2 | 4 | 8) | (b'|' | b'=', 1));
        known.then_some(Self { bytes, signed, big_endian: order == b'>' })
    }

    fn value(&self, bytes: &[u8]) -> i128 {
        let append = |value: i128, byte: &u8| value << 8 | i128::from(*byte);
        let value = if self.big_endian { bytes.iter().fold(0, append) } else { bytes.iter().rev().fold(0, append) };
        let bits = 8 * self.bytes;
        if self.signed && value >> (bits - 1) == 1 { value - (1 << bits) } else { value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_every_kind_are_read() {
        let value = |descr: &str, bytes: &[u8]| Integer::of(descr).unwrap().value(bytes);
        assert_eq!(value("<i8", &(-2_i64).to_le_bytes()), -2);
        assert_eq!(value(">i4", &7_i32.to_be_bytes()), 7);
        assert_eq!(value("<u8", &u64::MAX.to_le_bytes()), i128::from(u64::MAX));
        assert_eq!(value("|i1", &[0xff]), -1);
        assert_eq!(value("|u1", &[0xff]), 255);
        for other in ["<f8", "|b1", "<i3", "<U5", "i8", "", "|u8"] {
            assert!(Integer::of(other).is_none(), "{other}");
        }
    }
}
