use engine::{Norm, Scheme};
use spaces::Scope;
use tables::Direction;

use crate::readings::{Flow, FlowGradients};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `SynFlow` as ZenNAS and ZiCo compute it.
#[derive(Clone, Copy, Debug)]
pub struct SynFlowZen;

static META: Meta = Meta {
    name: "synflow_zen",
    version: 2,
    title: "SynFlow (ZenNAS)",
    formula: "minus the sum over layers of the mean over output channels of the sum of |w * dR/dw|",
    paper: "Pruning neural networks without any data by iteratively conserving synaptic flow (Tanaka et al., NeurIPS \
        2020), arXiv 2006.05467; the form of ZenNAS",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_syncflow_score.py",
    direction: Direction::HigherIsBetter,
    unit: "logits",
    scope: Scope::Live,
    passes: &[PassSpec {
        state: State { norm: Norm::Train, ..super::synflow::LINEARISED }.with_init(Scheme::Gaussian),
        readings: &[&FlowGradients],
    }],
    set_dependent: false,
    conventions: "As `synflow_bn` with N(0, 1) weights; the minus is that of the code. Null where every path ends in a batch \
        norm, or where one reads maps that are equal at all positions. In NAS-Bench-101 it is not well defined: the image of ones makes plateaus, and which of its pixels a max \
        pooling passes the gradient to is decided by rounding.",
};

impl Proxy for SynFlowZen {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        evidence.needs_more_than_noise_alone()?;
        let flow: &Flow = evidence.of();
        // What one over the weights of a channel adds up to is the number of output channels.
        let [sums, channels] = flow.gradients.sums(evidence.layers(), |weight, gradient| {
            let of_channel = weight.numel() as f64 / weight.size()[0] as f64;
            [(weight * gradient).abs(), weight.full_like(1.0 / of_channel)]
        });
        let means: Vec<f64> = sums.iter().zip(&channels).map(|(sum, channels)| sum / channels.max(1.0)).collect();
        Score::finite(-means.iter().sum::<f64>(), "the synaptic flow", vec![("layer_means", Detail::Numbers(means))])
    }
}
