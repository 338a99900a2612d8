use std::any::Any;

use engine::Moment;
use netgraph::{ModuleId, Op};
use tch::{Kind, Tensor};

use crate::reading::{Cost, Demands, Reader, Reading, Run, Setup};
use crate::{Error, LayerSums};

/// How much the first batch's loss depends on each output channel of each layer: the channel's activations times their gradients.
#[derive(Clone, Copy, Debug)]
pub struct ChannelSaliency;

/// What [`ChannelSaliency`] finds.
#[derive(Debug, Default)]
pub struct Saliency {
    outputs: Vec<(Vec<ModuleId>, Tensor)>,
    sums: LayerSums<1>,
}

impl Saliency {
    /// For each layer of `order`: sum over its output channels of half the mean over samples of s^2, where s is the sum over
    /// positions of activation times gradient.
    #[must_use]
    pub fn of_layers(&self, order: &[ModuleId]) -> Vec<f64> {
        let [sums] = self.sums.finish(order);
        sums
    }
}

impl Reading for ChannelSaliency {
    fn name(&self) -> &'static str {
        "activations times gradients"
    }

    fn demands(&self) -> Demands {
        Demands { operations: true, cost: Cost::Forwards(0.3), ..Demands::LOSS }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(Saliency::default())
    }
}

impl Reader for Saliency {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        let modules = match &moment.node.op {
            Op::Conv2d(modules) => modules.clone(),
            Op::Linear(module) => vec![*module],
            _ => return,
        };
        if batch == 0 && moment.output.requires_grad() {
            self.outputs.push((modules, moment.output.shallow_clone()));
        }
    }

    fn wants(&mut self, batch: usize) -> Vec<Tensor> {
        if batch > 0 {
            return Vec::new();
        }
        self.outputs.iter().map(|(_, output)| output.shallow_clone()).collect()
    }

    fn gradients(&mut self, run: &Run, _: &[Option<Tensor>], wanted: &[Option<Tensor>]) -> Result<(), Error> {
        if run.batch > 0 {
            return Ok(());
        }
        for ((modules, output), gradient) in std::mem::take(&mut self.outputs).into_iter().zip(wanted) {
            let Some(gradient) = gradient else { continue };
            let mut products = output.detach() * gradient;
            if products.dim() == 4 {
                products = products.sum_dim_intlist([2i64, 3].as_slice(), false, None::<Kind>);
            }
            let channels = products.to_kind(Kind::Double).square().mean_dim([0i64].as_slice(), false, None::<Kind>) / 2.0;
            self.sums.push(&modules, [channels]);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
