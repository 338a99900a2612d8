use spaces::Scope;
use tables::Direction;
use tch::Tensor;

use crate::layer_sums::is_finite;
use crate::readings::{InputJacobian, Jacobian};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined, eigenvalues, to_vec};

/// How differently the output depends on each image.
#[derive(Clone, Copy, Debug)]
pub struct JacobCov;

static META: Meta = Meta {
    name: "jacob_cov",
    version: 1,
    title: "JacobCov",
    formula: "-sum over eigenvalues v of corr(J) of ln(v + 1e-5) + 1/(v + 1e-5)",
    paper: "Neural Architecture Search without Training (Mellor et al., first version, 2020), arXiv 2006.04647v1",
    reference: "SamsungLabs/zero-cost-nas@a43bfbc foresight/pruners/measures/jacob_cov.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&InputJacobian] }],
    set_dependent: false,
    conventions: "Jacobian of the sum of all outputs (over the whole batch) with respect to the images, a row a sample; first \
        batch, train mode. corr is the correlation matrix between rows; its eigenvalues come from a symmetric solver, \
        where the reference takes a general one. Null if an image has no influence, or every path ends in a batch \
        norm.",
};

impl Proxy for JacobCov {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let correlations = correlations(evidence)?;
        let eigenvalues = to_vec(&eigenvalues(&correlations));
        let value = -eigenvalues.iter().map(|v| v + 1e-5).map(|v| v.ln() + 1.0 / v).sum::<f64>();
        Score::finite(value, "the sum over eigenvalues", vec![("eigenvalues", Detail::Numbers(eigenvalues))])
    }
}

/// Correlations between the rows of the Jacobian.
pub(super) fn correlations(evidence: &Evidence) -> Result<Tensor, Undefined> {
    evidence.needs_connection()?;
    evidence.needs_varying_output()?;
    let jacobian: &Jacobian = evidence.of();
    let rows = jacobian.rows.as_ref().ok_or_else(|| Undefined::because("the output does not depend on the images"))?;
    let correlations = Jacobian::correlations(rows);
    if !is_finite(&correlations) {
        return Err(Undefined::because("the output does not depend on one of the images, or on all its pixels alike: no correlation"));
    }
    Ok(correlations)
}
