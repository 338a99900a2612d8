use std::any::Any;

use netgraph::ModuleId;
use tch::Kind;

use crate::LayerSums;
use crate::reading::{Demands, Extent, Model, Reader, Reading, Setup};

/// Sum of the squared weights of every layer.
#[derive(Clone, Copy, Debug)]
pub struct WeightNorms;

/// What [`WeightNorms`] finds.
#[derive(Debug, Default)]
pub struct Norms(LayerSums<1>);

impl Norms {
    /// The l2 norm of each layer's weight.
    #[must_use]
    pub fn of_layers(&self, order: &[ModuleId]) -> Vec<f64> {
        let [sums] = self.0.finish(order);
        sums.into_iter().map(f64::sqrt).collect()
    }
}

impl Reading for WeightNorms {
    fn name(&self) -> &'static str {
        "norms of the weights"
    }

    fn demands(&self) -> Demands {
        Demands { extent: Extent::Whole, operations: false, ..Demands::FORWARD }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(Norms::default())
    }
}

impl Reader for Norms {
    fn begin(&mut self, model: &dyn Model) {
        for layer in model.layers() {
            self.0.push(&layer.modules, [layer.weight.detach().to_kind(Kind::Double).square()]);
        }
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
