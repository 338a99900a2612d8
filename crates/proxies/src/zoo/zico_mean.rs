use spaces::Scope;
use tables::Direction;

use super::zico::sum_of_logarithms;
use crate::readings::{MomentReading, SignedMoments};
use crate::{Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// The mean of gradients alone.
#[derive(Clone, Copy, Debug)]
pub struct ZiCoMean;

static META: Meta = Meta {
    name: "zico_mean",
    version: 1,
    title: "ZiCo (mean only)",
    formula: "sum over layers of ln( sum over weights of mean|g| )",
    paper: "ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on Gradients (Li et al., ICLR 2023), arXiv \
        2301.11300, Table 7",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_zico.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&MomentReading::Signed] }],
    set_dependent: false,
    conventions: "Layers are convolutions and linear layers, weights only; gradients are those of the mean loss of each batch. \
        Our reading of Table 7, whose formula the paper does not print. Layers whose sum is 0 are skipped.",
};

impl Proxy for ZiCoMean {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let SignedMoments(moments) = evidence.of();
        let [sums] = moments.sums(evidence.layers(), |layer| [layer.magnitude()]);
        Score::finite(sum_of_logarithms(&sums), "the sum of logarithms", Vec::new())
    }
}
