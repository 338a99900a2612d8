use std::any::Any;
use std::collections::BTreeMap;

use engine::{Moment, Norm};
use netgraph::{Conv2d, Module, ModuleId, Op};
use tch::{Kind, Tensor};

use crate::reading::{Cost, Demands, Reader, Reading, Run, Setup, derivatives};
use crate::{Error, LayerSums};

/// Gradients of each sample's own loss with respect to the weight of every layer, reduced over samples.
///
/// A batch of one in train mode is normalised by its own statistics, so under instance normalisation one pass over the whole
/// batch gives every sample's gradients: the output's gradient of a layer times its input, sample by sample.
#[derive(Clone, Copy, Debug)]
pub struct SampleReading;

/// What [`SampleReading`] finds.
#[derive(Debug, Default)]
pub struct SampleGradients {
    /// Sum over samples of sign(g), in absolute value; and (sum over samples of g)^2.
    sums: LayerSums<2>,
    /// Samples.
    pub samples: usize,
}

impl SampleGradients {
    /// For each layer of `order`: sums over its weights of |sum over samples of sign(g)| and of (sum over samples of g)^2.
    #[must_use]
    pub fn of_layers(&self, order: &[ModuleId]) -> [Vec<f64>; 2] {
        self.sums.finish(order)
    }

    /// Adds a layer by its samples' gradients `[batch, ...]`.
    fn push(&mut self, modules: &[ModuleId], gradients: &Tensor) {
        let over_samples = |t: &Tensor| t.sum_dim_intlist([0i64].as_slice(), false, None::<Kind>).to_kind(Kind::Double);
        let squares = over_samples(gradients).square();
        self.sums.push(modules, [over_samples(&gradients.sign()).abs(), squares]);
    }
}

impl Reading for SampleReading {
    fn name(&self) -> &'static str {
        "gradients of each sample"
    }

    fn demands(&self) -> Demands {
        Demands { cost: Cost::Forwards(5.0), ..Demands::LOSS }
    }

    fn start(&self, setup: &Setup) -> Box<dyn Reader> {
        let modules = setup.graph.map(|graph| graph.modules().to_vec());
        Box::new(Collector { modules, uses: Vec::new(), found: SampleGradients::default() })
    }
}

/// Where a layer was applied.
struct Use {
    modules: Vec<ModuleId>,
    input: Tensor,
    output: Tensor,
}

struct Collector {
    modules: Option<Vec<Module>>,
    uses: Vec<Use>,
    found: SampleGradients,
}

impl Reader for Collector {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        let modules = match &moment.node.op {
            Op::Conv2d(modules) => modules.clone(),
            Op::Linear(module) => vec![*module],
            _ => return,
        };
        if let (0, true, Some(input)) = (batch, moment.output.requires_grad(), moment.input) {
            self.uses.push(Use { modules, input: input.detach(), output: moment.output.shallow_clone() });
        }
    }

    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        // A model of which nothing is known runs sample by sample.
        let (0, None, Some(targets)) = (run.batch, &self.modules, run.targets) else { return Ok(()) };
        let layers = run.model.layers();
        let weights: Vec<Tensor> = layers.iter().map(|l| l.weight.shallow_clone()).collect();
        let samples = run.images.size()[0];
        let mut of_layer: Vec<Vec<Tensor>> = layers.iter().map(|_| Vec::new()).collect();
        for sample in 0..samples {
            let image = run.images.narrow(0, sample, 1);
            let loss = targets.narrow(sample, 1).loss(&image, &run.model.forward(&image)?, Norm::Train)?;
            for ((gradient, weight), of_layer) in derivatives(&loss, &weights, false)?.into_iter().zip(&weights).zip(&mut of_layer) {
                of_layer.push(gradient.unwrap_or_else(|| weight.zeros_like()));
            }
        }
        for (layer, gradients) in layers.iter().zip(of_layer) {
            self.found.push(&layer.modules, &Tensor::stack(&gradients, 0));
        }
        self.found.samples = samples as usize;
        Ok(())
    }

    fn wants(&mut self, _: usize) -> Vec<Tensor> {
        self.uses.iter().map(|u| u.output.shallow_clone()).collect()
    }

    fn gradients(&mut self, run: &Run, _: &[Option<Tensor>], wanted: &[Option<Tensor>]) -> Result<(), Error> {
        let (0, Some(modules)) = (run.batch, &self.modules) else { return Ok(()) };
        let samples = run.images.size()[0];
        // Shared layers are applied more than once; their gradient is the sum.
        let mut of_layer: BTreeMap<ModuleId, Tensor> = BTreeMap::new();
        for (Use { modules: ids, input, .. }, gradient) in std::mem::take(&mut self.uses).into_iter().zip(wanted) {
            let Some(gradient) = gradient else { continue };
            // The loss is the mean over samples.
            let gradient = gradient * samples as f64;
            // Fused modules one by one: a grouped convolution likes as many channels out as in.
            for (&id, gradient) in ids.iter().zip(gradient.chunk(ids.len() as i64, 1)) {
                let own = match &modules[id] {
                    Module::Conv2d(conv) => of_conv(conv, &input, &gradient)?,
                    _ => gradient.unsqueeze(2).matmul(&input.unsqueeze(1)),
                };
                of_layer.entry(id).and_modify(|sum| *sum += &own).or_insert(own);
            }
        }
        for (id, gradients) in of_layer {
            self.found.push(&[id], &gradients);
        }
        self.found.samples = samples as usize;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.found)
    }
}

/// Gradient of each sample `[batch, c_out, c_in / groups, k, k]` from the input and the output's gradient.
///
/// Samples become groups of one grouped convolution with a weight each, and libtorch differentiates that: many times faster than
/// unfolding the input into columns, although the output of the convolution is thrown away.
fn of_conv(conv: &Conv2d, input: &Tensor, gradient: &Tensor) -> Result<Tensor, Error> {
    let (n, k) = (input.size()[0], conv.kernel as i64);
    let side = |n: usize| [n as i64; 2];
    let grouped = |map: &Tensor| map.contiguous().view([1, -1, map.size()[2], map.size()[3]]);
    let (c_in, c_out, groups) = ((conv.c_in / conv.groups) as i64, conv.c_out as i64, conv.groups as i64);
    let weight = Tensor::zeros([n * c_out, c_in, k, k], (input.kind(), input.device())).set_requires_grad(true);
    let output = grouped(input).conv2d(&weight, None::<&Tensor>, side(conv.stride), side(conv.padding), [1, 1], n * groups);
    let product = (output * grouped(gradient)).sum(None::<Kind>);
    let own = derivatives(&product, &[weight.shallow_clone()], false)?.pop().flatten();
    Ok(own.unwrap_or_else(|| weight.zeros_like()).view([n, c_out, c_in, k, k]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_at_a_time_gives_the_same_gradient_of_a_convolution() {
        for conv in [Conv2d::new(4, 6, 3), Conv2d { groups: 2, ..Conv2d::new(4, 6, 3) }, Conv2d::depthwise(4, 3)] {
            let conv = conv.with_stride(2);
            let (c_out, groups) = (conv.c_out as i64, conv.groups as i64);
            let input = Tensor::randn([2, 4, 7, 7], (Kind::Double, tch::Device::Cpu));
            let weight = Tensor::randn([c_out, 4 / groups, 3, 3], (Kind::Double, tch::Device::Cpu)).set_requires_grad(true);
            let output = input.conv2d(&weight, None::<&Tensor>, [2, 2], [1, 1], [1, 1], groups);
            let of_output = Tensor::randn_like(&output);
            let own = of_conv(&conv, &input, &of_output).unwrap();
            for sample in 0..2 {
                let product = (output.narrow(0, sample, 1) * of_output.narrow(0, sample, 1)).sum(Kind::Double);
                let want = derivatives(&product, &[weight.shallow_clone()], true).unwrap().pop().flatten().unwrap();
                assert!(own.get(sample).allclose(&want, 1e-12, 1e-12, false), "{groups} groups");
            }
        }
    }
}
