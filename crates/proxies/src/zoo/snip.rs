use spaces::Scope;
use tables::Direction;

use crate::readings::{GradientReading, LayerGradients};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `SNIP`: how much the loss depends on keeping each weight.
#[derive(Clone, Copy, Debug)]
pub struct Snip;

static META: Meta = Meta {
    name: "snip",
    version: 1,
    title: "SNIP",
    formula: "sum over layers and weights of |g * w|",
    paper: "SNIP: Single-shot Network Pruning based on Connection Sensitivity (Lee et al., ICLR 2019), arXiv 1810.02340",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/snip.py",
    direction: Direction::HigherIsBetter,
    unit: "loss",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&GradientReading] }],
    set_dependent: false,
    conventions: "First batch, mean loss, train-mode batch norm. The gradient with respect to a mask of ones is g * w. \
        Convolutions and linear layers, weights only; a plain sum, not normalised.",
};

impl Proxy for Snip {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let gradients: &LayerGradients = evidence.of();
        let [sums] = gradients.sums(evidence.layers(), |weight, gradient| [(weight * gradient).abs()]);
        Score::finite(sums.iter().sum(), "the sum of sensitivities", vec![("layer_sums", Detail::Numbers(sums))])
    }
}
