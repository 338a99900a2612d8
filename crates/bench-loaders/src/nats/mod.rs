//! NATS-Bench, topology and size, from the files that its authors published: what they have in common with each other and
//! with the files of NAS-Bench-201 ([`nb201_pth`](crate::nb201_pth)).
//!
//! # Conventions
//! * One row a training run: trials are seeds, as the keys of `all_results` have them. Means over seeds are left to queries.
//! * Splits: `x-valid` is `valid`; `x-test` is `test`, and so is `ori-test` of cifar10 and cifar10-valid, which have no
//!   halves; `ori-test` of the others is `valtest`. So the API means `valid-*`, `test-*` and `valtest-*`.
//! * Epochs count from 1 here (from 0 in the files). Without `every_epoch` only the last one of each training is a row.
//!   Under the 200 epochs of the topology space some sets were evaluated after the last epoch only.
//! * `time`: seconds from the start up to that epoch, added in order of epochs; for an evaluation set, of its evaluations.
//!   The times of NATS-Bench and of NAS-Bench-201 v1.1 are one constant an architecture; v1.0 has none for 200 epochs.
//! * Costs of origin `official`: `params` and `flop` times a million (exact counts, where they are), the mean of `latency` in
//!   milliseconds if it is above 0. Differences between seeds are kept; the API's rule for them (seed 888) is a query's.
//! * A value that is not finite is left out and counted in a warning. An accuracy outside 0 to 100 is an error.
//! * `arch_config`, `seed` (a text), `eval_names`, `dataset_seed` and weights are not read.
//!
//! Source: `D-X-Y/NATS-Bench@1d4a304ad190 nats_bench/api_utils.py`, and the sample files of that repository.

mod archive;
mod figures;
mod meta;
mod results;
mod rows;
mod simple;
mod spool;
mod training;
mod whole;

use std::path::Path;

use spaces::Space;

use crate::{Event, IngestOptions, Located, Observer, Result, Sink, Summary};

use archive::Archive;
use rows::Writer;
use whole::{Container, Reading};

/// Where the files of both spaces are.
pub const OBTAIN: &str = "the Google Drive folder that https://github.com/D-X-Y/NATS-Bench names";
/// Licence of both.
pub const LICENCE: &str = "MIT (NATS-Bench)";
/// What the readers were compared with.
pub const VERIFIED: &str = "the three sample files of the NATS-Bench repository, value by value, and files in the same format made by ../shared/golden/format-generators; \
     the official file itself was not to be had";

/// What a benchmark's files look like.
#[derive(Debug)]
pub struct Layout {
    /// Name of each schedule in the files, and its epochs.
    pub schedules: &'static [(&'static str, u32)],
}

/// The topology space in NATS-Bench.
pub const TOPOLOGY: Layout = Layout { schedules: &[("12", 12), ("200", 200)] };
/// The size space in NATS-Bench.
pub const SIZE: Layout = Layout { schedules: &[("01", 1), ("12", 12), ("90", 90)] };
/// The files of NAS-Bench-201.
pub const NB201: Layout = Layout { schedules: &[("less", 12), ("full", 200)] };

/// Reads a `-simple` folder or an archive of it.
pub fn read_simple(
    space: &'static dyn Space,
    layout: &'static Layout,
    sources: &Located,
    options: &IngestOptions,
    sink: &mut Sink,
    observe: &Observer<'_>,
) -> Result<Summary> {
    let source = sources.only()?;
    let archive = Archive::open(&source.path, space)?;
    let total = archive.architectures().len() as u64;
    let mut writer = Writer::new(space, sink);
    let outcome = simple::read(&archive, space, layout, options.every_epoch, options.workers, &mut |record| {
        if writer.architectures().is_multiple_of(100) {
            observe(Event::Reading { done: writer.architectures(), total, unit: "architectures" });
        }
        writer.push(&record)
    })?;
    let mut summary = writer.finish();
    sink.add_input(source.file, &outcome.sha256);
    summary.warnings.splice(0..0, outcome.warnings);
    Ok(summary)
}

/// Reads the single file of NATS-Bench.
pub fn read_single(
    space: &'static dyn Space,
    layout: &'static Layout,
    sources: &Located,
    options: &IngestOptions,
    sink: &mut Sink,
    observe: &Observer<'_>,
) -> Result<Summary> {
    read_whole(Container::Bzip2, &sources.only()?.path, space, layout, options, sink, observe)
}

/// Reads a file of `torch.save`.
pub fn read_torch(
    space: &'static dyn Space,
    layout: &'static Layout,
    sources: &Located,
    options: &IngestOptions,
    sink: &mut Sink,
    observe: &Observer<'_>,
) -> Result<Summary> {
    read_whole(Container::Torch, &sources.only()?.path, space, layout, options, sink, observe)
}

fn read_whole(
    container: Container,
    path: &Path,
    space: &'static dyn Space,
    layout: &'static Layout,
    options: &IngestOptions,
    sink: &mut Sink,
    observe: &Observer<'_>,
) -> Result<Summary> {
    let total = u64::from(space.meta().size);
    let reading = Reading { path, container, space, layout, every_epoch: options.every_epoch, workers: options.workers };
    let mut whole = whole::read(&reading, &|done| {
        if done.is_multiple_of(100) {
            observe(Event::Reading { done, total, unit: "architectures" });
        }
    })?;
    let mut writer = Writer::new(space, sink);
    let total = whole.spool.len() as u64;
    for position in 0..whole.spool.len() {
        if position.is_multiple_of(100) {
            observe(Event::Writing { done: position as u64, total });
        }
        let record = whole.spool.get(position).map_err(crate::Error::io("read a temporary copy of", path))?;
        writer.push(&record)?;
    }
    let mut summary = writer.finish();
    summary.warnings.splice(0..0, whole.warnings);
    Ok(summary)
}
