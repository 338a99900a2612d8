//! NATS-Bench, size space: 32,768 networks of one cell and five widths.

use crate::nats::{self, LICENCE, OBTAIN, SIZE, VERIFIED};
use crate::{Benchmark, BenchmarkMeta, Edition, Form, IngestOptions, Located, Observer, Result, Sink, Source, Summary};

/// The benchmark of the space `nats-sss`, from the files that its authors published.
///
/// # Conventions
/// Those of NATS-Bench: one row a training run, trials are seeds. Trainings of 1 and 90 epochs have the seed 777, those of 12
/// the seeds 777, 888 and 999.
pub struct NatsSss;

static SPACE: spaces::nats_sss::NatsSss = spaces::nats_sss::NatsSss;

static META: BenchmarkMeta = BenchmarkMeta {
    name: "nats-sss",
    aliases: &[],
    title: "NATS-Bench, size search space",
    paper: "NATS-Bench: Benchmarking NAS Algorithms for Architecture Topology and Size (Dong et al., TPAMI 2021), arXiv 2009.00437",
    licence: LICENCE,
    space: "nats-sss",
    datasets: &["cifar10", "cifar10-valid", "cifar100", "imagenet16-120"],
    editions: &[SIMPLE, SIMPLE_TAR, SINGLE],
};

impl Benchmark for NatsSss {
    fn meta(&self) -> &'static BenchmarkMeta {
        &META
    }
}

const NOTE: &str = "every training run: cifar10-valid, cifar10, cifar100 and imagenet16-120 after 1 and 90 epochs (seed 777) and 12 epochs (777, 888, \
     999); accuracy, top-5 accuracy, loss and pseudo times on train, valid, test and valtest, every epoch with --every-epoch; \
     official parameters, FLOPs and latency";

const TAR: Source = Source {
    file: "NATS-sss-v1_0-50262-simple.tar",
    form: Form::Tar,
    urls: &[],
    obtain: OBTAIN,
    sha256: None,
    bytes: None,
    about: "about 1.1 GB by the three samples",
    licence: LICENCE,
};

/// The folder of one file an architecture.
const SIMPLE: Edition = Edition {
    name: "simple",
    title: "folder of one file an architecture",
    sources: &[Source {
        file: "NATS-sss-v1_0-50262-simple",
        form: Form::Folder { with: "meta.pickle.pbz2", files: 32_768 },
        about: "32,768 files and meta.pickle.pbz2, about 1.1 GB by the three samples",
        ..TAR
    }],
    note: NOTE,
    rows: "7,045,120, if all have the runs of the samples",
    verified: VERIFIED,
    read: read_simple,
};

/// The archive of that folder.
const SIMPLE_TAR: Edition =
    Edition { name: "simple-tar", title: "tar archive of one file an architecture (read without unpacking)", sources: &[TAR], ..SIMPLE };

/// The single file.
const SINGLE: Edition = Edition {
    name: "single",
    title: "single file",
    sources: &[Source { file: "NATS-sss-v1_0-50262.pickle.pbz2", form: Form::Bzip2, ..TAR }],
    read: read_single,
    ..SIMPLE
};

fn read_simple(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    nats::read_simple(&SPACE, &SIZE, sources, options, sink, observe)
}

fn read_single(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    nats::read_single(&SPACE, &SIZE, sources, options, sink, observe)
}
