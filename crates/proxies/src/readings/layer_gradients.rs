use std::any::Any;

use netgraph::ModuleId;
use tch::{Kind, Tensor};

use crate::reading::{Demands, Reader, Reading, Run, Setup};
use crate::{Error, LayerSums};

/// Gradient of the first batch's mean loss with respect to the weight of every layer.
#[derive(Clone, Copy, Debug)]
pub struct GradientReading;

/// What [`GradientReading`] finds.
#[derive(Debug, Default)]
pub struct LayerGradients {
    layers: Vec<(Vec<ModuleId>, Tensor, Option<Tensor>)>,
    value: f64,
}

impl LayerGradients {
    /// From modules, weight and gradient of each layer (`None`: zero), and the value that was differentiated.
    #[must_use]
    pub fn new(layers: Vec<(Vec<ModuleId>, Tensor, Option<Tensor>)>, value: f64) -> Self {
        Self { layers, value }
    }

    /// What was differentiated: the loss.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// Modules and gradient of each layer that has one.
    pub fn layers(&self) -> impl Iterator<Item = (&[ModuleId], &Tensor)> {
        self.layers.iter().filter_map(|(modules, _, gradient)| Some((modules.as_slice(), gradient.as_ref()?)))
    }

    /// For each layer of `order`, sums over its weights: `quantities` maps the weight and its gradient, both in f64, to `K`
    /// tensors of their shape. Layers without a gradient give 0.
    pub fn sums<const K: usize>(&self, order: &[ModuleId], quantities: impl Fn(&Tensor, &Tensor) -> [Tensor; K]) -> [Vec<f64>; K] {
        let mut sums = LayerSums::default();
        for (modules, weight, gradient) in &self.layers {
            if let Some(gradient) = gradient {
                sums.push(modules, quantities(&weight.detach().to_kind(Kind::Double), &gradient.to_kind(Kind::Double)));
            }
        }
        sums.finish(order)
    }
}

impl Reading for GradientReading {
    fn name(&self) -> &'static str {
        "gradients of the loss"
    }

    fn demands(&self) -> Demands {
        Demands::LOSS
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(LayerGradients::default())
    }
}

impl Reader for LayerGradients {
    fn wants_layers(&self, batch: usize) -> bool {
        batch == 0
    }

    fn gradients(&mut self, run: &Run, layers: &[Option<Tensor>], _: &[Option<Tensor>]) -> Result<(), Error> {
        let of = |(layer, gradient): (&engine::Layer, &Option<Tensor>)| {
            (layer.modules.clone(), layer.weight.shallow_clone(), gradient.as_ref().map(Tensor::shallow_clone))
        };
        self.layers = run.model.layers().iter().zip(layers).map(of).collect();
        self.value = run.loss.map_or(0.0, |loss| loss.double_value(&[]));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
