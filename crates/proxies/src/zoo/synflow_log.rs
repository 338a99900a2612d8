use engine::Norm;
use spaces::Scope;
use tables::Direction;

use crate::readings::FlowGradients;
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// Logarithm of `SynFlow`, which never overflows.
#[derive(Clone, Copy, Debug)]
pub struct SynFlowLog;

static META: Meta = Meta {
    name: "synflow_log",
    version: 1,
    title: "SynFlow (logarithm)",
    formula: "ln of `synflow`",
    paper: "Pruning neural networks without any data by iteratively conserving synaptic flow (Tanaka et al., NeurIPS \
        2020), arXiv 2006.05467; the form of NASLib",
    reference: "automl/NASLib@0b51bc1 naslib/predictors/zerocost.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State { norm: Norm::Identity, ..super::synflow::LINEARISED }, readings: &[&FlowGradients] }],
    set_dependent: false,
    conventions: "Ranks as `synflow` does, and stays finite where that exceeds the range of f64. Null where no flow comes back: \
        a disconnected network, or a saturated output.",
};

impl Proxy for SynFlowLog {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let (log_value, sums) = super::synflow::flow(evidence)?;
        if log_value == f64::NEG_INFINITY {
            return Err(Undefined::because("the synaptic flow of a disconnected network is 0"));
        }
        Score::finite(log_value, "the logarithm of the synaptic flow", vec![("scaled_layer_sums", Detail::Numbers(sums))])
    }
}
