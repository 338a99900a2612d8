use spaces::Scope;
use tables::Direction;

use super::meco::least_eigenvalues;
use crate::readings::{ChannelChoice, ChannelCorrelations, DrawnChannels};
use crate::{Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `MeCo` on eight drawn channels of each map.
#[derive(Clone, Copy, Debug)]
pub struct MeCoRandom;

static META: Meta = Meta {
    name: "meco_random",
    version: 2,
    title: "MeCo_opt (drawn channels)",
    formula: "as `meco_opt` with 8 channels drawn for each operation",
    paper: "MeCo: Zero-Shot NAS with One Data and Single Forward Pass via Minimum Eigenvalue of Correlation (Jiang et al., \
        NeurIPS 2023)",
    reference: "HamsterMimi/MeCo@0d830dd correlation/NAS_Bench_201.py",
    direction: Direction::HigherIsBetter,
    unit: "1",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&ChannelCorrelations(ChannelChoice::Drawn)] }],
    set_dependent: false,
    conventions: "Every convolution, batch norm, ReLU and pooling counts, dead ones too; vectors (pooled features, logits) have \
        one value a channel, hence no correlations, and count 0. A correlation that is not finite (a constant channel) \
        is 0. First sample of the first batch, train mode. Channels are drawn without replacement from streams 4000, \
        4001, ... of the data seed, in order of execution. Null where a layer has fewer than eight.",
};

impl Proxy for MeCoRandom {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let DrawnChannels(correlations) = evidence.of();
        least_eigenvalues(correlations)
    }
}
