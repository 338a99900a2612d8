use engine::{Error, Init, Network, Norm, Parameters, Placement, Scheme, Slot, Trainable};
use netgraph::{Module, ModuleId, rng};
use tch::{Kind, Tensor};

/// Stream of the critic's own seed, drawn from the seed of the weights.
const SEED_STREAM: u64 = 800;
/// Module that the reference leaves without spectral normalisation: the last convolution.
const LAST: ModuleId = 6;

/// The discriminator of the image-to-image tasks of `TransNAS-Bench-101`, freshly initialised and fixed: it takes part in
/// the loss, not in the network that is scored.
///
/// # Conventions
/// PyTorch's default initialisation under a seed of its own (`bits(seed, 800, 0)`). Spectral normalisation divides each weight
/// by its largest singular value; the reference approaches it by one step of a power iteration a training step, here
/// it is taken as reached.
#[derive(Debug)]
pub struct Critic(Network<'static>);

impl Critic {
    /// The critic for images of `side` pixels under the seed of the weights.
    ///
    /// # Errors
    /// [`netgraph::Error::Shape`] if the side is 0.
    pub fn new(side: usize, seed: u64, placement: Placement) -> Result<Self, netgraph::Error> {
        let init = Init { scheme: Scheme::TorchDefault, seed: rng::bits(seed, SEED_STREAM, 0) };
        Ok(Self(Network::owning(spaces::tnb101::discriminator(side)?, &Spectral(init), placement, Trainable::Nothing)))
    }

    /// Mean of `-ln sigmoid(D(images, output))` over `[batch, 3, side, side]` each: low if the critic takes the output for the true one.
    ///
    /// # Errors
    /// [`Error::Torch`] if the two differ in size.
    pub fn loss(&self, images: &Tensor, output: &Tensor, norm: Norm) -> Result<Tensor, Error> {
        let logits = self.0.forward(&Tensor::f_cat(&[images, output], 1)?, norm, &mut |_| {}).logits;
        Ok(-logits.log_sigmoid().mean(None::<Kind>))
    }
}

/// Another source's values, weights divided by their largest singular value as matrices `[c_out, rest]`.
struct Spectral(Init);

impl Parameters for Spectral {
    fn fill(&self, module: &Module, id: ModuleId, first_tensor: usize, slot: Slot, values: &mut [f64]) {
        self.0.fill(module, id, first_tensor, slot, values);
        if slot == Slot::Weight && id != LAST {
            let largest = largest_singular_value(values, module.weight_shape()[0]);
            for value in values {
                *value /= largest;
            }
        }
    }
}

/// Largest singular value of a matrix of that many rows.
fn largest_singular_value(values: &[f64], rows: usize) -> f64 {
    // From the small symmetric matrix: singular values of random matrices crowd at the edge, where iterations are slow.
    let matrix = Tensor::from_slice(values).view([rows as i64, -1]);
    matrix.matmul(&matrix.tr()).linalg_eigvalsh("L").max().double_value(&[]).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_singular_value_by_hand() {
        // [[3, 0], [4, 5]] has the singular values sqrt(45) and sqrt(5).
        assert!((largest_singular_value(&[3.0, 0.0, 4.0, 5.0], 2) - 45f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn normalised_weights_have_largest_singular_value_one_and_the_last_keeps_its_own() {
        let graph = spaces::tnb101::discriminator(64).unwrap();
        let init = Init { scheme: Scheme::TorchDefault, seed: 1 };
        let numbers = graph.tensor_numbers();
        for id in [0, 1, LAST] {
            let module = &graph.modules()[id];
            let (mut bare, mut made) = (vec![0.0; module.n_weights()], vec![0.0; module.n_weights()]);
            init.fill(module, id, numbers[id], Slot::Weight, &mut bare);
            Spectral(init).fill(module, id, numbers[id], Slot::Weight, &mut made);
            let (_, singular_values, _) = Tensor::from_slice(&made).view([module.weight_shape()[0] as i64, -1]).svd(true, false);
            let largest = singular_values.double_value(&[0]);
            assert_eq!((largest - 1.0).abs() < 1e-6, id != LAST, "{id}: {largest}");
            assert_eq!(bare == made, id == LAST);
        }
        assert_eq!(LAST + 1, graph.modules().len());
    }

    #[test]
    fn an_undecided_critic_costs_ln_2_and_its_loss_has_a_gradient() {
        let placement = Placement::new(tch::Device::Cpu, engine::DType::F64);
        let critic = Critic::new(64, 0, placement).unwrap();
        let images = Tensor::zeros([2, 3, 64, 64], (Kind::Double, tch::Device::Cpu));
        let output = Tensor::ones([2, 3, 64, 64], (Kind::Double, tch::Device::Cpu)).set_requires_grad(true);
        let loss = critic.loss(&images, &output, Norm::Train).unwrap();
        assert!((loss.double_value(&[]) - 2f64.ln()).abs() < 0.2);
        let gradient = Tensor::f_run_backward(&[&loss], &[&output], false, false).unwrap();
        assert!(gradient[0].abs().sum(Kind::Double).double_value(&[]) > 0.0);
        assert!(critic.loss(&images, &output.narrow(2, 0, 32), Norm::Train).is_err());
    }
}
