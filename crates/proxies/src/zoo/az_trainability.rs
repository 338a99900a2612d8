use spaces::Scope;
use tables::Direction;

use crate::readings::{BlockReading, Blocks};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// How well each block passes gradients on.
#[derive(Clone, Copy, Debug)]
pub struct AzTrainability;

static META: Meta = Meta {
    name: "az_trainability",
    version: 1,
    title: "AZ-NAS trainability",
    formula: "mean over blocks of -s - 1/(s + 1e-6) + 2, s the spectral norm of the block's Jacobian as seen by a random \
        direction",
    paper: "AZ-NAS: Assembling Zero-Cost Proxies for Network Architecture Search (Lee and Ham, CVPR 2024), arXiv \
        2403.19232",
    reference: "cvlab-yonsei/AZ-NAS@5e6683a NB201/ZeroShotProxy/compute_az_nas_score.py",
    direction: Direction::HigherIsBetter,
    unit: "1",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::KAIMING_NOISE, readings: &[&BlockReading] }],
    set_dependent: false,
    conventions: "Blocks are the stem, then each cell and reduction; defined for nb201 and nats-sss only, whose code names them. \
        Kaiming weights, noise N(0, 1) as large as a batch (as in the reference), train mode. A direction of random \
        signs at the block's output is taken back to its input; s is the largest singular value of the mean over batch \
        and positions of the outer product of what comes back with what went in (larger maps are folded into channels \
        first). A block that hands nothing back, as in a disconnected network, has the term -999998, which is a value and no stand-in: \
        -s - 1/(s + 1e-6) + 2 at s = 0, as in the reference. Null where a block hands back exactly what went in (minus infinity in the reference).",
};

impl Proxy for AzTrainability {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let blocks: &Blocks = evidence.of();
        if blocks.trainability.is_empty() {
            return Err(Undefined::does_not_apply("the search space names no blocks"));
        }
        if blocks.trainability.contains(&f64::NEG_INFINITY) {
            return Err(Undefined::because("a block is an identity: it hands back the very direction that went in"));
        }
        let mean = blocks.trainability.iter().sum::<f64>() / blocks.trainability.len() as f64;
        Score::finite(mean, "the mean over blocks", vec![("terms", Detail::Numbers(blocks.trainability.clone()))])
    }
}
