use engine::Scheme;
use spaces::Scope;
use tables::Direction;

use crate::readings::{Patterns, SignPatterns};
use crate::{Detail, Evidence, Input, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `SWAP` over all batches as one.
#[derive(Clone, Copy, Debug)]
pub struct SwapJoined;

static META: Meta = Meta {
    name: "swap_joined",
    version: 1,
    title: "SWAP (all batches)",
    formula: "number of different sign patterns over all batches, passed as one, among all ReLU units",
    paper: "SWAP-NAS: Sample-Wise Activation Patterns for Ultra-fast NAS (Peng et al., ICLR 2024), arXiv 2403.04161",
    reference: "pym1024/SWAP@f6049f7 src/metrics/swap.py",
    direction: Direction::HigherIsBetter,
    unit: "patterns",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State { input: Input::Joined, ..State::BATCHES }.with_init(Scheme::Gaussian), readings: &[&SignPatterns] }],
    set_dependent: false,
    conventions: "As `swap`, on the images of all batches in one forward pass (batch norms see them together): more samples \
        saturate later.",
};

impl Proxy for SwapJoined {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let patterns: &Patterns = evidence.of();
        Score::finite(patterns.distinct() as f64, "the number of patterns", vec![("units", Detail::Number(patterns.units() as f64))])
    }
}
