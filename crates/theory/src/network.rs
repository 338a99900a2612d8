//! A two-layer network whose second layer is fixed.

use netgraph::rng::Stream;
use tch::{Kind, Tensor};

use crate::{Result, Samples, streams};

/// h(x) = (1/sqrt m) sum over units of s ReLU(w.x), with fixed signs s.
#[derive(Debug)]
pub struct TwoLayer {
    /// First layer, `[width, dimensions]`.
    pub weights: Tensor,
    /// s/sqrt m, `[width]`.
    second: Tensor,
}

/// What a batch gives.
#[derive(Debug)]
pub struct Pass {
    /// h, `[n]`.
    pub outputs: Tensor,
    /// 1 where a unit is active (w.x > 0), else 0; `[n, width]`.
    pub active: Tensor,
}

impl TwoLayer {
    /// The network of that number: weights independent standard normal, signs +1 or -1 with even odds.
    pub fn random(seed: u64, number: u64, width: usize, dimensions: usize) -> Result<Self> {
        let (weights, signs) = (Stream::new(seed, streams::WEIGHTS + number), Stream::new(seed, streams::SIGNS + number));
        let weights: Vec<f64> = (0..width * dimensions).map(|i| weights.normal(i as u64)).collect();
        let scale = 1.0 / (width as f64).sqrt();
        let second: Vec<f64> = (0..width).map(|r| if signs.bits(r as u64) >> 63 == 0 { scale } else { -scale }).collect();
        Self::new(&weights, &second, dimensions)
    }

    /// A network of given weights `[width, dimensions]` and second layer `[width]`.
    pub fn new(weights: &[f64], second: &[f64], dimensions: usize) -> Result<Self> {
        let weights = Tensor::from_slice(weights).f_view([second.len() as i64, dimensions as i64])?;
        Ok(Self { weights, second: Tensor::from_slice(second) })
    }

    /// Another network with the same weights.
    pub fn copy(&self) -> Self {
        Self { weights: self.weights.copy(), second: self.second.shallow_clone() }
    }

    /// Outputs and active units on `x`, `[n, dimensions]`.
    pub fn pass(&self, x: &Tensor) -> Pass {
        let before = x.matmul(&self.weights.tr());
        let active = before.gt(0.0).to_kind(Kind::Double);
        Pass { outputs: (before * &active).mv(&self.second), active }
    }

    /// Sum over the samples of `coefficients` (`[n]`) times the gradient of h by the first layer: `[width, dimensions]`. The derivative
    /// of ReLU at 0 is 0.
    pub fn gradient(&self, x: &Tensor, pass: &Pass, coefficients: &Tensor) -> Tensor {
        let per_unit = &pass.active * coefficients.unsqueeze(1) * self.second.unsqueeze(0);
        per_unit.tr().matmul(x)
    }

    /// Subtracts `rate` times `gradient`.
    pub fn descend(&mut self, gradient: &Tensor, rate: f64) {
        self.weights -= gradient * rate;
    }
}

/// Vectors `[n, dimensions]` and targets `[n]` of samples.
pub fn tensors(samples: &Samples) -> Result<Shared> {
    let x = Tensor::from_slice(samples.x()).f_view([samples.len() as i64, samples.dimensions() as i64])?;
    Ok(Shared(x, Tensor::from_slice(samples.y())))
}

/// Tensors that several workers read.
#[derive(Debug)]
pub struct Shared(pub Tensor, pub Tensor);

// SAFETY: libtorch's tensors may be read by several threads at a time (their count of owners is atomic), and nothing changes these:
// the operations of this crate that write do so to tensors of their own.
unsafe impl Sync for Shared {}

/// The one number of a tensor.
pub fn number(tensor: &Tensor) -> f64 {
    tensor.double_value(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(tensor: &Tensor) -> Vec<f64> {
        Vec::try_from(tensor.flatten(0, -1)).unwrap()
    }

    #[test]
    fn outputs_and_gradients_are_as_by_hand() {
        // Units (1, 0) with +1 and (0, -1) with -1; the second layer is scaled by 1/2 here.
        let network = TwoLayer::new(&[1.0, 0.0, 0.0, -1.0], &[0.5, -0.5], 2).unwrap();
        let x = Tensor::from_slice(&[3.0, 4.0, 2.0, -6.0]).view([2, 2]);
        let pass = network.pass(&x);
        // (3, 4): units 3 and -4, of which the first is active. (2, -6): 2 and 6.
        assert_eq!(numbers(&pass.outputs), [1.5, 1.0 - 3.0]);
        assert_eq!(numbers(&pass.active), [1.0, 0.0, 1.0, 1.0]);
        let gradient = network.gradient(&x, &pass, &Tensor::from_slice(&[1.0, 10.0]));
        assert_eq!(numbers(&gradient), [0.5 * 3.0 + 5.0 * 2.0, 0.5 * 4.0 - 5.0 * 6.0, -5.0 * 2.0, 5.0 * 6.0]);
    }

    #[test]
    fn the_gradient_is_that_of_libtorch() {
        let network = TwoLayer::random(1, 2, 7, 5).unwrap();
        let x: Vec<f64> = (0..15).map(|i| Stream::new(9, 9).normal(i)).collect();
        let (x, y) = (Tensor::from_slice(&x).view([3, 5]), Tensor::from_slice(&[1.0, 2.0, 3.0]));
        let weights = network.weights.copy().set_requires_grad(true);
        let loss = (x.matmul(&weights.tr()).relu().mv(&network.second) - &y).square().sum(Kind::Double);
        loss.backward();
        let pass = network.pass(&x);
        let ours = network.gradient(&x, &pass, &((&pass.outputs - &y) * 2.0));
        assert!(number(&(ours - weights.grad()).abs().max()) < 1e-13);
    }
}
