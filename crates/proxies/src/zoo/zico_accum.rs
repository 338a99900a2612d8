use spaces::Scope;
use tables::Direction;

use super::zico::{inverse_variation, sum_of_logarithms};
use crate::readings::{AccumulatedMoments, MomentReading};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `ZiCo` as first released: gradients were not reset between batches.
#[derive(Clone, Copy, Debug)]
pub struct ZiCoAccumulated;

static META: Meta = Meta {
    name: "zico_accum",
    version: 1,
    title: "ZiCo (accumulated gradients)",
    formula: "sum over layers of ln( sum over weights of mean|G| / std(G) ), G_b = g_0 + ... + g_b",
    paper: "ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on Gradients (Li et al., ICLR 2023), arXiv \
        2301.11300, first released code",
    reference: "SLDGroup/ZiCo@d7076d5~1 ZeroShotProxy/compute_zico.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&MomentReading::Accumulated] }],
    set_dependent: false,
    conventions: "Layers are convolutions and linear layers, weights only; gradients are those of the mean loss of each batch. \
        The first release lacked `zero_grad` between batches (added in commit d7076d5), so that row b of its matrix is \
        the sum of the gradients up to batch b. Several ports still do so. Otherwise as `zico`.",
};

impl Proxy for ZiCoAccumulated {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let AccumulatedMoments(moments) = evidence.of();
        let [sums, _] = moments.sums(evidence.layers(), inverse_variation);
        let details = vec![("layer_sums", Detail::Numbers(sums.clone()))];
        Score::finite(sum_of_logarithms(&sums), "the sum of logarithms", details)
    }
}
