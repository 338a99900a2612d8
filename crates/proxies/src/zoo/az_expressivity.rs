use spaces::Scope;
use tables::{Direction, Status};

use crate::readings::{BlockReading, Blocks};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// How evenly the features of each block are spread.
#[derive(Clone, Copy, Debug)]
pub struct AzExpressivity;

static META: Meta = Meta {
    name: "az_expressivity",
    version: 1,
    title: "AZ-NAS expressivity",
    formula: "sum over blocks of the entropy of the principal components of the block's features",
    paper: "AZ-NAS: Assembling Zero-Cost Proxies for Network Architecture Search (Lee and Ham, CVPR 2024), arXiv \
        2403.19232",
    reference: "cvlab-yonsei/AZ-NAS@5e6683a NB201/ZeroShotProxy/compute_az_nas_score.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::KAIMING_NOISE, readings: &[&BlockReading] }],
    set_dependent: false,
    conventions: "Blocks are the stem, then each cell and reduction; defined for nb201 and nats-sss only, whose code names them. \
        Kaiming weights, noise N(0, 1) as large as a batch (as in the reference), train mode. Components are the \
        eigenvalues of the covariance between channels, normalised to sum 1; entropy -sum p ln(p + 1e-8). Null for a \
        disconnected network, whose blocks give zeros.",
};

impl Proxy for AzExpressivity {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let entropies = entropies(evidence)?;
        Score::finite(entropies.iter().sum(), "the sum of entropies", vec![("terms", Detail::Numbers(entropies.to_vec()))])
    }
}

/// Entropy of each block's features.
pub(super) fn entropies<'a>(evidence: &Evidence<'a>) -> Result<&'a [f64], Undefined> {
    let blocks: &Blocks = evidence.of();
    if blocks.entropies.is_empty() {
        return Err(Undefined::does_not_apply("the search space names no blocks"));
    }
    // The features of its blocks are zero.
    evidence.needs_connection()?;
    if let Some(entropy) = blocks.entropies.iter().find(|entropy| !entropy.is_finite()) {
        return Err(Undefined { status: Status::NonFinite, reason: format!("the entropy of a block is {entropy}") });
    }
    Ok(&blocks.entropies)
}
