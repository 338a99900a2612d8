use crate::{Graph, Module, Op, Shape};

impl Graph {
    /// Number of parameters: all weights and biases, batch norms included, running statistics not.
    #[must_use]
    pub fn n_params(&self) -> u64 {
        self.modules.iter().map(|m| (m.n_weights() + m.n_biases()) as u64).sum()
    }

    /// Number of layers: convolutions and linear layers (transposed convolutions are no layers, see [`Module::is_layer`]).
    #[must_use]
    pub fn n_layers(&self) -> usize {
        self.modules.iter().filter(|m| m.is_layer()).count()
    }

    /// Multiply-adds (MACs) of one image through the convolutions (without their biases) and linear layers
    /// (`in * out + out`). A module that runs several times counts each time. Batch norms, activations, pooling and sums don't count. This is what NAS-Bench-201 calls FLOPs
    /// (`D-X-Y/AutoDL-Projects@f46486e xautodl/utils/flop_benchmark.py`). Operations that lead nowhere count.
    #[must_use]
    pub fn flops(&self) -> u64 {
        let macs = |module: usize, shape: Shape| match (&self.modules[module], shape) {
            (Module::Conv2d(c), Shape::Map { h, w, .. }) => (c.n_weights() * h * w) as u64,
            (Module::Linear(l), _) => (l.n_in * l.n_out + l.n_out) as u64,
            _ => 0,
        };
        // Every input pixel of a transposed convolution meets the whole kernel once.
        let transposed = |module: usize, input: Shape| match (&self.modules[module], input) {
            (Module::ConvTranspose2d(c), Shape::Map { h, w, .. }) => (c.n_weights() * h * w) as u64,
            _ => 0,
        };
        self.nodes
            .iter()
            .map(|node| match &node.op {
                Op::Conv2d(modules) => modules.iter().map(|&m| macs(m, node.shape)).sum(),
                Op::Linear(module) => macs(*module, node.shape),
                Op::ConvTranspose2d(module) => transposed(*module, self.nodes[node.inputs[0]].shape),
                _ => 0,
            })
            .sum()
    }
}
