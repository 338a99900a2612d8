use crate::{Graph, NodeId, Op};

/// Which nodes are zero whatever the input, and which can influence the output.
///
/// # Conventions
/// A batch norm of a zero map is taken for zero: true in train mode as long as its bias is 0, as it is in every
/// initialisation here. Don't use it on networks with trained or made-up batch-norm biases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Liveness {
    zero: Vec<bool>,
    live: Vec<bool>,
}

impl Liveness {
    /// Analyses a graph: one pass forward for zeros, one backward for reachability.
    #[must_use]
    pub fn of(graph: &Graph) -> Self {
        let nodes = graph.nodes();
        let mut zero: Vec<bool> = Vec::with_capacity(nodes.len());
        for node in nodes {
            zero.push(match &node.op {
                Op::Input | Op::Linear(_) | Op::ConvTranspose2d(_) | Op::Sigmoid => false,
                Op::Scale => node.inputs.iter().any(|&i| zero[i]),
                Op::Conv2d(modules) if modules.iter().any(|&m| graph.modules()[m].n_biases() > 0) => false,
                Op::Zeros | Op::TimesZero => true,
                _ => node.inputs.iter().all(|&i| zero[i]),
            });
        }
        let mut live = vec![false; nodes.len()];
        live[graph.output()] = true;
        for id in (0..nodes.len()).rev() {
            if live[id] && !zero[id] {
                for &input in &nodes[id].inputs {
                    live[input] |= !zero[input];
                }
            }
        }
        Self { zero, live }
    }

    /// Whether the node's output is zero for every input.
    #[must_use]
    pub fn is_zero(&self, node: NodeId) -> bool {
        self.zero[node]
    }

    /// Whether the node can influence the output.
    #[must_use]
    pub fn is_live(&self, node: NodeId) -> bool {
        self.live[node]
    }
}

impl Graph {
    /// For each module in canonical order, whether its weight can get a gradient other than zero.
    #[must_use]
    pub fn live_modules(&self) -> Vec<bool> {
        let liveness = Liveness::of(self);
        let mut live = vec![false; self.modules().len()];
        for (id, node) in self.nodes().iter().enumerate() {
            for &module in node.op.modules() {
                live[module] |= liveness.is_live(id) && !liveness.is_zero(node.inputs[0]);
            }
        }
        live
    }

    /// Whether the image can influence the logits.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        Liveness::of(self).is_live(0)
    }
}
