use spaces::Scope;
use tables::Direction;

use crate::{Evidence, Meta, Proxy, Score, Undefined};

/// Number of layers.
#[derive(Clone, Copy, Debug)]
pub struct Layers;

static META: Meta = Meta {
    name: "layers",
    version: 1,
    title: "#Layers",
    formula: "number of convolutions and linear layers",
    paper: "a baseline: ZiCo adds a term for each layer",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_zico.py",
    direction: Direction::HigherIsBetter,
    unit: "layers",
    scope: Scope::Whole,
    passes: &[],
    set_dependent: false,
    conventions: "Those of dead operations count too; shared layers count once.",
};

impl Proxy for Layers {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        Score::finite(evidence.layers().len() as f64, "the number of layers", Vec::new())
    }
}
