//! Reads `-simple` folders and archives of them: architecture by architecture in the order of rows, on several threads.

use std::io::{self, Read};
use std::sync::mpsc::sync_channel;

use sha2::{Digest as _, Sha256};
use spaces::Space;

use crate::error::excerpt;
use crate::readers::compressed;
use crate::readers::pickle::{self, Limits, PickleError, Problem};
use crate::{Error, Result};

use super::Layout;
use super::archive::{Archive, Entry};
use super::figures::Record;
use super::meta;
use super::results::Results;

/// For the file of an architecture. Weights (`-full` folders) are passed over.
const LIMITS: Limits = Limits { memory: 128 << 20, longest_bytes: 1 << 12 };
/// Bytes that come out of a file: weights of all trainings of the largest network have a tenth of it.
const MAX_BYTES: u64 = 1 << 30;
/// Records of each thread that may wait to be written.
const WAITING: usize = 8;

/// What has been read.
pub struct Outcome {
    pub warnings: Vec<String>,
    /// SHA-256 over the checksums and names of all files, as `sha256sum` writes them.
    pub sha256: String,
}

/// Reads an archive; `each` gets the architectures in the order of rows.
pub fn read(
    archive: &Archive,
    space: &'static dyn Space,
    layout: &'static Layout,
    every_epoch: bool,
    workers: usize,
    each: &mut dyn FnMut(Record) -> Result<()>,
) -> Result<Outcome> {
    let listed = check_meta(archive, space)?;
    let entries = archive.architectures();
    let workers = workers.clamp(1, entries.len());
    let mut hash = Sha256::new();
    std::thread::scope(|scope| {
        let results: Vec<_> = (0..workers)
            .map(|worker| {
                let (sender, results) = sync_channel(WAITING);
                scope.spawn(move || {
                    for entry in entries.iter().skip(worker).step_by(workers) {
                        let result = read_one(archive, entry, space, layout, every_epoch);
                        let failed = result.is_err();
                        // Nobody listens any more once an error was met.
                        if sender.send(result).is_err() || failed {
                            return;
                        }
                    }
                });
                results
            })
            .collect();
        for (position, entry) in entries.iter().enumerate() {
            let gone = |_| Error::io("read", archive.path())(io::Error::other("a thread has ended before its work was done"));
            let (record, sha256) = results[position % workers].recv().map_err(gone)??;
            hash.update(format!("{sha256}  {}\n", entry.name));
            each(record)?;
        }
        Ok::<_, Error>(())
    })?;
    let mut warnings = meta::warnings(space, listed, entries.len());
    if archive.ignored() > 0 {
        warnings.push(format!("{} files with other names were passed over", archive.ignored()));
    }
    Ok(Outcome { warnings, sha256: hex(&hash.finalize()) })
}

fn check_meta(archive: &Archive, space: &dyn Space) -> Result<Option<usize>> {
    let Some((name, reader)) = archive.read_meta() else { return Ok(None) };
    let wrong = |source| Error::Pickle { path: archive.path().into(), record: excerpt(name), source: Box::new(source) };
    let document = pickle::load_from(compressed::bzip2(reader?, MAX_BYTES), &LIMITS).map_err(wrong)?;
    let listed = meta::check(document.root(), space);
    listed.map(Some).map_err(|problem| wrong(PickleError { offset: document.end(), opcode: "STOP", problem }))
}

fn read_one(
    archive: &Archive,
    entry: &Entry,
    space: &'static dyn Space,
    layout: &'static Layout,
    every_epoch: bool,
) -> Result<(Record, String)> {
    let wrong = |source| Error::Pickle { path: archive.path().into(), record: excerpt(&entry.name), source: Box::new(source) };
    let mut file = Hashing { reader: archive.read(entry)?, hash: Sha256::new() };
    let mut record = None;
    let mut deliver = |read: Record| {
        if read.index != entry.index {
            return Err(Problem::wrong(format!("architecture {}, as the name of the file says", entry.index), read.index.to_string()));
        }
        record = Some(read);
        Ok(())
    };
    let mut results = Results::new(space, layout.schedules, every_epoch, &mut deliver);
    let document = pickle::read_from(compressed::bzip2(&mut file, MAX_BYTES), &LIMITS, &mut results).map_err(wrong)?;
    let whole = results.delivered(document.root()).is_some() && results.count() == 1;
    match record {
        Some(record) if whole => Ok((record, hex(&file.hash.finalize()))),
        _ => {
            let problem = document.root().wrong("the trainings of one architecture");
            Err(wrong(PickleError { offset: document.end(), opcode: "STOP", problem }))
        }
    }
}

struct Hashing<R> {
    reader: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(buffer)?;
        self.hash.update(&buffer[..got]);
        Ok(got)
    }
}

fn hex(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
