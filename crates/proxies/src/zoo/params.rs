use spaces::Scope;
use tables::Direction;

use crate::{Evidence, Meta, Proxy, Score, Undefined};

/// Number of parameters.
#[derive(Clone, Copy, Debug)]
pub struct Params;

static META: Meta = Meta {
    name: "params",
    version: 1,
    title: "#Params",
    formula: "number of weights and biases, batch norms included",
    paper: "a baseline of every paper on zero-cost proxies",
    reference: "D-X-Y/AutoDL-Projects@f46486e xautodl/utils/flop_benchmark.py",
    direction: Direction::HigherIsBetter,
    unit: "parameters",
    scope: Scope::Whole,
    passes: &[],
    set_dependent: false,
    conventions: "All parameters, those of dead operations too; running statistics don't count.",
};

impl Proxy for Params {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        Score::finite(evidence.n_params() as f64, "the number of parameters", Vec::new())
    }
}
