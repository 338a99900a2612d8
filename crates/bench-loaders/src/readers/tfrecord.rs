//! `TFRecord` files: a sequence of records, each with checksums of its length and its data.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

use super::crc32c::masked_crc32c;

/// Bytes before the data of a record: its length (`u64`) and the masked CRC-32C of these eight bytes.
const HEADER: usize = 12;
/// Bytes after the data: its masked CRC-32C.
const FOOTER: usize = 4;

/// Reads an uncompressed `TFRecord` file record by record, in the framing of
/// `tensorflow/tensorflow@v2.15.0 tensorflow/core/lib/io/record_reader.cc`.
///
/// # Conventions
/// * The checksum of a length is compared before memory is reserved for the data, and a record longer than the limit is
///   refused whatever its checksum, so a reader holds at most that many bytes.
/// * The checksum of the data is compared by [`Record::verify`], which another thread may call.
/// * A file ends where a record ends. A file of no bytes holds no records.
#[derive(Debug)]
pub struct TfRecordReader<R> {
    input: R,
    path: PathBuf,
    max_bytes: u64,
    number: u64,
    offset: u64,
}

/// A record of a `TFRecord` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number in the file, from 0.
    pub number: u64,
    /// Where it begins in the file (its length, not its data).
    pub offset: u64,
    /// Its data.
    pub data: Vec<u8>,
    /// Masked CRC-32C of the data, as the file has it.
    pub checksum: u32,
}

impl<R: Read> TfRecordReader<R> {
    /// Reads records from `input`, which should be buffered. `path` is for errors; `max_bytes` limits the data of a record.
    pub fn new(input: R, path: &Path, max_bytes: u64) -> Self {
        Self { input, path: path.into(), max_bytes, number: 0, offset: 0 }
    }

    /// The next record, its data not yet verified; `None` at the end of the file.
    ///
    /// # Errors
    /// [`Error::Record`] for a file that ends inside a record, a length whose checksum is wrong or that is over the limit;
    /// [`Error::Io`].
    pub fn next_record(&mut self) -> Result<Option<Record>> {
        let mut header = [0; HEADER];
        let got = self.fill(&mut header)?;
        if got == 0 {
            return Ok(None);
        }
        if got < HEADER {
            return Err(self.wrong("the 12 bytes of a record's header".into(), format!("the end of the file after {got}")));
        }
        let (length, checksum) = header.split_at(8);
        let expected = u32_le(checksum);
        let computed = masked_crc32c(length);
        if computed != expected {
            return Err(self.wrong(format!("a length with the checksum {computed:08x}"), format!("{expected:08x}")));
        }
        let length = u64::from_le_bytes([length[0], length[1], length[2], length[3], length[4], length[5], length[6], length[7]]);
        if length > self.max_bytes {
            return Err(self.wrong(format!("at most {} bytes of data", self.max_bytes), length.to_string()));
        }
        let mut data = vec![0; length as usize + FOOTER];
        let got = self.fill(&mut data)?;
        if got < data.len() {
            return Err(self.wrong(format!("{length} bytes of data and 4 of checksum"), format!("the end of the file after {got}")));
        }
        let checksum = u32_le(&data[length as usize..]);
        data.truncate(length as usize);
        let record = Record { number: self.number, offset: self.offset, data, checksum };
        self.number += 1;
        self.offset += (HEADER + FOOTER) as u64 + length;
        Ok(Some(record))
    }

    /// Bytes of the file read so far, in whole records.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    fn wrong(&self, expected: String, got: String) -> Error {
        Error::Record { path: self.path.clone(), record: self.number, offset: self.offset, expected, got }
    }

    /// Reads until the buffer is full or the file ends; how many bytes there were.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.input.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io("read", &self.path)(error)),
            }
        }
        Ok(filled)
    }
}

impl Record {
    /// Compares the checksum of the data.
    ///
    /// # Errors
    /// [`Error::Record`].
    pub fn verify(&self, path: &Path) -> Result<()> {
        let computed = masked_crc32c(&self.data);
        if computed == self.checksum {
            return Ok(());
        }
        Err(self.wrong(path, format!("data with the checksum {computed:08x}"), format!("{:08x}", self.checksum)))
    }

    /// An error about this record.
    pub(crate) fn wrong(&self, path: &Path, expected: impl Into<String>, got: impl Into<String>) -> Error {
        Error::Record { path: path.into(), record: self.number, offset: self.offset, expected: expected.into(), got: got.into() }
    }
}

/// A record as it stands in a file; for those who make files.
#[must_use]
pub fn encode_record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(HEADER + data.len() + FOOTER);
    record.extend(length);
    record.extend(masked_crc32c(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked_crc32c(data).to_le_bytes());
    record
}

fn u32_le(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).rev().fold(0, |value, &byte| value << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u64 = 100;

    fn read(bytes: &[u8]) -> Result<Vec<Record>> {
        let path = Path::new("some.tfrecord");
        let mut reader = TfRecordReader::new(bytes, path, MAX);
        let mut records = Vec::new();
        while let Some(record) = reader.next_record()? {
            record.verify(path)?;
            records.push(record);
        }
        assert_eq!(reader.offset(), bytes.len() as u64);
        Ok(records)
    }

    fn file() -> Vec<u8> {
        [encode_record(b"first"), encode_record(b""), encode_record(&[7; MAX as usize])].concat()
    }

    #[test]
    fn records_come_back_with_their_places() {
        let records = read(&file()).unwrap();
        let places: Vec<_> = records.iter().map(|r| (r.number, r.offset, r.data.len())).collect();
        assert_eq!(places, [(0, 0, 5), (1, 21, 0), (2, 37, 100)]);
        assert_eq!(records[0].data, b"first");
        assert!(read(b"").unwrap().is_empty());
    }

    #[test]
    fn a_file_cut_anywhere_but_between_records_is_refused() {
        let file = file();
        for cut in 0..file.len() {
            match read(&file[..cut]) {
                Ok(records) => assert_eq!((cut, records.len()), if cut == 0 { (0, 0) } else { (cut, 1 + usize::from(cut == 37)) }),
                Err(error) => {
                    let number = if cut < 21 { 0 } else { 1 + usize::from(cut > 37) };
                    let text = error.to_string();
                    assert!(text.starts_with(&format!("some.tfrecord, record {number} at byte ")), "{text}");
                    assert!(text.contains("got the end of the file after "), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let file = file();
        for bit in 0..8 * file.len() {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(read(&damaged), Err(Error::Record { .. })), "bit {bit}");
        }
    }

    #[test]
    fn a_long_record_is_refused_before_memory_is_reserved() {
        let length = u64::MAX.to_le_bytes();
        let header = [length.as_slice(), &masked_crc32c(&length).to_le_bytes()].concat();
        let error = read(&header).unwrap_err().to_string();
        assert!(error.ends_with("record 0 at byte 0: expected at most 100 bytes of data, got 18446744073709551615"), "{error}");
    }
}
