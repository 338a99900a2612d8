use engine::{DType, Norm, Scheme};
use spaces::Scope;
use tables::{Direction, Status};

use crate::{Detail, Evidence, Input, Meta, Needs, Objective, PassSpec, Proxy, Score, Undefined};

/// `SynFlow`: synaptic flow through the linearised network, without data.
#[derive(Clone, Copy, Debug)]
pub struct SynFlow;

static META: Meta = Meta {
    name: "synflow",
    version: 1,
    title: "SynFlow",
    formula: "sum over layers and weights of |w * dR/dw|, R = sum of the logits of an image of ones, all parameters replaced by their absolute values",
    paper: "Pruning neural networks without any data by iteratively conserving synaptic flow (Tanaka et al., NeurIPS 2020), arXiv 2006.05467",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/synflow.py",
    direction: Direction::HigherIsBetter,
    unit: "logits",
    scope: Scope::Live,
    needs: Needs::Pass(PassSpec {
        input: Input::Ones,
        all_batches: false,
        objective: Objective::SumOfLogits,
        relu_signs: false,
        init: Scheme::TorchDefault,
        absolute: true,
        norm: Norm::Identity,
        dtype: Some(DType::F64),
    }),
    set_dependent: false,
    conventions: "Batch norms are the identity. Always f64, as in the reference: f32 overflows on full-size networks. The score is the \
        sum itself, its logarithm (what NASLib reports) stands in the details; ranks are the same. A disconnected network scores 0; \
        one whose output saturates (the image tasks of TransNAS-Bench-101) has no score. \
        A plain sum over convolutions and linear layers, weights only.",
};

impl Proxy for SynFlow {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let pass = evidence.pass.expect("the plan gives every proxy the pass it needs");
        let [sums] = pass.layer_sums(1, |weight, gradients| [(weight * &gradients[0]).abs()]);
        let value: f64 = sums.iter().sum();
        if value == 0.0 && evidence.graph.is_connected() {
            let reason = "no flow comes back from the output: it saturates (a hyperbolic tangent of huge numbers)".to_owned();
            return Err(Undefined { status: Status::Undefined, reason });
        }
        Score::finite(value, "the synaptic flow", vec![("layer_sums", Detail::Numbers(sums)), ("log_value", Detail::Number(value.ln()))])
    }
}
