//! The network around a cell.
//!
//! Source: `google-research/nasbench@b94247037ee4 nasbench/lib/{model_builder,base_ops}.py`.

use super::cell::{Cell, MAX_VERTICES};

/// Stacks of modules; between two of them a pooling halves the resolution and the channels double.
pub const STACKS: usize = 3;

impl Cell {
    /// Channels of each vertex of a module from `c_in` to `c_out` channels; the entries beyond the output are 0.
    ///
    /// Vertices with an edge to the output share its channels, the first ones taking one more each if they don't divide;
    /// every other one has as many as the widest vertex it feeds. (`compute_vertex_channels`)
    #[must_use]
    pub fn channels(self, c_in: usize, c_out: usize) -> [usize; MAX_VERTICES] {
        let (mut channels, last) = ([0; MAX_VERTICES], self.n_vertices() - 1);
        (channels[0], channels[last]) = (c_in, c_out);
        let feeding = (1..last).filter(|&v| self.has_edge(v, last)).count();
        if feeding == 0 {
            return channels;
        }
        let (share, mut rest) = (c_out / feeding, c_out % feeding);
        for v in (1..last).filter(|&v| self.has_edge(v, last)) {
            channels[v] = share + usize::from(rest > 0);
            rest = rest.saturating_sub(1);
        }
        for v in (1..last).rev().filter(|&v| !self.has_edge(v, last)) {
            channels[v] = (v + 1..last).filter(|&w| self.has_edge(v, w)).map(|w| channels[w]).max().unwrap_or(0);
        }
        channels
    }

    /// Parameters of the whole network (weights, biases and batch norms) with `stem` channels, `modules` per stack and
    /// `classes`: what [`netgraph::Graph::n_params`] counts, without building the graph. The benchmark has 128, 3 and 10.
    #[must_use]
    pub fn n_params(self, stem: usize, modules: usize, classes: usize) -> u64 {
        let conv_bn = |kernel: usize, c_in: usize, c_out: usize| (kernel * kernel * c_in + 2) * c_out;
        let module = |c_in: usize, c_out: usize| -> usize {
            let channels = self.channels(c_in, c_out);
            (1..self.n_vertices())
                .map(|v| {
                    let projection = if self.has_edge(0, v) { conv_bn(1, c_in, channels[v]) } else { 0 };
                    let op = match self.kernel(v) {
                        Some(kernel) => conv_bn(kernel, channels[v], channels[v]),
                        None => 0,
                    };
                    projection + op
                })
                .sum()
        };
        let mut total = conv_bn(3, 3, stem);
        let mut c_in = stem;
        for stack in 0..STACKS {
            let c_out = stem << stack;
            total += module(c_in, c_out) + modules.saturating_sub(1) * module(c_out, c_out);
            c_in = c_out;
        }
        (total + c_in * classes + classes) as u64
    }

    /// Side of the vertex's convolution, if it has one.
    fn kernel(self, vertex: usize) -> Option<usize> {
        let interior = vertex > 0 && vertex + 1 < self.n_vertices();
        interior.then(|| self.op(vertex)).and_then(super::Op::kernel)
    }
}

impl super::Op {
    /// Side of its convolution, in pixels.
    #[must_use]
    pub const fn kernel(self) -> Option<usize> {
        match self {
            Self::Conv3x3 => Some(3),
            Self::Conv1x1 => Some(1),
            Self::MaxPool => None,
        }
    }
}
