use spaces::Scope;
use tables::Direction;

use super::zico::sum_of_logarithms;
use crate::readings::{MomentReading, SignedMoments};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `ZiCo` with a spread that cannot vanish by chance.
#[derive(Clone, Copy, Debug)]
pub struct ZiCoDamped;

static META: Meta = Meta {
    name: "zico_damped",
    version: 1,
    title: "ZiCo (damped)",
    formula: "sum over layers of ln( sum over weights of mean|g| / sqrt(std(g)^2 + (0.1 mean|g|)^2) )",
    paper: "ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on Gradients (Li et al., ICLR 2023), arXiv \
        2301.11300; the damping is ours",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_zico.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&MomentReading::Signed] }],
    set_dependent: false,
    conventions: "Layers are convolutions and linear layers, weights only; gradients are those of the mean loss of each batch. \
        No ratio exceeds 10, so that the few weights whose gradients agree by chance no longer carry the sum, and \
        rounding hardly moves the score. Weights whose gradient is 0 in every batch are dropped, layers whose sum is 0 \
        skipped.",
};

impl Proxy for ZiCoDamped {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let SignedMoments(moments) = evidence.of();
        let [sums] = moments.sums(evidence.layers(), |layer| {
            let magnitude = layer.magnitude();
            let spread = (layer.std().square() + (&magnitude * DAMPING).square()).sqrt();
            let dropped = spread.eq(0.0);
            [(magnitude / spread).masked_fill(&dropped, 0.0)]
        });
        let details = vec![("layer_sums", Detail::Numbers(sums.clone()))];
        Score::finite(sum_of_logarithms(&sums), "the sum of logarithms", details)
    }
}

/// Share of mean|g| that is added to the spread, in quadrature.
const DAMPING: f64 = 0.1;
