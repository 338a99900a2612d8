use std::any::Any;

use tch::{Kind, Tensor};

use super::LayerGradients;
use crate::Error;
use crate::reading::{Cost, Demands, Derivative, Reader, Reading, Run, Setup, derivatives};

/// Gradient of the sum of the output with respect to the weight of every layer.
#[derive(Clone, Copy, Debug)]
pub struct FlowGradients;

/// What [`FlowGradients`] finds.
#[derive(Debug, Default)]
pub struct Flow {
    /// The gradients, divided by 2 to the power `exponent`.
    pub gradients: LayerGradients,
    /// See there; 0 unless something grew beyond 2^256.
    pub exponent: i32,
}

impl Reading for FlowGradients {
    fn name(&self) -> &'static str {
        "gradient of the summed output with respect to the weights"
    }

    fn demands(&self) -> Demands {
        // Of one image in f64, mostly what calling each operation costs.
        Demands { derivative: Derivative::Own, cost: Cost::Forwards(15.0), ..Demands::LOSS }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(Flow::default())
    }
}

impl Reader for Flow {
    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        if run.batch > 0 {
            return Ok(());
        }
        let sum = run.forward.logits.sum(None::<Kind>);
        let layers: Vec<&engine::Layer> = run.model.layers().iter().filter(|l| l.weight.requires_grad()).collect();
        let weights: Vec<Tensor> = layers.iter().map(|l| l.weight.shallow_clone()).collect();
        let gradients = derivatives(&sum, &weights, false)?;
        let found = layers.iter().zip(weights).zip(gradients).map(|((l, weight), gradient)| (l.modules.clone(), weight, gradient));
        self.gradients = LayerGradients::new(found.collect(), sum.double_value(&[]));
        self.exponent = run.forward.exponent;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
