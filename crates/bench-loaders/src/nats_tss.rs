//! NATS-Bench's files of the topology space, which is that of NAS-Bench-201.

use crate::nats::{self, TOPOLOGY};
use crate::{Edition, Form, IngestOptions, Located, Observer, Result, Sink, Source, Summary};

static SPACE: spaces::nb201::Nb201 = spaces::nb201::Nb201;

const OBTAIN: &str = "the Google Drive folder that https://github.com/D-X-Y/NATS-Bench names";
const LICENCE: &str = "MIT (NATS-Bench)";
const NOTE: &str = "every training run: cifar10-valid, cifar10, cifar100 and imagenet16-120 after 12 epochs (seeds 111, 777) and 200 epochs \
     (a subset of 777, 888, 999); accuracy (top 5 in the newer runs), loss and pseudo times on train, valid, test and valtest, \
     every epoch with --every-epoch; official parameters, FLOPs and latency";
const VERIFIED: &str = "the three sample files of the NATS-Bench repository, value by value, and files in the same format made by ../shared/golden/format-generators; \
     the official file itself was not to be had";

/// The folder of one file an architecture.
pub const SIMPLE: Edition = Edition {
    name: "simple",
    title: "NATS-Bench topology, folder of one file an architecture",
    sources: &[Source {
        file: "NATS-tss-v1_0-3ffb9-simple",
        form: Form::Folder { with: "meta.pickle.pbz2", files: 15_625 },
        urls: &[],
        obtain: OBTAIN,
        sha256: None,
        bytes: None,
        about: "15,625 files and meta.pickle.pbz2, about 1.3 GB by the three samples",
        licence: LICENCE,
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
    sources: &[Source {
        file: "NATS-tss-v1_0-3ffb9-simple.tar",
        form: Form::Tar,
        urls: &[],
        obtain: OBTAIN,
        sha256: None,
        bytes: None,
        about: "about 1.3 GB by the three samples",
        licence: LICENCE,
    }],
    note: NOTE,
    rows: "about 2.27 million, if the seeds are those of NAS-Bench-201 v1_1",
    verified: VERIFIED,
    read: read_simple,
};

/// The single file.
pub const SINGLE: Edition = Edition {
    name: "single",
    title: "NATS-Bench topology, single file",
    sources: &[Source {
        file: "NATS-tss-v1_0-3ffb9.pickle.pbz2",
        form: Form::Bzip2,
        urls: &[],
        obtain: OBTAIN,
        sha256: None,
        bytes: None,
        about: "about 1.3 GB by the three samples",
        licence: LICENCE,
    }],
    note: NOTE,
    rows: "about 2.27 million, if the seeds are those of NAS-Bench-201 v1_1",
    verified: VERIFIED,
    read: read_single,
};

fn read_simple(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    nats::read_simple(&SPACE, &TOPOLOGY, sources, options, sink, observe)
}

fn read_single(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    nats::read_single(&SPACE, &TOPOLOGY, sources, options, sink, observe)
}
