use spaces::Scope;
use tables::Direction;

use crate::readings::{GradientReading, LayerGradients};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// How much the loss would fall if every weight shrank.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

static META: Meta = Meta {
    name: "plain",
    version: 1,
    title: "Plain",
    formula: "sum over layers and weights of g * w",
    paper: "Zero-Cost Proxies for Lightweight NAS (Abdelfattah et al., ICLR 2021), arXiv 2101.08134",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/plain.py",
    direction: Direction::HigherIsBetter,
    unit: "loss",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&GradientReading] }],
    set_dependent: false,
    conventions: "As `snip`, with signs: terms cancel. First batch, train mode; weights of convolutions and linear layers.",
};

impl Proxy for Plain {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let gradients: &LayerGradients = evidence.of();
        let [sums] = gradients.sums(evidence.layers(), |weight, gradient| [weight * gradient]);
        Score::finite(sums.iter().sum(), "the sum of products", vec![("layer_sums", Detail::Numbers(sums))])
    }
}
