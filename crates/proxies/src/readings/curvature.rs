use std::any::Any;

use netgraph::ModuleId;
use tch::{Kind, Tensor};

use super::LayerGradients;
use crate::Error;
use crate::reading::{Cost, Demands, Reader, Reading, Run, Setup, derivatives};

/// Hessian of the first batch's loss times its gradient: the gradient of `sum stopgrad(g) * g` with respect to the weights.
#[derive(Clone, Copy, Debug)]
pub struct CurvatureGradient;

/// What [`CurvatureGradient`] finds: the products in the place of gradients.
#[derive(Debug, Default)]
pub struct Curvature(pub LayerGradients);

impl Reading for CurvatureGradient {
    fn name(&self) -> &'static str {
        "Hessian times gradient"
    }

    fn demands(&self) -> Demands {
        Demands { cost: Cost::Forwards(12.0), ..Demands::LOSS }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(Curvature::default())
    }
}

impl Reader for Curvature {
    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        let (0, Some(loss)) = (run.batch, run.loss) else { return Ok(()) };
        let layers = run.model.layers();
        let trained: Vec<usize> = (0..layers.len()).filter(|&k| layers[k].weight.requires_grad()).collect();
        let weights: Vec<Tensor> = trained.iter().map(|&k| layers[k].weight.shallow_clone()).collect();
        let gradients = derivatives(loss, &weights, true)?;
        let products = gradients.iter().flatten().map(|g| (g.detach() * g).sum(None::<Kind>));
        let Some(inner) = products.reduce(|sum, product| sum + product) else { return Ok(()) };
        let curvature = derivatives(&inner, &weights, false)?;
        let mut found: Vec<(Vec<ModuleId>, Tensor, Option<Tensor>)> = Vec::new();
        for (k, product) in trained.into_iter().zip(curvature) {
            found.push((layers[k].modules.clone(), layers[k].weight.shallow_clone(), product.map(|p| p.detach())));
        }
        self.0 = LayerGradients::new(found, inner.double_value(&[]));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
