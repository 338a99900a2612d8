//! NAS-Bench-101: every training run of 423,624 cells on CIFAR-10.

mod means;
mod metrics;
mod read;
mod run;
mod write;

use crate::{Benchmark, BenchmarkMeta, Edition, Form, IngestOptions, Located, Observer, Result, Sink, Source, Summary};

/// The benchmark of the space `nb101`, from the official files or from tables of means.
///
/// # Conventions
/// * An architecture is the hash of its module. The matrix of a record must have that hash.
/// * The three runs of a cell over one budget (a schedule of 4, 12, 36 or 108 epochs) are the trials 0, 1, 2 in the order of
///   their records in the file, which have no numbers of their own; the official API draws one of them at random. A fourth
///   run is refused. Cells or runs that are missing are told in [`Summary::warnings`].
/// * Each run was measured half-way and at the end: the rows' `epoch`. What was measured before training is left out, as
///   the official API does; so `every_epoch` changes nothing.
/// * Accuracies are percent: the file's value, a 32-bit float widened to 64 bits, times 100 in 64 bits. They are those on
///   40,000 training, 10,000 validation and 10,000 test images, of which whole batches were counted: 9,984 for the latter.
/// * `time` is seconds of training from the start, without evaluation.
/// * Parameters are the file's, once for each run.
pub struct Nb101;

const SPACE: &str = "nb101";
const DATASET: &str = "cifar10";
/// Cells of the space.
const CELLS: u32 = 423_624;

static META: BenchmarkMeta = BenchmarkMeta {
    name: "nb101",
    aliases: &[],
    title: "NAS-Bench-101",
    paper: "NAS-Bench-101: Towards Reproducible Neural Architecture Search (Ying et al., ICML 2019), arXiv 1902.09635",
    licence: "Apache-2.0",
    space: SPACE,
    datasets: &[DATASET],
    editions: &[FULL, ONLY_108, MEANS],
};

const FULL: Edition = Edition {
    name: "full",
    title: "official file of all budgets, nasbench_full.tfrecord",
    sources: &[Source {
        file: "nasbench_full.tfrecord",
        form: Form::TfRecord,
        urls: &["https://storage.googleapis.com/nasbench/nasbench_full.tfrecord"],
        obtain: "",
        sha256: Some("3d64db8180fb1b0207212f9032205064312b6907a3bbc81eabea10db2f5c7e9c"),
        bytes: None,
        about: "about 1.95 GB",
        licence: "Apache-2.0 (google-research/nasbench)",
    }],
    note: "train, valid and test accuracy and training time after 4, 12, 36 and 108 epochs, half-way and at the end of each; three runs; parameters",
    rows: "40,667,904",
    verified: "the conforming fixture: every value; framing and records as TensorFlow 2.15 and the official API read them",
    read: read_records,
};

const ONLY_108: Edition = Edition {
    name: "only108",
    title: "official file of the longest budget, nasbench_only108.tfrecord",
    sources: &[Source {
        file: "nasbench_only108.tfrecord",
        form: Form::TfRecord,
        urls: &["https://storage.googleapis.com/nasbench/nasbench_only108.tfrecord"],
        obtain: "",
        sha256: Some("4c39c3936e36a85269881d659e44e61a245babcb72cb374eacacf75d0e5f4fd1"),
        bytes: None,
        about: "about 499 MB",
        licence: "Apache-2.0 (google-research/nasbench)",
    }],
    note: "train, valid and test accuracy and training time after 108 epochs, half-way and at the end; three runs; parameters",
    rows: "10,166,976",
    verified: "the conforming fixture: every value; framing and records as TensorFlow 2.15 and the official API read them",
    read: read_records,
};

const MEANS: Edition = Edition {
    name: "means",
    title: "mean test accuracies and parameters that NiccoloCavagnero/FreeREA took from the official file",
    sources: &[
        Source {
            file: "accuracies.pkl.gz",
            form: Form::Gzip,
            urls: &[
                "https://raw.githubusercontent.com/NiccoloCavagnero/FreeREA/9c2a726cd3adf526c43ae52a515a8fc5ea927fe7/cached_metrics/nasbench101/cifar10/accuracies.pkl.gz",
            ],
            obtain: "",
            sha256: Some("84bcca117040f6f499e81743baee1ffaa3865f014bc7489fb1833dc06905f55e"),
            bytes: Some(1_844_769),
            about: "",
            licence: "none stated; the values are those of NAS-Bench-101 (Apache-2.0)",
        },
        Source {
            file: "params.pkl.gz",
            form: Form::Gzip,
            urls: &[
                "https://raw.githubusercontent.com/NiccoloCavagnero/FreeREA/9c2a726cd3adf526c43ae52a515a8fc5ea927fe7/cached_metrics/nasbench101/cifar10/params.pkl.gz",
            ],
            obtain: "",
            sha256: Some("1b312e23917a312c6fc6f356e579ba1166870e6671f7cb1c093685a2558a1e6a"),
            bytes: Some(4_105_386),
            about: "",
            licence: "none stated; the values are those of NAS-Bench-101 (Apache-2.0)",
        },
    ],
    note: "test accuracy after 108 epochs, mean of the three runs; parameters",
    rows: "423,624",
    verified: "all 423,624 accuracies and parameters equal those of another extraction, whose rows carry their hashes",
    read: read_means,
};

impl Benchmark for Nb101 {
    fn meta(&self) -> &'static BenchmarkMeta {
        &META
    }
}

fn read_records(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    let path = &sources.only()?.path;
    let runs = read::read_runs(path, options.workers, observe)?;
    write::write_runs(&runs, path, sink, observe)
}

fn read_means(sources: &Located, _options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    means::ingest(&sources.get("accuracies.pkl.gz")?.path, &sources.get("params.pkl.gz")?.path, sink, observe)
}
