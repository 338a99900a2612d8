use spaces::Scope;
use tables::Direction;

use crate::readings::{ChannelSaliency, Saliency};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `Fisher`: how much the loss depends on each channel.
#[derive(Clone, Copy, Debug)]
pub struct Fisher;

static META: Meta = Meta {
    name: "fisher",
    version: 1,
    title: "Fisher",
    formula: "sum over layers and output channels of (weights of the channel) * 1/2 mean over samples of (sum over positions \
        of a * da)^2",
    paper: "Faster gaze prediction with dense networks and Fisher pruning (Theis et al., 2018), arXiv 1801.05787; as a \
        proxy: BlockSwap (Turner et al., ICLR 2020), arXiv 1906.04113",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/fisher.py",
    direction: Direction::HigherIsBetter,
    unit: "loss^2",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&ChannelSaliency] }],
    set_dependent: false,
    conventions: "a is the layer's output before batch norm, da the gradient of the first batch's mean loss; for a linear layer \
        there is one position. The reference spreads a channel's value over the weights that make it and sums in f32. \
        Layers that are applied several times (jigsaw) add up their applications.",
};

impl Proxy for Fisher {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let saliency: &Saliency = evidence.of();
        let graph = evidence.graph()?;
        let channels = saliency.of_layers(evidence.layers());
        let weights = |&module: &usize| {
            let shape = graph.modules()[module].weight_shape();
            shape[1..].iter().product::<usize>() as f64
        };
        let terms: Vec<f64> = evidence.layers().iter().map(weights).zip(channels).map(|(weights, channels)| weights * channels).collect();
        Score::finite(terms.iter().sum(), "the sum over channels", vec![("layer_terms", Detail::Numbers(terms))])
    }
}
