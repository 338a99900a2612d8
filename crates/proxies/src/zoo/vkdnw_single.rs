use spaces::Scope;
use tables::Direction;

use super::VkdnwEntropy;
use super::vkdnw_entropy::EVAL;
use crate::readings::LogitSensitivities;
use crate::{Evidence, Meta, PassSpec, Proxy, Score, Undefined};

/// VKDNW's single score.
#[derive(Clone, Copy, Debug)]
pub struct VkdnwSingle;

static META: Meta = Meta {
    name: "vkdnw_single",
    version: 2,
    title: "VKDNW",
    formula: "number of parameter tensors + entropy of the Fisher information's spectrum",
    paper: "Training-free Neural Architecture Search through Variance of Knowledge of Deep Network Weights (Tybl and \
        Neumann, CVPR 2025), arXiv 2502.04975, Eq. 12",
    reference: "ondratybl/VKDNW@6901b65 NB201/ZeroShotProxy/compute_vkdnw_score.py",
    direction: Direction::HigherIsBetter,
    unit: "1",
    scope: Scope::Whole,
    passes: &[PassSpec { state: EVAL, readings: &[&LogitSensitivities] }],
    set_dependent: false,
    conventions: "The Fisher information of the first element of each of the first 128 parameter tensors, Kaiming weights, batch \
        norms in eval mode (mean 0, variance 1), softmax smoothed by 5 %; (L J)^T (L J) with L the lower Cholesky \
        factor of the softmax covariance, as the code has it (the paper: L^T J). First batch. The reference holds 0.05 \
        in half precision, which moves it by up to 5e-3. Only for classification; null for a disconnected network, and where the batch has so few \
        images (B) that all deciles are 0: the rank is at most B (classes - 1). In \
        f32 the small deciles move by 1e-3. The entropy lies below ln 9 = 2.2, so the \
        sum ranks first by the number of tensors where two networks differ by three or more. Not in the released code.",
};

impl Proxy for VkdnwSingle {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let entropy = VkdnwEntropy.score(evidence)?;
        Score::finite(evidence.n_tensors() as f64 + entropy.value, "the sum", entropy.details)
    }
}
