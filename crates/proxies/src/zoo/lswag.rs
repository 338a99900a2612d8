use spaces::Scope;
use tables::Direction;

use super::zico::inverse_std;
use crate::readings::{MagnitudeMoments, MomentReading, Patterns, SignPatterns};
use crate::{Detail, Evidence, Input, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `L-SWAG`: spread of gradients times number of activation patterns.
#[derive(Clone, Copy, Debug)]
pub struct Lswag;

static META: Meta = Meta {
    name: "lswag",
    version: 1,
    title: "L-SWAG",
    formula: "(sum over layers of ln( sum over weights of 1 / std(|g|) )) * number of sign patterns of ReLU units",
    paper: "L-SWAG: Layer-Sample Wise Activation with Gradients Information for Zero-Shot NAS on Vision Transformers \
        (Casarin et al., CVPR 2025), arXiv 2505.07300, Eq. 1",
    reference: "own definition after the paper (arXiv 2505.07300, Eq. 1); no code could be had",
    direction: Direction::HigherIsBetter,
    unit: "nats * patterns",
    scope: Scope::Whole,
    passes: &[
        PassSpec { state: State::BATCHES, readings: &[&MomentReading::Magnitude] },
        PassSpec { state: State { input: Input::Joined, ..State::BATCHES }, readings: &[&SignPatterns] },
    ],
    set_dependent: false,
    conventions: "All layers: the paper sums those between two depth percentiles that it picks per benchmark. std is the \
        population standard deviation over batches of |g|, PyTorch's default weights; patterns are counted over all \
        batches passed as one. The paper says neither. Weights with std 0 are dropped, layers without any skipped: a \
        disconnected network scores 0.",
};

impl Proxy for Lswag {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let MagnitudeMoments(moments) = evidence.of();
        let [sums] = moments.sums(evidence.layers(), |layer| [inverse_std(layer)]);
        let patterns: &Patterns = evidence.of();
        let logarithms: Vec<f64> = sums.into_iter().filter(|&sum| sum != 0.0).map(f64::ln).collect();
        let (lambda, psi) = (logarithms.iter().sum::<f64>(), patterns.distinct() as f64);
        let details = vec![("log_terms", Detail::Numbers(logarithms)), ("lambda_", Detail::Number(lambda)), ("psi", Detail::Number(psi))];
        Score::finite(lambda * psi, "the product", details)
    }
}
