use std::any::Any;

use tch::{Kind, Tensor};

use crate::reading::{Cost, Demands, Derivative, Reader, Reading, Run, Setup, derivatives};
use crate::{Error, TensorTargets, to_vec};

/// Gradient of the sum of all outputs with respect to the images of the first batch.
#[derive(Clone, Copy, Debug)]
pub struct InputJacobian;

/// What [`InputJacobian`] finds.
#[derive(Debug, Default)]
pub struct Jacobian {
    /// A row a sample, `[batch, pixels]`, f64; `None` if the output does not depend on the images.
    pub rows: Option<Tensor>,
    /// Class of each sample, where samples have classes.
    pub labels: Option<Vec<usize>>,
}

impl Jacobian {
    /// Correlation coefficients between samples, `[batch, batch]`, as `numpy.corrcoef` gives them.
    pub fn correlations(rows: &Tensor) -> Tensor {
        let centred = rows - rows.mean_dim([1i64].as_slice(), true, None::<Kind>);
        let products = centred.matmul(&centred.tr());
        let norms = products.diagonal(0, 0, 1).sqrt();
        products / (norms.unsqueeze(0) * norms.unsqueeze(1))
    }
}

impl Reading for InputJacobian {
    fn name(&self) -> &'static str {
        "gradient of the summed output with respect to the images"
    }

    fn demands(&self) -> Demands {
        Demands { derivative: Derivative::Image, operations: false, cost: Cost::Forwards(1.6), ..Demands::FORWARD }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(Jacobian::default())
    }
}

impl Reader for Jacobian {
    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        if run.batch > 0 {
            return Ok(());
        }
        let sum = run.forward.logits.sum(None::<Kind>);
        let gradient = derivatives(&sum, &[run.images.shallow_clone()], false)?.pop().flatten();
        self.rows = gradient.map(|g| g.to_kind(Kind::Double).reshape([run.images.size()[0], -1]));
        if let Some(TensorTargets::Classes(classes)) = run.targets
            && classes.dim() == 1
        {
            self.labels = Some(to_vec(classes).into_iter().map(|class| class as usize).collect());
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
