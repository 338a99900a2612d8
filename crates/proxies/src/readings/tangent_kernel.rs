use std::any::Any;

use engine::{Slot, Trainable};
use tch::{Kind, Tensor};

use crate::Error;
use crate::reading::{Cost, Demands, Derivative, Reader, Reading, Run, Setup, derivatives};

/// Neural tangent kernel of the first batch: products of the samples' gradients of their summed logits with respect to every
/// weight, those of batch norms included. Keeps every sample's gradient: batch times parameters.
#[derive(Clone, Copy, Debug)]
pub struct TangentKernel;

/// What [`TangentKernel`] finds.
#[derive(Debug, Default)]
pub struct Kernel {
    /// `[batch, batch]`, f64; `None` if no parameter is a weight.
    pub matrix: Option<Tensor>,
    /// Ratio of eigenvalues that the gradients' dtype can tell from zero.
    pub resolution: f64,
}

impl Reading for TangentKernel {
    fn name(&self) -> &'static str {
        "tangent kernel"
    }

    fn demands(&self) -> Demands {
        let loss = Demands { derivative: Derivative::Own, trainable: Trainable::Everything, ..Demands::LOSS };
        Demands { cost: Cost::PerImage(1.8), ..loss }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(Kernel::default())
    }
}

impl Reader for Kernel {
    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        if run.batch > 0 {
            return Ok(());
        }
        let weights: Vec<Tensor> = run.model.trained().into_iter().filter(|p| p.slot == Slot::Weight).map(|p| p.tensor).collect();
        let samples = run.images.size()[0];
        let mut of_weight: Vec<Vec<Tensor>> = weights.iter().map(|_| Vec::new()).collect();
        for sample in 0..samples {
            let sum = run.forward.logits.get(sample).sum(None::<Kind>);
            for ((gradient, weight), of_weight) in derivatives(&sum, &weights, false)?.into_iter().zip(&weights).zip(&mut of_weight) {
                of_weight.push(gradient.unwrap_or_else(|| weight.zeros_like()).flatten(0, -1));
            }
        }
        let products = of_weight.into_iter().map(|rows| {
            let rows = Tensor::stack(&rows, 0).to_kind(Kind::Double);
            rows.matmul(&rows.tr())
        });
        self.matrix = products.reduce(|sum, product| sum + product);
        self.resolution = if run.forward.logits.kind() == Kind::Double { 1e-10 } else { 1e-6 };
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
