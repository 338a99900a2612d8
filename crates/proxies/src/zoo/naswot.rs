use spaces::Scope;
use tables::Direction;

use crate::readings::{ReluSigns, Signs};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `NASWOT`: how differently the samples of a batch switch the ReLUs.
#[derive(Clone, Copy, Debug)]
pub struct Naswot;

static META: Meta = Meta {
    name: "naswot",
    version: 2,
    title: "NASWOT",
    formula: "ln |det K|, K = sum over ReLUs of c c^T + (1 - c)(1 - c)^T, c = (input > 0) per sample",
    paper: "Neural Architecture Search without Training (Mellor et al., ICML 2021), arXiv 2006.04647",
    reference: "automl/NASLib@0b51bc1 naslib/predictors/utils/pruners/measures/nwot.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Whole,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&ReluSigns] }],
    set_dependent: false,
    conventions: "One forward of the first batch in train mode. Every ReLU module counts once, those on dead edges too; ReLUs \
        that read one tensor count each. K is counted exactly, in integers, and so is its rank. Null where K is singular: where two samples \
        switch every ReLU alike, or where there are more samples than ReLU units that differ (the reference gives minus infinity, or rounding noise). The original counts in a second forward pass, on a copy of the batch, and only \
        ReLUs that a backward pass has reached: the same figure, dead edges included, since `none` passes a gradient of zeros.",
};

impl Proxy for Naswot {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let Signs(signs) = evidence.of();
        let Some(value) = signs.log_abs_determinant() else {
            return Err(Undefined::because(
                "the kernel is singular: samples that switch every ReLU alike, or more samples than the ReLUs tell apart",
            ));
        };
        let row: Vec<f64> = signs.kernel().into_iter().take(signs.batch().min(8)).collect();
        let details = vec![("units", Detail::Number(signs.units() as f64)), ("kernel_row0", Detail::Numbers(row))];
        Score::finite(value, "the logarithm of the determinant", details)
    }
}
