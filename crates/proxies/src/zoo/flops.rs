use spaces::Scope;
use tables::Direction;

use crate::{Evidence, Meta, Proxy, Score, Undefined};

/// Number of multiply-adds of one image.
#[derive(Clone, Copy, Debug)]
pub struct Flops;

static META: Meta = Meta {
    name: "flops",
    version: 1,
    title: "FLOPs",
    formula: "multiply-adds of convolutions and linear layers",
    paper: "a baseline of every paper on zero-cost proxies; the complexity term of AZ-NAS",
    reference: "D-X-Y/AutoDL-Projects@f46486e xautodl/utils/flop_benchmark.py",
    direction: Direction::HigherIsBetter,
    unit: "multiply-adds",
    scope: Scope::Whole,
    passes: &[],
    set_dependent: false,
    conventions: "One multiply-add (MAC) counts 1; a linear layer counts in * out + out; batch norms, activations, pooling and \
        sums don't count; dead operations do.",
};

impl Proxy for Flops {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        Score::finite(evidence.graph()?.flops() as f64, "the number of multiply-adds", Vec::new())
    }
}
