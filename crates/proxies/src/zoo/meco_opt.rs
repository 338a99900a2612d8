use spaces::Scope;
use tables::Direction;

use super::meco::least_eigenvalues;
use crate::readings::{ChannelChoice, ChannelCorrelations, FirstChannels};
use crate::{Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `MeCo` on eight channels of each map.
#[derive(Clone, Copy, Debug)]
pub struct MeCoOpt;

static META: Meta = Meta {
    name: "meco_opt",
    version: 1,
    title: "MeCo_opt",
    formula: "sum over operations of (channels / 8) * least eigenvalue of the correlations between 8 channels",
    paper: "MeCo: Zero-Shot NAS with One Data and Single Forward Pass via Minimum Eigenvalue of Correlation (Jiang et al., \
        NeurIPS 2023)",
    reference: "HamsterMimi/MeCo@0d830dd correlation/NAS_Bench_201.py",
    direction: Direction::HigherIsBetter,
    unit: "1",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&ChannelCorrelations(ChannelChoice::First)] }],
    set_dependent: false,
    conventions: "Every convolution, batch norm, ReLU and pooling counts, dead ones too; vectors (pooled features, logits) have \
        one value a channel, hence no correlations, and count 0. A correlation that is not finite (a constant channel) \
        is 0. First sample of the first batch, train mode. The first eight channels; the reference draws them \
        (`meco_random`). Null where a layer has fewer than eight.",
};

impl Proxy for MeCoOpt {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let FirstChannels(correlations) = evidence.of();
        least_eigenvalues(correlations)
    }
}
