use engine::Scheme;
use spaces::Scope;
use tables::Direction;

use super::jacob_cov::JacobCov;
use crate::readings::InputJacobian;
use crate::{Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `JacobCov` with the weights that VKDNW's aggregate takes it with.
#[derive(Clone, Copy, Debug)]
pub struct JacobCovKaiming;

static META: Meta = Meta {
    name: "jacob_cov_kaiming",
    version: 1,
    title: "JacobCov, Kaiming weights",
    formula: "as jacob_cov, with Kaiming weights (normal, fan-in)",
    paper: "VKDNW (Tybl and Neumann, CVPR 2025), a part of its aggregate (Eq. 15)",
    reference: "ondratybl/VKDNW@6901b65 NB201/ZeroShotProxy/compute_vkdnw_score.py (weights), SamsungLabs/zero-cost-nas@a43bfbc \
        foresight/pruners/measures/jacob_cov.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State { init: Scheme::KaimingNormalFanIn, ..State::BATCHES }, readings: &[&InputJacobian] }],
    set_dependent: false,
    conventions: "Those of jacob_cov.",
};

impl Proxy for JacobCovKaiming {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        JacobCov.score(evidence)
    }
}
