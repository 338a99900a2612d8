use spaces::Scope;
use tables::Direction;

use crate::{Detail, Evidence, Meta, Needs, PassSpec, Proxy, Score, Undefined};

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
    needs: Needs::Pass(PassSpec::LOSS_GRADIENTS),
    set_dependent: false,
    conventions: "First batch, mean cross entropy, train-mode batch norm. The gradient with respect to a mask of ones is g * w. \
        Convolutions and linear layers, weights only; a plain sum, not normalised.",
};

impl Proxy for Snip {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let pass = evidence.pass.expect("the plan gives every proxy the pass it needs");
        let [sums] = pass.layer_sums(1, |weight, gradients| [(weight * &gradients[0]).abs()]);
        Score::finite(sums.iter().sum(), "the sum of sensitivities", vec![("layer_sums", Detail::Numbers(sums))])
    }
}
