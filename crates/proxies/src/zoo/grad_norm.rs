use spaces::Scope;
use tables::Direction;

use crate::{Detail, Evidence, Meta, Needs, PassSpec, Proxy, Score, Undefined};

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
    needs: Needs::Pass(PassSpec::LOSS_GRADIENTS),
    set_dependent: false,
    conventions: "First batch, mean cross entropy, train-mode batch norm. A sum of norms over convolutions and linear layers, weights \
        only; the ZenNAS family takes one norm over all parameters instead.",
};

impl Proxy for GradNorm {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let pass = evidence.pass.expect("the plan gives every proxy the pass it needs");
        let [squares] = pass.layer_sums(1, |_, gradients| [gradients[0].square()]);
        let norms: Vec<f64> = squares.into_iter().map(f64::sqrt).collect();
        let details = vec![("loss", Detail::Number(pass.losses[0])), ("layer_norms", Detail::Numbers(norms.clone()))];
        Score::finite(norms.iter().sum(), "the sum of norms", details)
    }
}
