use engine::{Norm, Scheme};
use spaces::Scope;
use tables::Direction;

use crate::readings::{LogitSensitivities, Sensitivities};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined, singular_values, to_vec};

/// Entropy of the Fisher information's spectrum.
#[derive(Clone, Copy, Debug)]
pub struct VkdnwEntropy;

static META: Meta = Meta {
    name: "vkdnw_entropy",
    version: 2,
    title: "VKDNW entropy",
    formula: "entropy of the deciles 0.1 ... 0.9 of the singular values of the Fisher information, normalised to sum 1",
    paper: "Training-free Neural Architecture Search through Variance of Knowledge of Deep Network Weights (Tybl and \
        Neumann, CVPR 2025), arXiv 2502.04975",
    reference: "ondratybl/VKDNW@6901b65 NB201/ZeroShotProxy/compute_vkdnw_score.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Whole,
    passes: &[PassSpec { state: EVAL, readings: &[&LogitSensitivities] }],
    set_dependent: false,
    conventions: "The Fisher information of the first element of each of the first 128 parameter tensors, Kaiming weights, batch \
        norms in eval mode (mean 0, variance 1), softmax smoothed by 5 %; (L J)^T (L J) with L the lower Cholesky \
        factor of the softmax covariance, as the code has it (the paper: L^T J). First batch. The reference holds 0.05 \
        in half precision, which moves it by up to 5e-3. Only for classification; null for a disconnected network, and where the batch has so few \
        images (B) that all deciles are 0: the rank is at most B (classes - 1). In \
        f32 the small deciles move by 1e-3.",
};

impl Proxy for VkdnwEntropy {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let deciles = deciles(evidence)?;
        let total: f64 = deciles.iter().sum::<f64>() + 1e-10;
        let value = -deciles.iter().map(|q| q / total).map(|q| q * (q + 1e-10).ln()).sum::<f64>();
        Score::finite(value, "the entropy", vec![("quantiles", Detail::Numbers(deciles))])
    }
}

pub(super) const EVAL: State = State { norm: Norm::Eval, ..State::BATCHES }.with_init(Scheme::KaimingNormalFanIn);

/// Deciles 0.1 ... 0.9 of the singular values, interpolated linearly.
fn deciles(evidence: &Evidence) -> Result<Vec<f64>, Undefined> {
    evidence.needs_connection()?;
    let sensitivities: &Sensitivities = evidence.of();
    let information = sensitivities.fisher_information();
    let information = information.ok_or_else(|| Undefined::does_not_apply("the output is a map, not logits of classes"))?;
    let mut values = to_vec(&singular_values(&information));
    values.sort_unstable_by(f64::total_cmp);
    let (samples, classes) =
        sensitivities.logits.size2().map_err(|_| Undefined::does_not_apply("the output is no row of logits an image"))?;
    let (rank, highest) = ((samples * (classes - 1)) as usize, (0.9 * (values.len() - 1) as f64).ceil() as usize);
    if highest + rank < values.len() {
        return Err(Undefined::because(format!(
            "{samples} images of {classes} classes give a Fisher information of {} parameters a rank of at most {rank}: the deciles of its singular \
             values are 0",
            values.len()
        )));
    }
    let at = |position: f64| {
        let below = (position.floor() as usize).min(values.len() - 1);
        let above = (below + 1).min(values.len() - 1);
        values[below] + (values[above] - values[below]) * (position - below as f64)
    };
    Ok((1..10).map(|decile| at(f64::from(decile) / 10.0 * (values.len() - 1) as f64)).collect())
}
