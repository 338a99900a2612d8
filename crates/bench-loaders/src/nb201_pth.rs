//! The files of NAS-Bench-201, versions 1.0 and 1.1 (`.pth`): trainings in NATS-Bench's form in a container of torch.

use crate::nats::{self, NB201};
use crate::{Edition, Form, IngestOptions, Located, Observer, Result, Sink, Source, Summary};

static SPACE: spaces::nb201::Nb201 = spaces::nb201::Nb201;

const OBTAIN: &str = "the Google Drive folder that https://github.com/D-X-Y/NAS-Bench-201 names";
const LICENCE: &str = "MIT (NAS-Bench-201)";
const VERIFIED: &str = "files in the same format made by ../shared/golden/format-generators, which the official API 2.1 reads; \
     the official file itself was not to be had";

/// Version 1.1.
pub const V1_1: Edition = Edition {
    name: "v1_1",
    title: "NAS-Bench-201 v1.1",
    sources: &[Source {
        file: "NAS-Bench-201-v1_1-096897.pth",
        form: Form::Torch,
        urls: &[],
        obtain: OBTAIN,
        sha256: None,
        bytes: None,
        about: "4.7 GB",
        licence: LICENCE,
    }],
    note: "every training run on cifar10-valid, cifar10, cifar100 and imagenet16-120: 12 epochs (cifar10-valid twice) and 200 epochs (1 to 3 seeds); \
           accuracy, loss and pseudo times on train, valid, test and valtest, every epoch with --every-epoch; official parameters, \
           FLOPs and latency",
    rows: "2,270,579, if each run holds what the API says",
    verified: VERIFIED,
    read,
};

/// Version 1.0.
pub const V1_0: Edition = Edition {
    name: "v1_0",
    title: "NAS-Bench-201 v1.0",
    sources: &[Source {
        file: "NAS-Bench-201-v1_0-e61699.pth",
        form: Form::Torch,
        urls: &[],
        obtain: OBTAIN,
        sha256: None,
        bytes: None,
        about: "2.2 GB",
        licence: LICENCE,
    }],
    note: "as v1_1, with fewer seeds (1 to 3, mostly fewer), cifar10-valid alone after 12 epochs, no times after 200 epochs, and no latency after 12",
    rows: "not counted: fewer than v1_1",
    verified: VERIFIED,
    read,
};

fn read(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    nats::read_torch(&SPACE, &NB201, sources, options, sink, observe)
}
