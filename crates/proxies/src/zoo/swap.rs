use engine::Scheme;
use spaces::Scope;
use tables::Direction;

use crate::readings::{Patterns, SignPatterns};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `SWAP`: number of patterns in which samples switch ReLU units.
#[derive(Clone, Copy, Debug)]
pub struct Swap;

static META: Meta = Meta {
    name: "swap",
    version: 1,
    title: "SWAP",
    formula: "number of different sign patterns over the batch among all ReLU units",
    paper: "SWAP-NAS: Sample-Wise Activation Patterns for Ultra-fast NAS (Peng et al., ICLR 2024), arXiv 2403.04161",
    reference: "pym1024/SWAP@f6049f7 src/metrics/swap.py",
    direction: Direction::HigherIsBetter,
    unit: "patterns",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State::BATCHES.with_init(Scheme::Gaussian), readings: &[&SignPatterns] }],
    set_dependent: false,
    conventions: "First batch in train mode, N(0, 1) weights; all units of all ReLUs together, dead ones too. It cannot exceed \
        2^batch nor the number of units. The released script averages over 32 draws of the weights with 16 images \
        (`--repeats swap=32 --samples swap=16`).",
};

impl Proxy for Swap {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let patterns: &Patterns = evidence.of();
        Score::finite(patterns.distinct() as f64, "the number of patterns", vec![("units", Detail::Number(patterns.units() as f64))])
    }
}
