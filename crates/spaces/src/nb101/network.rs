//! The network around a cell.
//!
//! Source: `google-research/nasbench@b94247037ee4 nasbench/lib/{model_builder,base_ops}.py`.

use netgraph::{Conv2d, Graph, GraphBuilder, NodeId, Pool};

use super::cell::{Cell, MAX_VERTICES};
use crate::{Error, Setting};

/// Batch norms of the benchmark; TensorFlow's momentum of 0.997 is 0.003 in PyTorch's sense.
const EPS: f64 = 1e-5;
const MOMENTUM: f64 = 0.003;

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

/// Largest stem and number of modules per stack that a network is built for.
const LIMIT: (usize, usize) = (65_536, 1_000);

/// The network of a cell: stem of convolution, batch norm and ReLU, three stacks of modules with poolings between them,
/// global average pooling, classifier.
pub fn build(cell: Cell, setting: &Setting) -> Result<Graph, Error> {
    let Setting { channels: stem, cells: modules, classes, resolution, .. } = *setting;
    let wrong = |reason: String| Error::Setting {
        space: super::META.name,
        setting: format!("{stem} channels, {modules} cells per stack, {classes} classes, resolution {resolution}"),
        reason,
    };
    let feeding = (1..cell.n_vertices() - 1).filter(|&v| cell.has_edge(v, cell.n_vertices() - 1)).count();
    if modules == 0 || classes == 0 || resolution < 4 {
        return Err(wrong("cells and classes must be positive, and the resolution at least 4".into()));
    }
    if stem > LIMIT.0 || modules > LIMIT.1 {
        return Err(wrong(format!("at most {} channels and {} cells per stack", LIMIT.0, LIMIT.1)));
    }
    if stem < feeding.max(1) {
        return Err(wrong(format!("{feeding} vertices share the channels of the output, so there must be at least as many")));
    }
    lower(cell, setting).map_err(|source| wrong(source.to_string()))
}

fn lower(cell: Cell, setting: &Setting) -> Result<Graph, netgraph::Error> {
    let mut b = GraphBuilder::new(3, setting.resolution, setting.resolution);
    let images = b.input();
    let mut x = conv_bn_relu(&mut b, images, Conv2d::new(3, setting.channels, 3))?;
    let mut width = setting.channels;
    for stack in 0..STACKS {
        if stack > 0 {
            x = b.max_pool(x, Pool { kernel: 2, stride: 2, padding: 0 })?;
        }
        for _ in 0..setting.cells {
            x = module(&mut b, x, cell, width, setting.channels << stack)?;
            b.ends_containers(x, 1);
            width = setting.channels << stack;
        }
    }
    let pooled = b.global_avg_pool(x)?;
    let logits = b.linear(pooled, setting.classes)?;
    Ok(b.finish(x, logits))
}

/// One module. Each vertex adds what it reads, cut to its own channels, and a projection of the module's input if it reads
/// that; the output concatenates its vertices and adds a projection.
fn module(b: &mut GraphBuilder, x: NodeId, cell: Cell, c_in: usize, c_out: usize) -> Result<NodeId, netgraph::Error> {
    let (channels, last) = (cell.channels(c_in, c_out), cell.n_vertices() - 1);
    let mut outputs = vec![x; last];
    // The golden networks register all projections of a module before its operations.
    let (since, mut projections) = (b.n_nodes(), Vec::new());
    for v in 1..last {
        let mut terms = Vec::new();
        for source in (1..v).filter(|&s| cell.has_edge(s, v)) {
            terms.push(b.slice(outputs[source], 0, channels[v])?);
        }
        if cell.has_edge(0, v) {
            let from = b.n_nodes();
            terms.push(conv_bn_relu(b, x, Conv2d::new(c_in, channels[v], 1))?);
            projections.extend(from..b.n_nodes());
        }
        let sum = if let [term] = terms[..] { term } else { b.add(terms)? };
        outputs[v] = match cell.op(v).kernel() {
            Some(kernel) => conv_bn_relu(b, sum, Conv2d::new(channels[v], channels[v], kernel))?,
            None => b.max_pool(sum, Pool { kernel: 3, stride: 1, padding: 1 })?,
        };
        // The published code wraps each vertex's operation once more.
        b.ends_containers(outputs[v], 1);
    }
    let ends: Vec<NodeId> = (1..last).filter(|&v| cell.has_edge(v, last)).map(|v| outputs[v]).collect();
    let from = b.n_nodes();
    let projection = if cell.has_edge(0, last) { Some(conv_bn_relu(b, x, Conv2d::new(c_in, c_out, 1))?) } else { None };
    projections.extend(from..b.n_nodes());
    b.register_first(since, &projections);
    match (ends.is_empty(), projection) {
        (true, Some(projection)) => Ok(projection),
        (_, None) => b.concat(ends),
        (false, Some(projection)) => {
            let joined = b.concat(ends)?;
            b.add(vec![joined, projection])
        }
    }
}

fn conv_bn_relu(b: &mut GraphBuilder, x: NodeId, conv: Conv2d) -> Result<NodeId, netgraph::Error> {
    let x = b.conv(x, conv)?;
    let x = b.batch_norm_with(x, EPS, MOMENTUM)?;
    let x = b.relu(x)?;
    b.ends_containers(x, 2);
    Ok(x)
}
