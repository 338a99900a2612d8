use spaces::Scope;
use tables::Direction;

use crate::readings::{Kernel, TangentKernel};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined, eigenvalues, to_vec};

/// Condition number of the neural tangent kernel.
#[derive(Clone, Copy, Debug)]
pub struct Ntk;

static META: Meta = Meta {
    name: "ntk",
    version: 1,
    title: "NTK condition number",
    formula: "lambda_max / lambda_min of the Gram matrix of the samples' gradients of their summed logits",
    paper: "Neural Architecture Search on ImageNet in Four GPU Hours: A Theoretically Inspired Perspective (TE-NAS, Chen \
        et al., ICLR 2021), arXiv 2102.11535",
    reference: "cvlab-yonsei/AZ-NAS@5e6683a NB201/ZeroShotProxy/compute_ntk_score.py",
    direction: Direction::LowerIsBetter,
    unit: "ratio",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&TangentKernel] }],
    set_dependent: false,
    conventions: "One forward of the first batch in train mode (`--samples ntk=16` for its first 16 images, as a batch of their \
        own); gradients of each sample's summed logits with respect to every weight, those of batch norms and the \
        classifier included, biases not. Smaller is better: the references return minus the number, or 1e5 for NaN. \
        Null where the kernel is singular: two equal images, a disconnected network, paths that all end in a batch \
        norm; or to working precision (lambda_min below 1e-10 lambda_max in f64, 1e-6 in f32).",
};

impl Proxy for Ntk {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        evidence.needs_connection()?;
        evidence.needs_varying_output()?;
        let kernel: &Kernel = evidence.of();
        let singular = || Undefined::because("the tangent kernel is singular to working precision");
        let eigenvalues = kernel.matrix.as_ref().map(|kernel| to_vec(&eigenvalues(kernel))).ok_or_else(singular)?;
        let (Some(&least), Some(&largest)) = (eigenvalues.first(), eigenvalues.last()) else { return Err(singular()) };
        // Also where an eigenvalue is not a number.
        if least.is_nan() || largest.is_nan() || least < kernel.resolution * largest {
            return Err(singular());
        }
        Score::finite(largest / least, "the condition number", vec![("eigenvalues", Detail::Numbers(eigenvalues))])
    }
}
