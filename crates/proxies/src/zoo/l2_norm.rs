use spaces::Scope;
use tables::Direction;

use crate::readings::{Norms, WeightNorms};
use crate::{Evidence, Input, Meta, PassSpec, Proxy, Score, State, Undefined};

/// Sum over layers of the Euclidean norm of the weight.
#[derive(Clone, Copy, Debug)]
pub struct L2Norm;

static META: Meta = Meta {
    name: "l2_norm",
    version: 1,
    title: "L2 norm",
    formula: "sum over layers of ||w||_2",
    paper: "Zero-Cost Proxies for Lightweight NAS (Abdelfattah et al., ICLR 2021), arXiv 2101.08134",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/l2_norm.py",
    direction: Direction::HigherIsBetter,
    unit: "weight",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State { input: Input::Nothing, ..State::BATCHES }, readings: &[&WeightNorms] }],
    set_dependent: false,
    conventions: "Of the fresh weights: nothing runs. Dead layers count.",
};

impl Proxy for L2Norm {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let norms: &Norms = evidence.of();
        Score::finite(norms.of_layers(evidence.layers()).iter().sum(), "the sum of norms", Vec::new())
    }
}
