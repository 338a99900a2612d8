use spaces::Scope;
use tables::Direction;

use crate::{Evidence, Meta, Proxy, Score, Undefined};

/// Number of layers that can get a gradient.
#[derive(Clone, Copy, Debug)]
pub struct LiveLayers;

static META: Meta = Meta {
    name: "live_layers",
    version: 1,
    title: "#Live layers",
    formula: "number of convolutions and linear layers whose weight can get a gradient other than zero",
    paper: "a baseline: ZiCo adds a term for each such layer",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_zico.py",
    direction: Direction::HigherIsBetter,
    unit: "layers",
    scope: Scope::Live,
    passes: &[],
    set_dependent: false,
    conventions: "From the graph alone: a layer counts if it reads something other than zeros and can influence the output. A \
        disconnected network has none.",
};

impl Proxy for LiveLayers {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let live = evidence.graph()?.live_modules();
        let count = evidence.layers().iter().filter(|&&module| live[module]).count();
        Score::finite(count as f64, "the number of layers", Vec::new())
    }
}
