use spaces::Scope;
use tables::Direction;

use crate::readings::{Curvature, CurvatureGradient};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `GraSP`: what removing each weight would do to the flow of gradients.
#[derive(Clone, Copy, Debug)]
pub struct Grasp;

static META: Meta = Meta {
    name: "grasp",
    version: 1,
    title: "GraSP",
    formula: "sum over layers and weights of -w * (H g), H the Hessian of the loss",
    paper: "Picking Winning Tickets Before Training by Preserving Gradient Flow (Wang et al., ICLR 2020), arXiv 2002.07376",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/grasp.py",
    direction: Direction::HigherIsBetter,
    unit: "loss",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&CurvatureGradient] }],
    set_dependent: false,
    conventions: "First batch for both g and H g; temperature 1, one iteration. H g is the gradient of the sum of stopgrad(g) * \
        g over the weights of convolutions and linear layers. The sign is that of the reference, whose authors added \
        the minus.",
};

impl Proxy for Grasp {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let curvature: &Curvature = evidence.of();
        let sums: Vec<f64> = curvature.along_weights(evidence.layers()).into_iter().map(|sum| -sum).collect();
        Score::finite(sums.iter().sum(), "the sum over weights", vec![("layer_sums", Detail::Numbers(sums))])
    }
}
