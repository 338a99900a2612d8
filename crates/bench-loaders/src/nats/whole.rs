//! Reads files that hold all architectures, one after the other: `.pickle.pbz2` and `.pth`.

use std::fs::File;
use std::path::Path;

use spaces::Space;

use crate::readers::ahead::Ahead;
use crate::readers::pickle::{self, Document, Limits, PickleError, Problem};
use crate::readers::{compressed, torch_file};
use crate::{Error, Result};

use super::Layout;
use super::figures::Record;
use super::meta;
use super::results::Results;
use super::spool::Spool;

/// The memo of the largest file, NAS-Bench-201 v1.1, takes 0.7 GB.
const LIMITS: Limits = Limits { memory: 3 << 29, longest_bytes: 1 << 12 };
/// Bytes that come out of a compressed file: ten times the largest.
const MAX_BYTES: u64 = 1 << 36;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A pickle in bzip2.
    Bzip2,
    /// A file of `torch.save`.
    Torch,
}

/// How a file is to be read.
pub struct Reading<'a> {
    pub path: &'a Path,
    pub container: Container,
    pub space: &'static dyn Space,
    pub layout: &'static Layout,
    pub every_epoch: bool,
    pub workers: usize,
}

/// Architectures and what a user should know about them.
pub struct Whole {
    /// In the order of rows.
    pub spool: Spool,
    pub warnings: Vec<String>,
}

/// Reads a file; `progress` is told the number of architectures so far.
pub fn read(reading: &Reading<'_>, progress: &dyn Fn(u64)) -> Result<Whole> {
    let Reading { path, space, .. } = *reading;
    let mut spool = Spool::default();
    let mut seen = vec![false; space.meta().size as usize];
    let mut deliver = |record: Record| {
        if std::mem::replace(&mut seen[record.index as usize], true) {
            return Err(Problem::wrong("each architecture once", format!("architecture {} again", record.index)));
        }
        spool.push(&record).map_err(|error| Problem::Stream(format!("a temporary file cannot be written: {error}")))?;
        progress(spool.len() as u64);
        Ok(())
    };
    let mut results = Results::new(space, reading.layout.schedules, reading.every_epoch, &mut deliver);
    let document = match reading.container {
        Container::Torch => torch_file::read(path, &LIMITS, &mut results)?,
        Container::Bzip2 => read_bzip2(path, reading.workers, &mut results)?,
    };
    let listed = check(&document, &results, space).map_err(|problem| Error::Pickle {
        path: path.into(),
        record: String::new(),
        source: Box::new(PickleError { offset: document.end(), opcode: "STOP", problem }),
    })?;
    let read = results.count();
    spool.sort_by_key(|index| space.at(index).map(|architecture| architecture.text).unwrap_or_default());
    Ok(Whole { spool, warnings: meta::warnings(space, Some(listed), read) })
}

fn read_bzip2(path: &Path, workers: usize, results: &mut Results<'_>) -> Result<Document> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let stream = compressed::bzip2(file, MAX_BYTES);
    let document = if workers < 2 {
        pickle::read_from(stream, &LIMITS, results)
    } else {
        std::thread::scope(|scope| {
            let (ahead, _) = Ahead::new(scope, stream);
            pickle::read_from(ahead, &LIMITS, results)
        })
    };
    document.map_err(|source| Error::Pickle { path: path.into(), record: String::new(), source: Box::new(source) })
}

/// Checks what is left of the file after its architectures were taken out; the length of its list.
fn check(document: &Document, results: &Results<'_>, space: &dyn Space) -> std::result::Result<usize, Problem> {
    let root = document.root();
    let listed = meta::check(root, space)?;
    let mut read = 0;
    for (key, value) in root.require("arch2infos")?.items()? {
        let index = results.delivered(value).ok_or_else(|| value.wrong("an architecture"))?;
        if key.integer()? != i64::from(index) {
            return Err(key.wrong(format!("{index}, the index of the architecture it stands for")));
        }
        read += 1;
    }
    if read != results.count() {
        return Err(Problem::wrong(format!("all {} architectures in arch2infos", results.count()), read.to_string()));
    }
    let evaluated = root.require("evaluated_indexes")?.sequence()?.len();
    if evaluated != read {
        return Err(Problem::wrong(format!("{read} evaluated_indexes, as there are architectures"), evaluated.to_string()));
    }
    Ok(listed)
}
