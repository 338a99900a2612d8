use spaces::Scope;
use tables::Direction;

use super::zico::{inverse_variation, sum_of_logarithms};
use crate::readings::{MagnitudeMoments, MomentReading};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `ZiCo` as the paper's Eq. 15 has it: the spread is that of the gradient's absolute value.
#[derive(Clone, Copy, Debug)]
pub struct ZiCoEq15;

static META: Meta = Meta {
    name: "zico_eq15",
    version: 1,
    title: "ZiCo (Eq. 15)",
    formula: "sum over layers of ln( sum over weights of mean|g| / std(|g|) )",
    paper: "ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on Gradients (Li et al., ICLR 2023), arXiv \
        2301.11300, Eq. 15",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_zico.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&MomentReading::Magnitude] }],
    set_dependent: false,
    conventions: "Layers are convolutions and linear layers, weights only; gradients are those of the mean loss of each batch. \
        std is the population standard deviation over batches of |g|, where the released code (`zico`) takes that of \
        g. Weights with std 0 are dropped, layers whose sum is 0 skipped.",
};

impl Proxy for ZiCoEq15 {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let MagnitudeMoments(moments) = evidence.of();
        let [sums, _] = moments.sums(evidence.layers(), inverse_variation);
        let details = vec![("layer_sums", Detail::Numbers(sums.clone()))];
        Score::finite(sum_of_logarithms(&sums), "the sum of logarithms", details)
    }
}
