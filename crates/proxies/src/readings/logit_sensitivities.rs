use std::any::Any;

use engine::{Moment, Trainable};
use netgraph::{Conv2d, Module, Op};
use tch::{Kind, Tensor, no_grad};

use crate::reading::{Cost, Demands, Derivative, Extent, Reader, Reading, Run, Setup, derivatives};
use crate::{Error, to_vec};

/// Parameter tensors looked at.
const MOST_TENSORS: usize = 128;

/// Derivatives of every sample's logits with respect to the first element of each of the first 128 parameter tensors (canonical
/// order), first batch. Batch norms in eval mode, so that samples don't mix: the derivative with respect to an element is then
/// a product of what goes in and the gradient of what comes out, and one backward pass a class serves all samples and elements.
#[derive(Clone, Copy, Debug)]
pub struct LogitSensitivities;

/// What [`LogitSensitivities`] finds.
#[derive(Debug)]
pub struct Sensitivities {
    /// Jacobian `[batch, classes, tensors]`, f64; `None` where the output is a map.
    pub jacobian: Option<Tensor>,
    /// Logits `[batch, classes]`, f64.
    pub logits: Tensor,
}

impl Reading for LogitSensitivities {
    fn name(&self) -> &'static str {
        "derivatives of logits with respect to single weights"
    }

    fn demands(&self) -> Demands {
        Demands {
            extent: Extent::AsBuilt,
            trainable: Trainable::Layers,
            derivative: Derivative::Own,
            operations: false,
            cost: Cost::PerClass(2.1),
            ..Demands::FORWARD
        }
    }

    fn start(&self, setup: &Setup) -> Box<dyn Reader> {
        let (modules, numbers) = setup.graph.map(|g| (g.modules().to_vec(), g.tensor_numbers())).unwrap_or_default();
        let tensors = modules.iter().map(Module::n_tensors).sum::<usize>().min(MOST_TENSORS);
        let empty = Sensitivities { jacobian: None, logits: Tensor::new() };
        Box::new(Collector { modules, numbers, tensors, outputs: Vec::new(), elements: Vec::new(), found: empty })
    }
}

/// An element: its derivative is the sum over positions of `factor` times channel `channel` of the gradient of output `output`.
struct Element {
    tensor: usize,
    output: usize,
    channel: i64,
    /// `[batch, positions]`; `None` for a bias, where it is 1.
    factor: Option<Tensor>,
}

struct Collector {
    modules: Vec<Module>,
    numbers: Vec<usize>,
    tensors: usize,
    outputs: Vec<Tensor>,
    elements: Vec<Element>,
    found: Sensitivities,
}

impl Reader for Collector {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        let ids = match &moment.node.op {
            Op::Conv2d(ids) | Op::BatchNorm2d(ids) => ids.clone(),
            Op::Linear(id) => vec![*id],
            _ => return,
        };
        let (0, Some(input)) = (batch, moment.input) else { return };
        if ids.iter().all(|&id| self.numbers[id] >= self.tensors) {
            return;
        }
        self.outputs.push(moment.output.shallow_clone());
        no_grad(|| {
            for (part, &id) in ids.iter().enumerate() {
                let channel = moment.output.size()[1] / ids.len() as i64 * part as i64;
                let first = |factor| Element { tensor: self.numbers[id], output: self.outputs.len() - 1, channel, factor };
                let weight = match self.modules[id] {
                    Module::Conv2d(conv) => corner(&conv, &input.select(1, 0), moment.output),
                    Module::BatchNorm2d(norm) => (input.select(1, channel) / (1.0 + norm.eps).sqrt()).flatten(1, -1),
                    _ => input.narrow(1, 0, 1),
                };
                self.elements.push(first(Some(weight)));
                if self.modules[id].n_biases() > 0 {
                    self.elements.push(Element { tensor: self.numbers[id] + 1, ..first(None) });
                }
            }
        });
    }

    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        let logits = &run.forward.logits;
        if run.batch > 0 || logits.dim() != 2 {
            return Ok(());
        }
        if self.modules.is_empty() {
            self.found = one_by_one(run)?;
            return Ok(());
        }
        self.elements.retain(|element| element.tensor < self.tensors);
        let (samples, classes) = (logits.size()[0], logits.size()[1]);
        let jacobian = Tensor::zeros([samples, classes, self.tensors as i64], (Kind::Double, logits.device()));
        for class in 0..classes {
            let sum = logits.select(1, class).sum(None::<Kind>);
            let gradients = derivatives(&sum, &self.outputs, false)?;
            for Element { tensor, output, channel, factor } in &self.elements {
                let Some(gradient) = &gradients[*output] else { continue };
                let of_channel = gradient.select(1, *channel).reshape([samples, -1]);
                let products = factor.as_ref().map_or_else(|| of_channel.shallow_clone(), |factor| factor * &of_channel);
                let derivative = products.sum_dim_intlist([1i64].as_slice(), false, Kind::Double);
                // Operations that share a module add up.
                let _ = jacobian.select(1, class).select(1, *tensor as i64).g_add_(&derivative);
            }
        }
        self.found = Sensitivities { jacobian: Some(jacobian), logits: logits.detach().to_kind(Kind::Double) };
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.found)
    }
}

/// The same for a model whose operations are not known: a backward pass for each sample and class.
fn one_by_one(run: &Run) -> Result<Sensitivities, Error> {
    let parameters: Vec<Tensor> = run.model.trained().into_iter().map(|p| p.tensor).take(MOST_TENSORS).collect();
    let logits = &run.forward.logits;
    let (samples, classes) = (logits.size()[0], logits.size()[1]);
    let jacobian = Tensor::zeros([samples, classes, parameters.len() as i64], (Kind::Double, logits.device()));
    for sample in 0..samples {
        let alone = run.model.forward(&run.images.narrow(0, sample, 1))?;
        for class in 0..classes {
            let gradients = derivatives(&alone.get(0).get(class), &parameters, false)?;
            for (tensor, gradient) in gradients.iter().enumerate() {
                let Some(gradient) = gradient else { continue };
                let first = gradient.flatten(0, -1).get(0).to_kind(Kind::Double);
                jacobian.get(sample).get(class).get(tensor as i64).copy_(&first);
            }
        }
    }
    Ok(Sensitivities { jacobian: Some(jacobian), logits: logits.detach().to_kind(Kind::Double) })
}

/// What the first element of a convolution's kernel, its upper left corner, meets of the first channel `[batch, h, w]`:
/// `[batch, positions of the output]`.
fn corner(conv: &Conv2d, channel: &Tensor, output: &Tensor) -> Tensor {
    let (pad, stride) = (conv.padding as i64, conv.stride as i64);
    let padded = channel.constant_pad_nd([pad, pad, pad, pad]);
    let (h, w) = (output.size()[2], output.size()[3]);
    let met = padded.slice(1, 0, (h - 1) * stride + 1, stride).slice(2, 0, (w - 1) * stride + 1, stride);
    met.flatten(1, -1)
}

impl Sensitivities {
    /// Mean over samples of the Fisher information `[tensors, tensors]` of a softmax smoothed by 5 %, as the released code has
    /// it: `(L J)^T (L J)`, L the lower Cholesky factor of diag(p) - p p^T. `None` where the output is a map.
    #[must_use]
    pub fn fisher_information(&self) -> Option<Tensor> {
        let jacobian = self.jacobian.as_ref()?;
        let (samples, classes) = (self.logits.size()[0], self.logits.size()[1] as usize);
        let smooth = self.logits.softmax(1, Kind::Double) * 0.95 + 0.05 / classes as f64;
        let factors: Vec<f64> = to_vec(&smooth).chunks_exact(classes).flat_map(cholesky).collect();
        let factors = Tensor::from_slice(&factors).view([samples, classes as i64, classes as i64]).to_device(jacobian.device());
        let weighted = factors.matmul(jacobian);
        Some(weighted.transpose(1, 2).matmul(&weighted).mean_dim([0i64].as_slice(), false, None::<Kind>))
    }
}

/// Lower Cholesky factor of `diag(p) - p p^T` in closed form, row-major: with `q_k = 1 - (p_0 + ... + p_k)`,
/// `L_kk = sqrt(p_k q_k / q_(k-1))` and `L_ik = -p_i L_kk / q_k` below it; the last column is 0.
fn cholesky(p: &[f64]) -> Vec<f64> {
    let n = p.len();
    let mut factor = vec![0.0; n * n];
    let mut before = 1.0;
    for k in 0..n.saturating_sub(1) {
        // Summed from the small end: q_k as what is left of 1 would lose its digits.
        let after: f64 = p[k + 1..].iter().sum();
        let diagonal = (p[k] * after / before).sqrt();
        factor[k * n + k] = diagonal;
        for i in k + 1..n {
            factor[i * n + k] = -p[i] * diagonal / after;
        }
        before = after;
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_times_its_transpose_is_the_covariance() {
        let p = [0.1, 0.4, 0.2, 0.3];
        let factor = Tensor::from_slice(&cholesky(&p)).view([4, 4]);
        let p = Tensor::from_slice(&p);
        let want = p.diag(0) - p.outer(&p);
        assert!(factor.matmul(&factor.tr()).allclose(&want, 0.0, 1e-15, false));
    }
}
