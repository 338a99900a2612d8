use spaces::Scope;
use tables::Direction;

use crate::readings::{AllChannels, ChannelChoice, ChannelCorrelations, Correlations};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `MeCo`: how nearly the channels of each map depend on one another.
#[derive(Clone, Copy, Debug)]
pub struct MeCo;

static META: Meta = Meta {
    name: "meco",
    version: 1,
    title: "MeCo",
    formula: "sum over operations of the least eigenvalue of the correlations between channels",
    paper: "MeCo: Zero-Shot NAS with One Data and Single Forward Pass via Minimum Eigenvalue of Correlation (Jiang et al., \
        NeurIPS 2023)",
    reference: "HamsterMimi/MeCo@0d830dd correlation/NAS_Bench_201.py",
    direction: Direction::HigherIsBetter,
    unit: "1",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&ChannelCorrelations(ChannelChoice::All)] }],
    set_dependent: false,
    conventions: "Every convolution, batch norm, ReLU and pooling counts, dead ones too; vectors (pooled features, logits) have \
        one value a channel, hence no correlations, and count 0. A correlation that is not finite (a constant channel) \
        is 0. First sample of the first batch, train mode. The whole batch runs; the released script has a batch of \
        one (`--samples meco=1`).",
};

impl Proxy for MeCo {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let AllChannels(correlations) = evidence.of();
        least_eigenvalues(correlations)
    }
}

/// Sum over operations.
pub(super) fn least_eigenvalues(correlations: &Correlations) -> Result<Score, Undefined> {
    if let Some(channels) = correlations.too_narrow {
        return Err(Undefined::does_not_apply(format!("a layer has {channels} channels, fewer than the 8 that are looked at")));
    }
    let terms = &correlations.terms;
    Score::finite(terms.iter().sum(), "the sum of eigenvalues", vec![("terms", Detail::Numbers(terms.clone()))])
}
