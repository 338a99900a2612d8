use tch::{Tensor, no_grad};

use crate::Recipe;

/// Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` does it, on all parameters at once: they
/// are moved into one stretch of memory, so a step is a handful of operations however many layers there are.
#[derive(Debug)]
pub struct Sgd {
    parameters: Vec<Tensor>,
    /// Values of all parameters, one after the other.
    flat: Tensor,
    /// 1 for what decays always (weights of convolutions and linear layers), 0 for the rest.
    weights: Tensor,
    velocity: Option<Tensor>,
}

impl Sgd {
    /// Takes over these parameters, whose values stay.
    ///
    /// # Errors
    /// [`tch::TchError`] if there is no memory.
    pub fn new(parameters: Vec<Tensor>) -> Result<Self, tch::TchError> {
        no_grad(|| {
            let flat = Tensor::f_cat(&parameters.iter().map(along_memory).collect::<Vec<_>>(), 0)?;
            let marks = parameters.iter().map(|parameter| along_memory(parameter).f_full_like(i64::from(parameter.dim() > 1)));
            let weights = Tensor::f_cat(&marks.collect::<Result<Vec<_>, _>>()?, 0)?;
            let mut at = 0;
            for parameter in &parameters {
                let length = parameter.numel() as i64;
                let place = flat.f_narrow(0, at, length)?.f_as_strided(parameter.size(), parameter.stride(), at)?;
                parameter.shallow_clone().set_data(&place);
                at += length;
            }
            Ok(Self { parameters, flat, weights, velocity: None })
        })
    }

    /// One step against the gradient of the loss.
    ///
    /// # Errors
    /// [`tch::TchError`] if libtorch fails.
    pub fn step(&mut self, loss: &Tensor, rate: f64, recipe: &Recipe) -> Result<(), tch::TchError> {
        let parameters: Vec<&Tensor> = self.parameters.iter().collect();
        let gradients = Tensor::f_run_backward(&[loss], &parameters, false, false)?;
        no_grad(|| {
            let parts: Vec<Tensor> = gradients
                .iter()
                .zip(&self.parameters)
                .map(|(gradient, parameter)| {
                    // What the loss doesn't depend on only decays.
                    if gradient.defined() { in_the_order_of(gradient, parameter) } else { along_memory(parameter).zeros_like() }
                })
                .collect();
            let mut gradient = Tensor::f_cat(&parts, 0)?;
            if recipe.weight_decay != 0.0 {
                let decay = &self.flat * recipe.weight_decay;
                gradient += if recipe.decay_all { decay } else { decay * &self.weights };
            }
            let velocity = match self.velocity.take() {
                None => gradient.copy(),
                Some(velocity) => velocity * recipe.momentum + &gradient,
            };
            let direction = if recipe.nesterov { gradient + &velocity * recipe.momentum } else { velocity.shallow_clone() };
            self.velocity = Some(velocity);
            self.flat -= direction * rate;
            Ok(())
        })
    }

    /// What a checkpoint holds of it: the parameters, and the velocity if there has been a step.
    pub fn state(&self) -> (&Tensor, Option<&Tensor>) {
        (&self.flat, self.velocity.as_ref())
    }

    /// Goes back to that.
    pub fn restore(&mut self, flat: &Tensor, velocity: Option<&Tensor>) {
        no_grad(|| self.flat.copy_(flat));
        self.velocity = velocity.map(Tensor::copy);
    }
}

/// A tensor's values in the order of its memory; it fills a stretch of it (kernels may be laid out channels-last).
fn along_memory(tensor: &Tensor) -> Tensor {
    in_the_order_of(tensor, tensor)
}

/// The values of `tensor` in the order of the memory of `other`, which has the same shape.
fn in_the_order_of(tensor: &Tensor, other: &Tensor) -> Tensor {
    let strides = other.stride();
    let mut dims: Vec<i64> = (0..strides.len() as i64).collect();
    // Dimensions of length one have any stride.
    dims.sort_by_key(|&d| std::cmp::Reverse((strides[d as usize], other.size()[d as usize])));
    tensor.detach().permute(dims.as_slice()).reshape([-1])
}

#[cfg(test)]
mod tests {
    use engine::{DType, Placement};
    use tch::{Device, Kind};

    use super::*;

    /// Two steps on `sum(c * p^2) / 2`, whose gradient is `c * p`, by the formulas of `torch.optim.SGD`.
    #[test]
    fn two_steps_by_hand() {
        let recipe = Recipe { momentum: 0.9, weight_decay: 0.01, ..Recipe::find("nb201").unwrap() };
        let placement = Placement { channels_last: true, ..Placement::new(Device::Cpu, DType::F64) };
        let curvature: Vec<f64> = (0..24).map(|k| 0.1 * f64::from(k)).collect();
        let start: Vec<f64> = (0..24).map(|k| 1.0 - 0.2 * f64::from(k)).collect();
        for (nesterov, decay_all) in [(false, true), (true, true), (true, false)] {
            let recipe = Recipe { nesterov, decay_all, ..recipe.clone() };
            // A kernel whose memory is channels-last, and a vector that the loss doesn't depend on.
            let kernel = placement.tensor(&start, &[2, 3, 2, 2]).unwrap().set_requires_grad(true);
            let unused = Tensor::ones([3], (Kind::Double, Device::Cpu)).set_requires_grad(true);
            let scale = placement.tensor(&curvature, &[2, 3, 2, 2]).unwrap();
            let mut sgd = Sgd::new(vec![kernel.shallow_clone(), unused.shallow_clone()]).unwrap();
            let (mut want, mut velocity, mut rest, mut rest_velocity) = (start.clone(), vec![0.0; 24], 1.0, 0.0);
            for rate in [0.5, 0.2] {
                let loss: Tensor = (&kernel * &kernel * &scale).sum(Kind::Double) / 2.0;
                sgd.step(&loss, rate, &recipe).unwrap();
                let move_by_hand = |value: &mut f64, velocity: &mut f64, slope: f64, decay: f64| {
                    let gradient = slope + decay * *value;
                    *velocity = 0.9 * *velocity + gradient;
                    *value -= rate * if nesterov { gradient + 0.9 * *velocity } else { *velocity };
                };
                for k in 0..24 {
                    let slope = curvature[k] * want[k];
                    move_by_hand(&mut want[k], &mut velocity[k], slope, 0.01);
                }
                move_by_hand(&mut rest, &mut rest_velocity, 0.0, if decay_all { 0.01 } else { 0.0 });
            }
            let mut got = vec![0.0; 24];
            kernel.detach().contiguous().view([-1]).copy_data(&mut got, 24);
            for (got, want) in got.iter().zip(&want) {
                assert!((got - want).abs() < 1e-12, "{got} {want}");
            }
            assert!((unused.double_value(&[1]) - rest).abs() < 1e-12);
        }
    }
}
