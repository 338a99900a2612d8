use std::path::Path;

use crate::{Located, Result, Sink, Source};

/// Static description of a benchmark.
#[derive(Clone, Copy, Debug)]
pub struct BenchmarkMeta {
    /// Short name, as on the command line.
    pub name: &'static str,
    /// Other names that it is known by.
    pub aliases: &'static [&'static str],
    /// Full name.
    pub title: &'static str,
    /// Paper that published it.
    pub paper: &'static str,
    /// Licence of the benchmark.
    pub licence: &'static str,
    /// Its search space in `spaces`.
    pub space: &'static str,
    /// Data sets (or tasks) with measured values, as tables name them.
    pub datasets: &'static [&'static str],
    /// What it can be read from, the richest first.
    pub editions: &'static [Edition],
}

impl BenchmarkMeta {
    /// The edition of that name.
    ///
    /// # Errors
    /// [`crate::Error::Unknown`] with the nearest name, if there is one.
    pub fn edition(&self, name: &str) -> Result<&'static Edition> {
        let names = self.editions.iter().map(|edition| edition.name);
        self.editions.iter().find(|edition| edition.name == name).ok_or_else(|| crate::Error::unknown("edition", name, names))
    }
}

/// Reads the files of an edition into the tables.
pub type Reader = fn(&Located, &IngestOptions, &mut Sink, &Observer<'_>) -> Result<Summary>;

/// One of several forms in which a benchmark was published: a set of files that holds all of it, or a part.
#[derive(Clone, Copy, Debug)]
pub struct Edition {
    /// Short name, as for `--edition`.
    pub name: &'static str,
    /// What it is, in words.
    pub title: &'static str,
    /// Files it is read from, all of them.
    pub sources: &'static [Source],
    /// What it holds: splits, epochs, trials.
    pub note: &'static str,
    /// Rows of measured values in its table, in words where no complete file could be counted.
    pub rows: &'static str,
    /// What the tables of it were compared with.
    pub verified: &'static str,
    /// How it is read.
    pub read: Reader,
}

/// Editions are told apart by their names.
impl PartialEq for Edition {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.sources == other.sources
    }
}

/// How to read a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IngestOptions {
    /// Every epoch that the files hold, instead of the last one of each training (`nb101`: half way and last).
    pub every_epoch: bool,
    /// Threads that read; at least 1.
    pub workers: usize,
}

impl Default for IngestOptions {
    /// The last epoch, on all cores.
    fn default() -> Self {
        Self { every_epoch: false, workers: std::thread::available_parallelism().map_or(1, Into::into) }
    }
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Architectures with at least one row.
    pub architectures: u64,
    /// Rows of measured values.
    pub rows: u64,
    /// What a user should know about the data: architectures that are missing, values that were left out, and why.
    pub warnings: Vec<String>,
}

/// What is going on, for a progress bar.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A file is being checked.
    Checking {
        /// The file.
        path: &'a Path,
    },
    /// A download has come so far.
    Downloading {
        /// Name of the file.
        file: &'a str,
        /// Bytes received.
        received: u64,
        /// Bytes in all, as far as is known.
        total: Option<u64>,
    },
    /// Files are being read.
    Reading {
        /// Rows, records, architectures or bytes so far.
        done: u64,
        /// How many in all.
        total: u64,
        /// What is counted, in the plural.
        unit: &'static str,
    },
    /// Networks have been counted (parameters and multiply-adds).
    Counting {
        /// Networks so far.
        done: u64,
        /// Networks in all.
        total: u64,
    },
    /// Rows are being written.
    Writing {
        /// Architectures so far.
        done: u64,
        /// Architectures in all.
        total: u64,
    },
}

/// Called with what is going on, on the thread that called the reader.
pub type Observer<'a> = dyn Fn(Event<'_>) + 'a;

/// A benchmark: where its files are and how to read them.
pub trait Benchmark: Sync {
    /// Static description.
    fn meta(&self) -> &'static BenchmarkMeta;

    /// Reads the files of the edition that was located into the tables of `sink`, which the caller finishes if there was no
    /// error ([`crate::ingest`] does all of it). The contents are checked whether or not the files are the official ones.
    ///
    /// # Contract
    /// * Rows come in the order of their key, as [`tables::TableWriter`] wants them.
    /// * What the files don't hold is absent. Means over trials are rows only where the files hold means.
    /// * Costs from the files have the origin `official`; those of the networks that `spaces` builds are `computed`
    ///   ([`Sink::push_computed_cost`]).
    ///
    /// # Errors
    /// An [`crate::Error`] that names the file and the place in it.
    fn ingest(&self, sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
        (sources.edition.read)(sources, options, sink, observe)
    }
}
