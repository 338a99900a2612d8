//! NATS-Bench's files of the topology space, which is that of NAS-Bench-201.

use crate::nats::{self, LICENCE, OBTAIN, TOPOLOGY, VERIFIED};
use crate::{Edition, Form, IngestOptions, Located, Observer, Result, Sink, Source, Summary};

static SPACE: spaces::nb201::Nb201 = spaces::nb201::Nb201;

const NOTE: &str = "every training run: cifar10-valid, cifar10, cifar100 and imagenet16-120 after 12 epochs (seeds 111, 777) and 200 epochs \
     (a subset of 777, 888, 999); accuracy (top 5 in the newer runs), loss and pseudo times on train, valid, test and valtest, \
     every epoch with --every-epoch; official parameters, FLOPs and latency";

const TAR: Source = Source {
    file: "NATS-tss-v1_0-3ffb9-simple.tar",
    form: Form::Tar,
    urls: &[],
    obtain: OBTAIN,
    sha256: None,
    bytes: None,
    about: "about 1.3 GB by the three samples",
    licence: LICENCE,
};

/// The folder of one file an architecture.
pub const SIMPLE: Edition = Edition {
    name: "simple",
    title: "NATS-Bench topology, folder of one file an architecture",
    sources: &[Source {
        file: "NATS-tss-v1_0-3ffb9-simple",
        form: Form::Folder { with: "meta.pickle.pbz2", files: 15_625 },
        about: "15,625 files and meta.pickle.pbz2, about 1.3 GB by the three samples",
        ..TAR
    }],
    note: NOTE,
    rows: "about 2.27 million, if the seeds are those of NAS-Bench-201 v1_1",
    verified: VERIFIED,
    read: read_simple,
};

/// The archive of that folder.
pub const SIMPLE_TAR: Edition = Edition {
    name: "simple-tar",
    title: "NATS-Bench topology, tar archive of one file an architecture (read without unpacking)",
    sources: &[TAR],
    ..SIMPLE
};

/// The single file.
pub const SINGLE: Edition = Edition {
    name: "single",
    title: "NATS-Bench topology, single file",
    sources: &[Source { file: "NATS-tss-v1_0-3ffb9.pickle.pbz2", form: Form::Bzip2, ..TAR }],
    read: read_single,
    ..SIMPLE
};

fn read_simple(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    nats::read_simple(&SPACE, &TOPOLOGY, sources, options, sink, observe)
}

fn read_single(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    nats::read_single(&SPACE, &TOPOLOGY, sources, options, sink, observe)
}
