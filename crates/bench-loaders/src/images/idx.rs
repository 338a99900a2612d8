//! IDX, the format of MNIST: <http://yann.lecun.com/exdb/mnist/>.
//!
//! Two zero bytes, the type of the elements (8: unsigned byte), the number of dimensions, each dimension as a big-endian `u32`,
//! the elements. A file may be compressed with gzip.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::readers::compressed;
use crate::{Error, Result};

use super::raw::Raw;

/// Most bytes of a file, unpacked.
const MAX_BYTES: u64 = 1 << 30;
const EXPECTED: &str = "an IDX file of unsigned bytes";

/// Reads square grey images `[n, side, side]` and their classes `[n]`; each of the three channels gets the grey value.
pub fn read(images: Source, labels: Source, name: &str) -> Result<Raw> {
    let mut hash = Sha256::new();
    hash.update(images.bytes);
    hash.update(labels.bytes);
    let (shape, grey) = images.elements()?;
    let &[n, side, w] = shape.as_slice() else { return Err(images.wrong(format!("3 dimensions expected, got {}", shape.len()))) };
    if side != w || side == 0 {
        return Err(images.wrong(format!("square images expected, these have {side} x {w} pixels")));
    }
    let (label_shape, classes) = labels.elements()?;
    if label_shape != [n] {
        return Err(labels.wrong(format!("a label for each of {n} images expected, the dimensions are {label_shape:?}")));
    }
    let pixels = grey.chunks(side * side).flat_map(|image| image.repeat(3)).collect();
    let sha256 = tables::hex(&hash.finalize());
    Ok(Raw { name: name.into(), side, pixels, labels: classes.into_iter().map(u16::from).collect(), sha256 })
}

/// Contents of a file, compressed or not.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Where it is from, for errors.
    pub path: &'a Path,
    /// What it holds.
    pub bytes: &'a [u8],
}

impl Source<'_> {
    fn wrong(&self, reason: String) -> Error {
        Error::Format { path: self.path.into(), expected: EXPECTED, reason }
    }

    /// Dimensions and elements.
    fn elements(&self) -> Result<(Vec<usize>, Vec<u8>)> {
        let mut bytes = Vec::new();
        let unpacked = match self.bytes {
            [0x1f, 0x8b, ..] => compressed::gzip(self.bytes, MAX_BYTES).read_to_end(&mut bytes),
            plain => plain.take(MAX_BYTES).read_to_end(&mut bytes),
        };
        unpacked.map_err(|error| self.wrong(error.to_string()))?;
        let Some((&[0, 0, 8, dimensions], rest)) = bytes.split_first_chunk() else {
            return Err(self.wrong("it doesn't begin like one".into()));
        };
        let Some((header, elements)) = rest.split_at_checked(4 * usize::from(dimensions)) else {
            return Err(self.wrong("it ends within its dimensions".into()));
        };
        let shape: Vec<usize> = header.chunks(4).map(|d| d.iter().fold(0, |n, &byte| n << 8 | usize::from(byte))).collect();
        let size = shape.iter().try_fold(1usize, |product, &d| product.checked_mul(d));
        if size != Some(elements.len()) {
            return Err(self.wrong(format!("dimensions {shape:?}, but {} bytes", elements.len())));
        }
        Ok((shape, elements.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(images: &[u8], labels: &[u8]) -> Result<Raw> {
        let [images, labels] = [("images", images), ("labels", labels)].map(|(name, bytes)| Source { path: Path::new(name), bytes });
        read(images, labels, "two")
    }

    /// Two images of 8 x 8 pixels and their labels.
    fn files() -> (Vec<u8>, Vec<u8>) {
        let mut images = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 8];
        images.extend((0..128).map(|k| k % 17));
        (images, vec![0, 0, 8, 1, 0, 0, 0, 2, 7, 0])
    }

    #[test]
    fn grey_images_get_three_equal_channels() {
        let (images, labels) = files();
        let set = read_bytes(&images, &labels).unwrap();
        assert_eq!((set.side, set.labels.as_slice()), (8, [7, 0].as_slice()));
        let second = &set.pixels[3 * 64..];
        assert!(second.len() == 3 * 64 && second.chunks(64).all(|channel| *channel == images[16 + 64..]));
    }

    #[test]
    fn a_cut_file_is_an_error_wherever_it_is_cut() {
        let (images, labels) = files();
        for at in 0..images.len() {
            assert!(read_bytes(&images[..at], &labels).is_err(), "images cut at {at}");
        }
        for at in 0..labels.len() {
            assert!(read_bytes(&images, &labels[..at]).is_err(), "labels cut at {at}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let (images, labels) = files();
        let message = |images: &[u8], labels: &[u8]| read_bytes(images, labels).unwrap_err().to_string();
        assert!(message(&images, &images).contains("a label for each of 2 images"));
        assert!(message(&labels, &labels).contains("3 dimensions expected, got 1"));
        let mut oblong = images.clone();
        (oblong[11], oblong[15]) = (4, 16);
        assert!(message(&oblong, &labels).contains("these have 4 x 16 pixels"));
        let huge = [0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255];
        assert!(message(&huge, &labels).contains("but 0 bytes"));
    }
}
