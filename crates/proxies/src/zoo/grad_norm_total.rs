use engine::Scheme;
use spaces::Scope;
use tables::Direction;

use crate::readings::{TotalGradient, TotalReading};
use crate::{Evidence, Input, Meta, PassSpec, Proxy, Score, State, Undefined};

/// Euclidean norm of the gradient of all parameters together.
#[derive(Clone, Copy, Debug)]
pub struct GradNormTotal;

static META: Meta = Meta {
    name: "grad_norm_total",
    version: 2,
    title: "GradNorm (all parameters)",
    formula: "sqrt( sum over all parameters of g^2 )",
    paper: "Zen-NAS (Lin et al., ICCV 2021), arXiv 2102.01063, as a baseline; the form of ZenNAS, ZiCo and AZ-NAS",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_gradnorm_score.py",
    direction: Direction::HigherIsBetter,
    unit: "loss per unit of weight",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State { input: Input::Noise, ..State::BATCHES }.with_init(Scheme::Gaussian), readings: &[&TotalReading] }],
    set_dependent: false,
    conventions: "All parameters, batch norms and biases too, those of batch norms that read zeros included. Noise N(0, 1) as \
        large as a batch with random labels, as in the references (AZ-NAS: Kaiming weights, `--init kaiming-normal- \
        fan-in`).",
};

impl Proxy for GradNormTotal {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let total: &TotalGradient = evidence.of();
        Score::finite(total.squares.sqrt(), "the norm of the gradient", Vec::new())
    }
}
