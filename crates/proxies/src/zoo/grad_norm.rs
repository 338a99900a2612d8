use spaces::Scope;
use tables::Direction;

use crate::readings::{GradientReading, LayerGradients};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// Sum over layers of the Euclidean norm of the weight's gradient.
#[derive(Clone, Copy, Debug)]
pub struct GradNorm;

static META: Meta = Meta {
    name: "grad_norm",
    version: 1,
    title: "GradNorm",
    formula: "sum over layers of ||g||_2",
    paper: "Zero-Cost Proxies for Lightweight NAS (Abdelfattah et al., ICLR 2021), arXiv 2101.08134",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/grad_norm.py",
    direction: Direction::HigherIsBetter,
    unit: "loss per unit of weight",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&GradientReading] }],
    set_dependent: false,
    conventions: "First batch, mean loss, train-mode batch norm. Convolutions and linear layers, weights only. A sum of norms; \
        `grad_norm_total` is the norm of all gradients together.",
};

impl Proxy for GradNorm {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let gradients: &LayerGradients = evidence.of();
        let [squares] = gradients.sums(evidence.layers(), |_, gradient| [gradient.square()]);
        let norms: Vec<f64> = squares.into_iter().map(f64::sqrt).collect();
        Score::finite(norms.iter().sum(), "the sum of norms", vec![("layer_norms", Detail::Numbers(norms))])
    }
}
