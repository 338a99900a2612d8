use spaces::Scope;
use tables::Direction;

use super::gradsign::{ONE_BY_ONE, agreement};
use crate::readings::SampleReading;
use crate::{Evidence, Meta, PassSpec, Proxy, Score, Undefined};

/// `GradSign` as the paper has it: a sum over weights.
#[derive(Clone, Copy, Debug)]
pub struct GradSignSum;

static META: Meta = Meta {
    name: "gradsign_sum",
    version: 2,
    title: "GradSign (sum)",
    formula: "sum over weights of |sum over samples of sign(g_i)|",
    paper: "GradSign: Model Performance Inference with Theoretical Insights (Zhang and Jia, ICLR 2022), arXiv 2110.08616, Algorithm 1",
    reference: "cvlab-yonsei/AZ-NAS@5e6683a NB201/ZeroShotProxy/compute_gradsign_score.py, summed",
    direction: Direction::HigherIsBetter,
    unit: "samples * weights",
    scope: Scope::Live,
    passes: &[PassSpec { state: ONE_BY_ONE, readings: &[&SampleReading] }],
    set_dependent: false,
    conventions: "As `gradsign`, with the paper's sum over weights where AZ-NAS's code has the mean: it grows with the number of live weights, \
        while the mean does not.",
};

impl Proxy for GradSignSum {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        Score::finite(agreement(evidence)?, "the sum over weights", Vec::new())
    }
}
