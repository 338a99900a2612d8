use engine::Norm;
use spaces::Scope;
use tables::Direction;

use crate::readings::{Flow, FlowGradients};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `SynFlow` with batch norms.
#[derive(Clone, Copy, Debug)]
pub struct SynFlowBn;

static META: Meta = Meta {
    name: "synflow_bn",
    version: 2,
    title: "SynFlow (batch norm)",
    formula: "as `synflow`, batch norms in train mode on the one image of ones",
    paper: "Pruning neural networks without any data by iteratively conserving synaptic flow (Tanaka et al., NeurIPS \
        2020), arXiv 2006.05467",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/synflow.py",
    direction: Direction::HigherIsBetter,
    unit: "logits",
    scope: Scope::Live,
    passes: &[PassSpec { state: State { norm: Norm::Train, ..super::synflow::LINEARISED }, readings: &[&FlowGradients] }],
    set_dependent: false,
    conventions: "Parameters and running statistics lose their signs; a batch of one image of ones, always f64. Null where every \
        path ends in a batch norm (the output is then constant), or where one reads maps that are equal at all positions \
        (no variance). In NAS-Bench-101 it is not well defined: the image of \
        ones makes plateaus, and which of its pixels a max pooling passes the gradient to is decided by rounding.",
};

impl Proxy for SynFlowBn {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        evidence.needs_more_than_noise_alone()?;
        let flow: &Flow = evidence.of();
        let [sums] = flow.gradients.sums(evidence.layers(), |weight, gradient| [(weight * gradient).abs()]);
        Score::finite(sums.iter().sum(), "the synaptic flow", vec![("layer_sums", Detail::Numbers(sums))])
    }
}
