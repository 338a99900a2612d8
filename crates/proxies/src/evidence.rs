use engine::SignKernel;
use netgraph::{Graph, ModuleId};
use tch::{Kind, Tensor};

/// What a proxy sees of one network.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The network as the space built it, dead operations included.
    pub graph: &'a Graph,
    /// The pass it asked for; `None` for [`crate::Needs::Graph`].
    pub pass: Option<&'a Pass>,
}

/// Result of a pass.
#[derive(Debug)]
pub struct Pass {
    /// Convolutions and linear layers that ran.
    pub layers: Vec<LayerEvidence>,
    /// Objective of each batch.
    pub losses: Vec<f64>,
    /// ReLU signs of the first batch.
    pub signs: Option<SignKernel>,
    /// Modules in canonical order that are layers.
    pub(crate) layer_modules: Vec<ModuleId>,
}

/// A layer (or several that were fused) with its gradients.
#[derive(Debug)]
pub struct LayerEvidence {
    /// Modules along the first dimension of the weight.
    pub modules: Vec<ModuleId>,
    /// Weight in the run's dtype.
    pub weight: Tensor,
    /// Gradient of each batch; empty if the layer is dead or nothing was differentiated.
    pub gradients: Vec<Tensor>,
}

impl Pass {
    /// For each layer in canonical order, sums of element-wise quantities: `quantities` maps the weight and the gradients of
    /// the first `batches` batches, all in f64, to `K` tensors of the weight's shape. Dead layers give 0. Sums are f64 and
    /// stay on the device until one transfer at the end.
    pub fn layer_sums<const K: usize>(&self, batches: usize, quantities: impl Fn(&Tensor, &[Tensor]) -> [Tensor; K]) -> [Vec<f64>; K] {
        let mut sums: [Vec<Tensor>; K] = std::array::from_fn(|_| Vec::new());
        let mut modules = Vec::new();
        for layer in self.layers.iter().filter(|l| !l.gradients.is_empty()) {
            let gradients: Vec<Tensor> = layer.gradients.iter().take(batches).map(|g| g.to_kind(Kind::Double)).collect();
            let made = quantities(&layer.weight.detach().to_kind(Kind::Double), &gradients);
            for (sums, quantity) in sums.iter_mut().zip(made) {
                // Fused modules lie along the first dimension, in equal shares.
                sums.push(quantity.reshape([layer.modules.len() as i64, -1]).sum_dim_intlist([1i64].as_slice(), false, Kind::Double));
            }
            modules.extend_from_slice(&layer.modules);
        }
        sums.map(|sums| {
            let mut of_module = vec![0.0; self.layer_modules.last().map_or(0, |last| last + 1)];
            if !sums.is_empty() {
                for (&module, sum) in modules.iter().zip(to_vec(&Tensor::cat(&sums, 0))) {
                    of_module[module] = sum;
                }
            }
            self.layer_modules.iter().map(|&module| of_module[module]).collect()
        })
    }
}

/// The values of an f64 tensor, flat.
pub(crate) fn to_vec(tensor: &Tensor) -> Vec<f64> {
    let mut values = vec![0.0; tensor.numel()];
    tensor.to_kind(Kind::Double).to_device(tch::Device::Cpu).contiguous().copy_data(&mut values, tensor.numel());
    values
}
