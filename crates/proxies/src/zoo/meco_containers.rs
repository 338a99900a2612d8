use spaces::Scope;
use tables::Direction;

use super::meco::least_eigenvalues;
use crate::readings::{ChannelChoice, ChannelCorrelations, NestedChannels};
use crate::{Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `MeCo` as released: the output of every module counts, containers included.
#[derive(Clone, Copy, Debug)]
pub struct MeCoContainers;

static META: Meta = Meta {
    name: "meco_containers",
    version: 1,
    title: "MeCo (containers counted)",
    formula: "as `meco`, each output once for every module that ends with it in the published networks",
    paper: "MeCo: Zero-Shot NAS with One Data and Single Forward Pass via Minimum Eigenvalue of Correlation (Jiang et al., NeurIPS 2023)",
    reference: "HamsterMimi/MeCo@0d830dd correlation/NAS_Bench_201.py get_score",
    direction: Direction::HigherIsBetter,
    unit: "1",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&ChannelCorrelations(ChannelChoice::Nested)] }],
    set_dependent: false,
    conventions: "The released code hooks every module, so that an output counts as often as modules of the published network end there: a batch norm of \
        a cell's edge three times, a skip connection its input once more, a cell's sum once. Networks of nb201 are those of foresight, of nats-sss those of \
        NATS-Bench, of nb101 those of NASBench's port; TransNAS-Bench has none there. The whole batch runs; the released script has a batch of one \
        (`--samples meco_containers=1`), the released measure (foresight/pruners/measures/meco.py) one image of noise of 64 x 64 pixels whatever the \
        data (`--resolution 64 --batch random` besides).",
};

impl Proxy for MeCoContainers {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let NestedChannels(correlations) = evidence.of();
        let none = || Undefined::does_not_apply("the published code of the space has no network whose modules could be counted");
        least_eigenvalues(correlations.as_ref().ok_or_else(none)?)
    }
}
