use std::path::Path;

use tables::{BenchTable, CostTable};

use crate::{Located, Result, Source};

/// Static description of a benchmark.
#[derive(Clone, Copy, Debug)]
pub struct BenchmarkMeta {
    /// Short name, as on the command line.
    pub name: &'static str,
    /// Full name.
    pub title: &'static str,
    /// Paper that published it.
    pub paper: &'static str,
    /// Licence of the benchmark.
    pub licence: &'static str,
    /// Its search space in `spaces`.
    pub space: &'static str,
    /// Data sets with measured values.
    pub datasets: &'static [&'static str],
    /// Files it is read from.
    pub sources: &'static [Source],
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
        /// Bytes in all.
        total: u64,
    },
    /// Rows have been read.
    Reading {
        /// Rows so far.
        done: u64,
        /// Rows in all.
        total: u64,
    },
    /// Networks have been counted (parameters and multiply-adds).
    Counting {
        /// Networks so far.
        done: u64,
        /// Networks in all.
        total: u64,
    },
}

/// Called with what is going on, from one thread at a time.
pub type Observer<'a> = dyn Fn(Event<'_>) + 'a;

/// A benchmark as tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Ingested {
    /// Measured values.
    pub bench: BenchTable,
    /// Parameters and multiply-adds of the networks.
    pub cost: CostTable,
}

/// A benchmark: where its files are and how to read them.
pub trait Benchmark: Sync {
    /// Static description.
    fn meta(&self) -> &'static BenchmarkMeta;

    /// Reads the files. Their contents are checked whether or not their checksums are the official ones; the provenance of
    /// the tables names the checksums they have, and whether these are official.
    ///
    /// # Errors
    /// An [`crate::Error`] that names the file and the place in it.
    fn ingest(&self, sources: &Located, observe: &Observer<'_>) -> Result<Ingested>;
}
