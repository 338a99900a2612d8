use spaces::Scope;
use tables::Direction;

use crate::readings::{ActivationRanks, Ranks};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `NEAR`: effective ranks of activations.
#[derive(Clone, Copy, Debug)]
pub struct Near;

static META: Meta = Meta {
    name: "near",
    version: 2,
    title: "NEAR",
    formula: "sum over layers and activations of the effective rank of a square matrix of their outputs",
    paper: "NEAR: Network Expressivity by Activation Rank (Husistein et al., ICLR 2025), arXiv 2408.08776",
    reference: "ReiherGroup/NEAR@4d5d7f1 src/near_score/near_score.py",
    direction: Direction::HigherIsBetter,
    unit: "1",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&ActivationRanks { drawn: false }] }],
    set_dependent: false,
    conventions: "Outputs of convolutions, batch norms, linear layers and ReLUs, dead ones too; maps become rows of channels \
        (samples slowest, then columns, then rows of the image). A layer with more channels than a batch has rows \
        takes further batches, at most four in all. Effective rank: exponential of the entropy of the singular values \
        normalised to sum 1; 0 for a zero matrix. The first rows; the reference draws where they begin (`near_random`) \
        and averages over 32 draws of the weights (`--repeats near=32`). Not for networks whose operations share modules (the jigsaw task), whose \
        rows the reference joins.",
};

impl Proxy for Near {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        evidence.needs_modules_used_once()?;
        let Ranks(ranks) = evidence.of();
        Score::finite(ranks.iter().sum(), "the sum of ranks", vec![("terms", Detail::Numbers(ranks.clone()))])
    }
}
