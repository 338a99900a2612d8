use engine::{DType, Norm, Scheme};
use spaces::Scope;
use tables::Direction;

use crate::readings::{Flow, FlowGradients};
use crate::{Detail, Evidence, Input, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `SynFlow`: synaptic flow through the linearised network, without data.
#[derive(Clone, Copy, Debug)]
pub struct SynFlow;

static META: Meta = Meta {
    name: "synflow",
    version: 1,
    title: "SynFlow",
    formula: "sum over layers and weights of |w * dR/dw|, R = sum of the logits of an image of ones, all parameters replaced \
        by their absolute values",
    paper: "Pruning neural networks without any data by iteratively conserving synaptic flow (Tanaka et al., NeurIPS \
        2020), arXiv 2006.05467",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/synflow.py",
    direction: Direction::HigherIsBetter,
    unit: "logits",
    scope: Scope::Live,
    passes: &[PassSpec { state: LINEARISED, readings: &[&FlowGradients] }],
    set_dependent: false,
    conventions: "Batch norms are the identity. Always f64, as in the reference: f32 overflows on full-size networks. Computed \
        with a common power of two taken out, so that nothing overflows on the way; null where the sum itself exceeds \
        f64, which `synflow_log` does not. A disconnected network scores 0; one whose output saturates (the image \
        tasks of TransNAS-Bench-101) has no score. A plain sum over convolutions and linear layers, weights only.",
};

impl Proxy for SynFlow {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let (log_value, sums) = flow(evidence)?;
        let exponent = evidence.of::<Flow>().exponent;
        let sums: Vec<f64> = sums.into_iter().map(|sum| times_power_of_two(sum, exponent)).collect();
        let value: f64 = sums.iter().sum();
        Score::finite(value, "the synaptic flow", vec![("layer_sums", Detail::Numbers(sums)), ("log_value", Detail::Number(log_value))])
    }
}

/// One image of ones through absolute weights, without batch norms.
pub(super) const LINEARISED: State =
    State { input: Input::Ones, init: Scheme::TorchDefault, absolute: true, norm: Norm::Identity, dtype: Some(DType::F64) };

/// In steps, since the power alone may exceed f64 where the product does not.
fn times_power_of_two(mut number: f64, mut exponent: i32) -> f64 {
    while exponent > 0 {
        let step = exponent.min(1_000);
        number *= 2f64.powi(step);
        exponent -= step;
    }
    number
}

/// Logarithm of the flow, and each layer's flow divided by a power of two; minus infinity if the network is disconnected.
pub(super) fn flow(evidence: &Evidence) -> Result<(f64, Vec<f64>), Undefined> {
    let flow: &Flow = evidence.of();
    let [sums] = flow.gradients.sums(evidence.layers(), |weight, gradient| [(weight * gradient).abs()]);
    let scaled: f64 = sums.iter().sum();
    if scaled == 0.0 && evidence.graph()?.is_connected() {
        return Err(Undefined::because("no flow comes back from the output: it saturates (a hyperbolic tangent of huge numbers)"));
    }
    Ok((scaled.ln() + f64::from(flow.exponent) * std::f64::consts::LN_2, sums))
}
