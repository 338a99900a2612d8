use spaces::Scope;
use tables::Direction;

use super::zico::{inverse_variation, sum_of_logarithms};
use crate::readings::{MomentReading, SignedMoments};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// The least that `ZiCo` can be at two batches: the number of weights whose gradient varies.
#[derive(Clone, Copy, Debug)]
pub struct ZiCoFloor;

static META: Meta = Meta {
    name: "zico_floor",
    version: 1,
    title: "ZiCo floor",
    formula: "sum over layers of ln( number of weights with std(g) > 0 )",
    paper: "ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on Gradients (Li et al., ICLR 2023), arXiv \
        2301.11300; the floor is ours: at two batches every ratio mean|g| / std(g) is at least 1",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_zico.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&MomentReading::Signed] }],
    set_dependent: false,
    conventions: "Layers are convolutions and linear layers, weights only; gradients are those of the mean loss of each batch. \
        What `zico` would be if every ratio were 1: it shows how much of the score is a count of weights. Layers \
        without such a weight are skipped.",
};

impl Proxy for ZiCoFloor {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let SignedMoments(moments) = evidence.of();
        let [ratios, surviving] = moments.sums(evidence.layers(), inverse_variation);
        let details = vec![("surviving_weights", Detail::Numbers(surviving.clone()))];
        // A weight whose gradient is no number would count as one that survives.
        let score = if ratios.iter().all(|sum| sum.is_finite()) { sum_of_logarithms(&surviving) } else { f64::NAN };
        Score::finite(score, "the sum of logarithms", details)
    }
}
