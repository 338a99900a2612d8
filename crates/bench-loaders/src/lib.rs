//! Official files of benchmarks and image sets: find them, verify them, read them.
//!
//! A [`Benchmark`] knows its [`Source`]s and turns them into a [`tables::BenchTable`] of measured values and a
//! [`tables::CostTable`]; a [`Fetcher`] finds sources by checksum in folders or downloads them. One file per benchmark, one
//! line each in [`ALL`]; [`find`] looks one up by name.
//!
//! An [`ImageSet`] holds the images of a data set ([`datasets`]), from the official archive or an `.npz` file, and
//! [`image_batches`] takes the batches from it that proxies see. [`noise_batches`] makes batches of noise, which are never
//! taken for images: each [`BatchSet`] says in words what it is.
//!
//! ```no_run
//! use std::path::{Path, PathBuf};
//!
//! use bench_loaders::{BatchSpec, Fetcher, ImageSet};
//!
//! let fetcher = Fetcher { raw: PathBuf::from("data/raw"), mirrors: vec![PathBuf::from("../shared/data/mirror")], offline: false };
//! let nb201 = bench_loaders::find("nb201")?;
//! let sources = fetcher.locate(nb201.meta().sources, &|_| {})?;
//! let tables = nb201.ingest(&sources, &|_| {})?;
//! assert_eq!(tables.bench.len(), 3 * 15_625);
//!
//! let cifar10 = bench_loaders::datasets::find("cifar10")?;
//! let images = ImageSet::open(Path::new("images.npz"), cifar10)?;
//! let set = bench_loaders::image_batches(&images, &BatchSpec { n_batches: 2, batch_size: 64, ..BatchSpec::default() })?;
//! assert_eq!(set.batches[0].shape, [64, 3, 32, 32]);
//! # Ok::<(), bench_loaders::Error>(())
//! ```
//!
//! Files from outside are taken for hostile: sizes in headers are compared with what is there before memory is reserved,
//! and every error names the file and the place in it.
//!
//! This crate trains and scores nothing, and needs no libtorch.

mod batches;
mod benchmark;
pub mod datasets;
mod download;
mod error;
mod fetch;
mod images;
mod nb201;
pub mod readers;
mod source;

pub use batches::{Augment, Batch, BatchSet, BatchSpec, Target, Targets, image_batches, noise_batches};
pub use benchmark::{Benchmark, BenchmarkMeta, Event, Ingested, Observer};
pub use datasets::{DatasetMeta, ImageArchive};
pub use error::Error;
pub use fetch::Fetcher;
pub use images::ImageSet;
pub use nb201::Nb201;
pub use source::{Found, Located, LocatedFile, Source};

/// Result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Every benchmark.
pub const ALL: &[&dyn Benchmark] = &[&Nb201];

/// The benchmark of that name.
///
/// # Errors
/// [`Error::Unknown`] with the nearest name, if there is one.
pub fn find(name: &str) -> Result<&'static dyn Benchmark> {
    ALL.iter().copied().find(|b| b.meta().name == name).ok_or_else(|| Error::unknown("benchmark", name, ALL.iter().map(|b| b.meta().name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_benchmark_fills_its_metadata_and_has_a_name_of_its_own() {
        let mut names: Vec<_> = ALL.iter().map(|b| b.meta().name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for meta in ALL.iter().map(|b| b.meta()) {
            for field in [meta.name, meta.title, meta.paper, meta.licence] {
                assert!(!field.is_empty(), "{}", meta.name);
            }
            assert!(spaces::find(meta.space).is_ok(), "{}", meta.name);
            assert!(!meta.sources.is_empty() && !meta.datasets.is_empty());
            for dataset in meta.datasets {
                assert!(datasets::find(dataset).is_ok(), "{dataset}");
            }
            for source in meta.sources {
                assert!(source.sha256.len() == 64 && source.bytes > 0 && !source.licence.is_empty(), "{}", source.file);
                assert!(source.urls.iter().all(|url| url.starts_with("https://")), "{}", source.file);
            }
        }
    }

    #[test]
    fn an_unknown_benchmark_gets_a_suggestion() {
        let error = find("nb210").err().expect("no such benchmark").to_string();
        assert_eq!(error, "unknown benchmark `nb210`: did you mean `nb201`?; known: nb201");
    }
}
