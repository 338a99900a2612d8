use spaces::Scope;
use tables::Direction;

use crate::readings::{ReluSigns, Signs};
use crate::{Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// Number of linear regions that the batch meets.
#[derive(Clone, Copy, Debug)]
pub struct LinearRegions;

static META: Meta = Meta {
    name: "linear_regions",
    version: 1,
    title: "Linear regions",
    formula: "number of different sign patterns over all ReLUs among the samples",
    paper: "Neural Architecture Search on ImageNet in Four GPU Hours: A Theoretically Inspired Perspective (TE-NAS, Chen \
        et al., ICLR 2021), arXiv 2102.11535",
    reference: "cvlab-yonsei/AZ-NAS@5e6683a NB201/ZeroShotProxy/compute_lrn_score.py",
    direction: Direction::HigherIsBetter,
    unit: "regions",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&ReluSigns] }],
    set_dependent: false,
    conventions: "First batch in train mode; dead ReLUs count. At most as many as there are samples, and nearly always as many \
        in networks of usual size: TE-NAS takes a thousand images of 3x3 pixels and one channel per layer.",
};

impl Proxy for LinearRegions {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let Signs(signs) = evidence.of();
        Score::finite(signs.distinct() as f64, "the number of regions", Vec::new())
    }
}
