use spaces::Scope;
use tables::Direction;

use super::gradsign::ONE_BY_ONE;
use crate::readings::{SampleGradients, SampleReading};
use crate::{Evidence, Meta, PassSpec, Proxy, Score, Undefined};

/// `KNAS`: mean of the Gram matrix of the samples' gradients.
#[derive(Clone, Copy, Debug)]
pub struct Knas;

static META: Meta = Meta {
    name: "knas",
    version: 2,
    title: "KNAS",
    formula: "mean over pairs of samples of g_i . g_j",
    paper: "KNAS: Green Neural Architecture Search (Xu et al., ICML 2021), arXiv 2111.13293",
    reference: "Jingjing-NLP/KNAS@main (read without a recorded commit, no figure from it; our reading of the paper; the code is not a function of the network)",
    direction: Direction::HigherIsBetter,
    unit: "loss^2 per unit of weight^2",
    scope: Scope::Live,
    passes: &[PassSpec { state: ONE_BY_ONE, readings: &[&SampleReading] }],
    set_dependent: false,
    conventions: "Each sample is a batch of one in train mode, so that its batch norms normalise by its own statistics; the \
        samples of the first batch run together under instance normalisation. Convolutions and linear layers, weights \
        only. Null where a batch norm reads maps that are equal at all positions (of one pixel, or behind a \
        pooling as large as the map: no variance), or where every path ends in a batch norm (the output is \
        then constant). Our reading of the paper: all layers, all pairs, a sample with itself included, which makes it \
        ||sum of g_i||^2 over the square of their number. The released code takes 100 components of 10 tensors over 50 \
        batches of its training loop.",
};

impl Proxy for Knas {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        evidence.needs_more_than_noise_alone()?;
        let gradients: &SampleGradients = evidence.of();
        let [_, squares] = gradients.of_layers(evidence.layers());
        let samples = gradients.samples as f64;
        Score::finite(squares.iter().sum::<f64>() / (samples * samples), "the mean of the Gram matrix", Vec::new())
    }
}
