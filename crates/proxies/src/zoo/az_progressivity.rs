use spaces::Scope;
use tables::Direction;

use crate::readings::BlockReading;
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// How much expressivity each block adds, at least.
#[derive(Clone, Copy, Debug)]
pub struct AzProgressivity;

static META: Meta = Meta {
    name: "az_progressivity",
    version: 1,
    title: "AZ-NAS progressivity",
    formula: "least difference between the entropies of successive blocks",
    paper: "AZ-NAS: Assembling Zero-Cost Proxies for Network Architecture Search (Lee and Ham, CVPR 2024), arXiv \
        2403.19232",
    reference: "cvlab-yonsei/AZ-NAS@5e6683a NB201/ZeroShotProxy/compute_az_nas_score.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::KAIMING_NOISE, readings: &[&BlockReading] }],
    set_dependent: false,
    conventions: "Blocks are the stem, then each cell and reduction; defined for nb201 and nats-sss only, whose code names them. \
        Kaiming weights, noise N(0, 1) as large as a batch (as in the reference), train mode. Exactly 0 where a block \
        is an identity, negative where one loses entropy. Null where a block gives zeros.",
};

impl Proxy for AzProgressivity {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let entropies = super::az_expressivity::entropies(evidence)?;
        let least = entropies.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
        Score::finite(least, "the least difference", vec![("terms", Detail::Numbers(entropies.to_vec()))])
    }
}
