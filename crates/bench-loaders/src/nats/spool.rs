//! Architectures on their way from the order of a file to the order of rows.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use super::figures::Record;

/// Holds records in little space: in memory as long as they are few, then in a temporary file without a name.
#[derive(Debug, Default)]
pub struct Spool {
    memory: Vec<u8>,
    file: Option<File>,
    in_file: u64,
    /// Index, place and length of each record.
    places: Vec<(u32, u64, u32)>,
    buffer: Vec<u8>,
}

/// Bytes in memory before the file is used. The last epochs of any of these benchmarks fit.
const IN_MEMORY: usize = 256 << 20;

impl Spool {
    /// Adds a record.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        record.encode(&mut self.buffer);
        let place = self.in_file + self.memory.len() as u64;
        self.places.push((record.index, place, self.buffer.len() as u32));
        self.memory.extend_from_slice(&self.buffer);
        if self.memory.len() > IN_MEMORY {
            let file = match &mut self.file {
                Some(file) => file,
                None => self.file.insert(tempfile::tempfile()?),
            };
            file.write_all(&self.memory)?;
            self.in_file += self.memory.len() as u64;
            self.memory.clear();
        }
        Ok(())
    }

    /// Sorts records by a key of their index, for [`Spool::get`].
    pub fn sort_by_key<K: Ord>(&mut self, key: impl Fn(u32) -> K) {
        self.places.sort_by_cached_key(|(index, ..)| key(*index));
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The record at a position of the order.
    pub fn get(&mut self, position: usize) -> io::Result<Record> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the temporary file does not hold what was written");
        let (_, place, bytes) = self.places.get(position).copied().ok_or_else(damaged)?;
        if let Some(at) = place.checked_sub(self.in_file) {
            return self.memory.get(at as usize..at as usize + bytes as usize).and_then(Record::decode).ok_or_else(damaged);
        }
        self.buffer.resize(bytes as usize, 0);
        let file = self.file.as_mut().ok_or_else(damaged)?;
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(&mut self.buffer)?;
        Record::decode(&self.buffer).ok_or_else(damaged)
    }
}
