use std::any::Any;

use engine::{FirstOrder, Layer, Moment, Network};
use netgraph::{ModuleId, NodeId};
use tch::{Kind, Tensor};

use crate::reading::{Cost, Demands, Model, Reader, Reading, Run, Setup, derivatives};
use crate::{Error, LayerSums};

/// Hessian of the first batch's loss times its gradient, times the weights.
#[derive(Clone, Copy, Debug)]
pub struct CurvatureGradient;

/// What [`CurvatureGradient`] finds.
#[derive(Debug, Default)]
pub struct Curvature {
    sums: LayerSums<1>,
    /// By node, as the forward pass left them.
    outputs: Vec<Option<Tensor>>,
    /// Nodes whose gradients it asked for.
    asked: Vec<NodeId>,
}

impl Curvature {
    /// Sum over its weights of `w * (H g)` for each layer of `order`; 0 for layers without a gradient.
    #[must_use]
    pub fn along_weights(&self, order: &[ModuleId]) -> Vec<f64> {
        let [sums] = self.sums.finish(order);
        sums
    }
}

impl Reading for CurvatureGradient {
    fn name(&self) -> &'static str {
        "Hessian times gradient"
    }

    fn demands(&self) -> Demands {
        Demands { cost: Cost::Forwards(6.0), ..Demands::LOSS }
    }

    fn start(&self, setup: &Setup) -> Box<dyn Reader> {
        let nodes = setup.graph.map_or(0, |graph| graph.nodes().len());
        Box::new(Curvature { outputs: (0..nodes).map(|_| None).collect(), ..Curvature::default() })
    }
}

impl Reader for Curvature {
    fn begin(&mut self, model: &dyn Model) {
        self.asked = model.network().map_or_else(Vec::new, Network::bending);
    }

    fn tap(&mut self, batch: usize, moment: &Moment) {
        if batch == 0 {
            self.outputs[moment.id] = Some(moment.output.shallow_clone());
        }
    }

    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        match run.loss {
            Some(loss) if run.batch == 0 && run.model.network().is_none() => self.differentiate_twice(run, loss),
            _ => Ok(()),
        }
    }

    fn wants(&mut self, batch: usize) -> Vec<Tensor> {
        if batch > 0 {
            return Vec::new();
        }
        // What runs without gradient bends nothing.
        let known = |outputs: &[Option<Tensor>], id: NodeId| outputs[id].as_ref().filter(|o| o.requires_grad()).map(Tensor::shallow_clone);
        self.asked.retain(|&id| known(&self.outputs, id).is_some());
        self.asked.iter().filter_map(|&id| known(&self.outputs, id)).collect()
    }

    fn wants_layers(&self, batch: usize) -> bool {
        batch == 0 && !self.outputs.is_empty()
    }

    fn goes_on(&self, batch: usize) -> bool {
        self.wants_layers(batch)
    }

    fn gradients(&mut self, run: &Run, layers: &[Option<Tensor>], wanted: &[Option<Tensor>]) -> Result<(), Error> {
        let (0, Some(network), Some(targets)) = (run.batch, run.model.network(), run.targets) else { return Ok(()) };
        let mut cotangents: Vec<Option<Tensor>> = self.outputs.iter().map(|_| None).collect();
        for (&id, gradient) in self.asked.iter().zip(wanted) {
            cotangents[id] = gradient.as_ref().map(Tensor::shallow_clone);
        }
        let known = FirstOrder { images: run.images, outputs: &self.outputs, cotangents: &cotangents, direction: layers };
        let sums = network.curvature(&known, &|tangent| {
            let logits = run.forward.logits.detach().set_requires_grad(true);
            let loss = targets.loss(run.images, &logits, run.norm)?;
            let slope = derivatives(&loss, &[logits.shallow_clone()], true)?.pop().flatten();
            let along = slope.map(|slope| (slope * tangent).sum(None::<Kind>));
            along.map_or(Ok(None), |along| Ok::<_, Error>(derivatives(&along, &[logits], false)?.pop().flatten()))
        })?;
        for (layer, sum) in network.layers().iter().zip(sums) {
            if let Some(sum) = sum {
                self.sums.push(&layer.modules, [sum]);
            }
        }
        self.outputs.clear();
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Curvature {
    /// Where only the loss is known: the gradient of `sum stopgrad(g) * g` with respect to the weights.
    fn differentiate_twice(&mut self, run: &Run, loss: &Tensor) -> Result<(), Error> {
        let layers: Vec<&Layer> = run.model.layers().iter().filter(|layer| layer.weight.requires_grad()).collect();
        let weights: Vec<Tensor> = layers.iter().map(|layer| layer.weight.shallow_clone()).collect();
        let gradients = derivatives(loss, &weights, true)?;
        let products = gradients.iter().flatten().map(|g| (g.detach() * g).sum(None::<Kind>));
        let Some(inner) = products.reduce(|sum, product| sum + product) else { return Ok(()) };
        for (layer, product) in layers.iter().zip(derivatives(&inner, &weights, false)?) {
            if let Some(product) = product {
                self.sums.push(&layer.modules, [layer.weight.detach() * product]);
            }
        }
        Ok(())
    }
}
