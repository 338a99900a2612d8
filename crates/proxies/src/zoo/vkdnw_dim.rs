use spaces::Scope;
use tables::Direction;

use crate::{Evidence, Meta, Proxy, Score, Undefined};

/// Number of parameter tensors.
#[derive(Clone, Copy, Debug)]
pub struct VkdnwDim;

static META: Meta = Meta {
    name: "vkdnw_dim",
    version: 1,
    title: "VKDNW dimension",
    formula: "number of parameter tensors",
    paper: "Training-free Neural Architecture Search through Variance of Knowledge of Deep Network Weights (Tybl and \
        Neumann, CVPR 2025), arXiv 2502.04975",
    reference: "ondratybl/VKDNW@6901b65 NB201/ZeroShotProxy/compute_vkdnw_score.py",
    direction: Direction::HigherIsBetter,
    unit: "tensors",
    scope: Scope::Whole,
    passes: &[],
    set_dependent: false,
    conventions: "Weights and biases each, batch norms included: a convolution with its batch norm counts 3. All of them, not \
        the first 128. Dead operations count.",
};

impl Proxy for VkdnwDim {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        Score::finite(evidence.n_tensors() as f64, "the number of tensors", Vec::new())
    }
}
