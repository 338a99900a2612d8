use engine::{Norm, Scheme};
use spaces::Scope;
use tables::Direction;

use crate::readings::{Perturbation, PerturbationReading};
use crate::{Detail, Evidence, Input, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `Zen-score`: how far features move when noise is added to the input.
#[derive(Clone, Copy, Debug)]
pub struct Zen;

static META: Meta = Meta {
    name: "zen",
    version: 2,
    title: "Zen-score",
    formula: "ln(mean over samples of ||f(x) - f(x + 0.01 x')||_1) + sum over batch norms of 1/2 ln(mean of running \
        variance)",
    paper: "Zen-NAS: A Zero-Shot NAS for High-Performance Image Recognition (Lin et al., ICCV 2021), arXiv 2102.01063",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_zen_score.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Whole,
    passes: &[PassSpec { state: NOISE, readings: &[&PerturbationReading] }],
    set_dependent: false,
    conventions: "x and x' are N(0, 1) noise (streams 0 and 100 of the data seed), as many images as a batch; weights N(0, 1); f \
        is the feature map before global average pooling. Both passes in train mode, and only then are the running \
        variances read, with the momentum each batch norm was built with. Dead batch norms count. Null for a \
        disconnected network.",
};

impl Proxy for Zen {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        evidence.needs_connection()?;
        let perturbation: &Perturbation = evidence.of();
        if perturbation.distance == 0.0 {
            return Err(Undefined::because("noise does not move the features"));
        }
        let (delta, log_bn) = (perturbation.distance, perturbation.variances.iter().map(|v| v.ln() / 2.0).sum::<f64>());
        Score::finite(delta.ln() + log_bn, "the score", vec![("delta", Detail::Number(delta)), ("log_bn", Detail::Number(log_bn))])
    }
}

const NOISE: State = State { input: Input::Perturbed, init: Scheme::Gaussian, absolute: false, norm: Norm::Tracked, dtype: None };
