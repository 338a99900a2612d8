use engine::Norm;
use spaces::Scope;
use tables::{Direction, Status};

use crate::readings::{SampleGradients, SampleReading};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `GradSign`: how far samples agree on the sign of each gradient.
#[derive(Clone, Copy, Debug)]
pub struct GradSign;

static META: Meta = Meta {
    name: "gradsign",
    version: 3,
    title: "GradSign",
    formula: "mean over weights of |sum over samples of sign(g_i)|",
    paper: "GradSign: Model Performance Inference with Theoretical Insights (Zhang and Jia, ICLR 2022), arXiv 2110.08616",
    reference: "cvlab-yonsei/AZ-NAS@5e6683a NB201/ZeroShotProxy/compute_gradsign_score.py",
    direction: Direction::HigherIsBetter,
    unit: "samples",
    scope: Scope::Whole,
    passes: &[PassSpec { state: ONE_BY_ONE, readings: &[&SampleReading] }],
    set_dependent: false,
    conventions: "Each sample is a batch of one in train mode, so that its batch norms normalise by its own statistics; the \
        samples of the first batch run together under instance normalisation. Convolutions and linear layers, weights \
        only. Null where a batch norm reads maps that are equal at all positions (of one pixel, or behind a \
        pooling as large as the map: no variance), or where every path ends in a batch norm (the output is \
        then constant). The mean, which is that of AZ-NAS's code, counts the weights of dead layers, whose gradients are 0; the paper sums: `gradsign_sum`.",
};

impl Proxy for GradSign {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let sum = agreement(evidence)?;
        Score::finite(sum / evidence.n_layer_weights() as f64, "the mean over weights", vec![("sum", Detail::Number(sum))])
    }
}

/// Every image a batch of its own.
pub(super) const ONE_BY_ONE: State = State { norm: Norm::Instance, ..State::BATCHES };

/// Sum over weights of |sum over samples of sign(g)|.
pub(super) fn agreement(evidence: &Evidence) -> Result<f64, Undefined> {
    evidence.needs_more_than_noise_alone()?;
    let gradients: &SampleGradients = evidence.of();
    let [signs, squares] = gradients.of_layers(evidence.layers());
    // Infinity has a sign, too, and NaN counts as none.
    let squares: f64 = squares.iter().sum();
    if !squares.is_finite() {
        return Err(Undefined {
            status: Status::NonFinite,
            reason: format!("the sum of the squared gradients is {squares}: their signs mean nothing"),
        });
    }
    Ok(signs.iter().sum())
}
