//! Official files of benchmarks and image sets: find them, verify them, read them.
//!
//! A [`Benchmark`] knows the [`Edition`]s it was published in, each with its [`Source`]s, and turns them into a
//! [`tables::BenchTable`] of measured values and a [`tables::CostTable`]; a [`Fetcher`] finds sources by checksum in folders
//! or downloads them; [`ingest`] does the reading and writes both tables. One file per benchmark, one line each in [`ALL`];
//! [`find`] looks one up by name.
//!
//! An [`ImageSet`] holds the images of a data set ([`datasets`]), from the official archive or an `.npz` file, and
//! [`image_batches`] takes the batches from it that proxies see. [`noise_batches`] makes batches of noise, which are never
//! taken for images: each [`BatchSet`] says in words what it is.
//!
//! ```no_run
//! use std::path::{Path, PathBuf};
//!
//! use bench_loaders::{BatchSpec, Fetcher, ImageSet, IngestOptions};
//!
//! let fetcher = Fetcher { raw: PathBuf::from("data/raw"), mirrors: vec![PathBuf::from("../shared/data/mirror")], offline: false };
//! let nb201 = bench_loaders::find("nb201")?;
//! let sources = fetcher.locate(nb201.meta(), None, &|_| {})?;
//! let summary = bench_loaders::ingest(nb201, &sources, &IngestOptions::default(), Path::new("nb201.parquet"), &|_| {})?;
//! assert_eq!(summary.architectures, 15_625);
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
mod form;
mod given;
mod images;
mod nats;
mod nats_sss;
mod nats_tss;
mod nb101;
mod nb201;
mod nb201_pth;
mod own_table;
pub mod query;
pub mod readers;
mod sink;
mod source;
mod tnb101;

pub use batches::{Augment, Batch, BatchSet, BatchSpec, Rectangle, Target, Targets, View, image_batches, noise_batches};
pub use benchmark::{Benchmark, BenchmarkMeta, Edition, Event, IngestOptions, Observer, Reader, Summary};
pub use datasets::{DatasetMeta, ImageArchive, ImagePickles};
pub use error::Error;
pub use fetch::Fetcher;
pub use form::Form;
pub use images::{DataSpec, GreyImages, ImageSet, ImagenetFolder, MNIST_TEST, Mnist, Operation, Policy, Splits, digits, digits_split};
pub use nats_sss::NatsSss;
pub use nb101::Nb101;
pub use nb201::Nb201;
pub use own_table::{OwnColumn, OwnTable, ingest_own};
pub use sink::{Sink, cost_path, ingest};
pub use source::{Found, Located, LocatedFile, Source};
pub use tnb101::Tnb101;

/// Result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Every benchmark.
pub const ALL: &[&dyn Benchmark] = &[&Nb101, &Nb201, &NatsSss, &Tnb101];

/// The benchmark of that name, or with that alias.
///
/// # Errors
/// [`Error::Unknown`] with the nearest name, if there is one.
pub fn find(name: &str) -> Result<&'static dyn Benchmark> {
    let names = || ALL.iter().flat_map(|b| std::iter::once(b.meta().name).chain(b.meta().aliases.iter().copied()));
    let called = |b: &&dyn Benchmark| b.meta().name == name || b.meta().aliases.contains(&name);
    ALL.iter().copied().find(called).ok_or_else(|| Error::unknown("benchmark", name, names().collect::<Vec<_>>().into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_benchmark_fills_its_metadata_and_has_a_name_of_its_own() {
        let mut names: Vec<_> = ALL.iter().flat_map(|b| [&[b.meta().name], b.meta().aliases].concat()).collect();
        let n = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n);
        for meta in ALL.iter().map(|b| b.meta()) {
            for field in [meta.name, meta.title, meta.paper, meta.licence] {
                assert!(!field.is_empty(), "{}", meta.name);
            }
            assert!(spaces::find(meta.space).is_ok(), "{}", meta.name);
            assert!(!meta.editions.is_empty() && !meta.datasets.is_empty());
            assert!(
                meta.datasets.is_sorted() && meta.datasets.iter().all(|name| !name.contains(char::is_uppercase)),
                "{:?}",
                meta.datasets
            );
        }
    }

    #[test]
    fn every_edition_says_what_it_holds_and_where_its_files_are_from() {
        for meta in ALL.iter().map(|b| b.meta()) {
            let mut names: Vec<_> = meta.editions.iter().map(|edition| edition.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), meta.editions.len(), "{}", meta.name);
            for edition in meta.editions {
                for field in [edition.name, edition.title, edition.note, edition.rows, edition.verified] {
                    assert!(!field.is_empty(), "{} {}", meta.name, edition.name);
                }
                assert!(!edition.sources.is_empty());
                for source in edition.sources {
                    let file = source.file;
                    assert!(!source.licence.is_empty() && (source.bytes.is_some() || !source.about.is_empty()), "{file}");
                    assert!(source.sha256.is_none_or(|sha256| sha256.len() == 64) && source.bytes != Some(0), "{file}");
                    assert!(source.urls.iter().all(|url| url.starts_with("https://")), "{file}");
                    assert!(source.urls.is_empty() != source.obtain.is_empty(), "{file}: either an address or where to get it");
                    assert!(source.urls.is_empty() || source.sha256.is_some(), "{file}: a download is verified");
                }
            }
        }
    }

    #[test]
    fn an_unknown_benchmark_gets_a_suggestion() {
        let error = find("nb210").err().expect("no such benchmark").to_string();
        assert_eq!(error, "unknown benchmark `nb210`: did you mean `nb201`?; known: nb101, nb201, nats-tss, nats-sss, tnb101");
        assert_eq!(find("nats-tss").unwrap().meta().name, "nb201");
    }
}
