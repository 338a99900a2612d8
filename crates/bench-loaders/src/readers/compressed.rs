//! Compressed streams with a bound on what comes out of them.

use std::io::{self, BufReader, ErrorKind, Read};

/// A reader that fails when more than so many bytes come: a small compressed file can hold any amount.
#[derive(Debug)]
pub struct Bounded<R> {
    reader: R,
    left: u64,
    bound: u64,
}

impl<R: Read> Bounded<R> {
    /// At most `bound` bytes of `reader`.
    pub fn new(reader: R, bound: u64) -> Self {
        Self { reader, left: bound, bound }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(buffer)?;
        self.left = self.left.checked_sub(got as u64).ok_or_else(|| {
            io::Error::new(ErrorKind::FileTooLarge, format!("more than {} bytes come out of the compressed file", self.bound))
        })?;
        Ok(got)
    }
}

/// What a file of one or several bzip2 streams holds, at most `bound` bytes. Checksums are compared; bytes after the last
/// stream are an error.
pub fn bzip2(reader: impl Read, bound: u64) -> impl Read {
    Bounded::new(bzip2::read::MultiBzDecoder::new(reader), bound)
}

/// What a file of one or several gzip streams holds, at most `bound` bytes. Checksums are compared; bytes after the last
/// stream are an error.
pub fn gzip(reader: impl Read, bound: u64) -> impl Read {
    Bounded::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(reader)), bound)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn all(mut reader: impl Read) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    }

    fn bz2(data: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn streams_one_after_the_other_are_one() {
        let two = [bz2(b"one"), bz2(b"two")].concat();
        assert_eq!(all(bzip2(two.as_slice(), 6)).unwrap(), b"onetwo");
        let gz = |data: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(data).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(all(gzip([gz(b"one"), gz(b"two")].concat().as_slice(), 6)).unwrap(), b"onetwo");
    }

    #[test]
    fn more_than_the_bound_is_an_error() {
        let error = all(bzip2(bz2(&vec![0; 1 << 20]).as_slice(), 1000)).unwrap_err().to_string();
        assert_eq!(error, "more than 1000 bytes come out of the compressed file");
    }

    #[test]
    fn a_damaged_stream_is_an_error() {
        let whole = bz2(b"a text that is long enough");
        for cut in 0..whole.len() {
            // Nothing at all is the empty file.
            assert!(cut == 0 || all(bzip2(&whole[..cut], 100)).is_err(), "{cut}");
            let mut flipped = whole.clone();
            flipped[cut] ^= 0x10;
            // The last bits only fill a byte.
            assert!(all(bzip2(flipped.as_slice(), 100)).is_err() || cut + 1 == whole.len(), "{cut}");
        }
        assert!(all(bzip2([whole.as_slice(), b"more"].concat().as_slice(), 100)).is_err());
    }
}
