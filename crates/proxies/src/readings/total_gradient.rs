use std::any::Any;

use engine::Trainable;
use tch::{Kind, Tensor};

use crate::Error;
use crate::reading::{Cost, Demands, Extent, Model, Reader, Reading, Run, Setup};

/// Sum of the squared gradient of the first batch's loss over all parameters, batch norms and biases included.
#[derive(Clone, Copy, Debug)]
pub struct TotalReading;

/// What [`TotalReading`] finds.
#[derive(Debug, Default)]
pub struct TotalGradient {
    /// The sum of squares.
    pub squares: f64,
    parameters: Vec<Tensor>,
}

impl Reading for TotalReading {
    fn name(&self) -> &'static str {
        "gradients of all parameters"
    }

    fn demands(&self) -> Demands {
        Demands { extent: Extent::AsBuilt, trainable: Trainable::Everything, cost: Cost::Forwards(1.6), ..Demands::LOSS }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(TotalGradient::default())
    }
}

impl Reader for TotalGradient {
    fn begin(&mut self, model: &dyn Model) {
        self.parameters = model.trained().into_iter().map(|p| p.tensor).collect();
    }

    fn wants(&mut self, _: usize) -> Vec<Tensor> {
        std::mem::take(&mut self.parameters)
    }

    fn gradients(&mut self, run: &Run, _: &[Option<Tensor>], wanted: &[Option<Tensor>]) -> Result<(), Error> {
        if run.batch == 0 {
            let squares: Vec<Tensor> = wanted.iter().flatten().map(|g| g.to_kind(Kind::Double).square().sum(None::<Kind>)).collect();
            self.squares = if squares.is_empty() { 0.0 } else { Tensor::stack(&squares, 0).sum(None::<Kind>).double_value(&[]) };
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
