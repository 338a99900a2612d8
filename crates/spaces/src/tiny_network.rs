//! The macro skeleton that NAS-Bench-201 and the NATS-Bench size space share.
//!
//! Source: `D-X-Y/AutoDL-Projects@f46486e xautodl/models/cell_infers/{tiny_network,cells}.py`, `cell_operations.py`.

use netgraph::{Conv2d, Error, Graph, GraphBuilder, NodeId, Pool};

use crate::nb201::{Cell, Op};

/// One stage: an optional reduction in front, then cells from one width to another.
pub struct Stage {
    /// Width of the reduction's output; `None` for the first stage.
    pub reduction: Option<usize>,
    /// Output widths of its cells.
    pub cells: Vec<usize>,
}

/// How the published networks of a space nest their modules ([`netgraph::Graph::containers`]).
#[derive(Clone, Copy, Debug)]
pub struct Nesting {
    /// Modules that end where the stem does, its batch norm left out.
    pub stem: usize,
    /// Whether the cells of a stage are a module.
    pub stages: bool,
}

/// Stem of `stem` channels, the stages, batch norm and ReLU, global average pooling, classifier.
pub fn build(cell: Cell, stem: usize, stages: &[Stage], nesting: Nesting, classes: usize, resolution: usize) -> Result<Graph, Error> {
    let mut b = GraphBuilder::new(3, resolution, resolution);
    let x = b.conv(b.input(), Conv2d::new(3, stem, 3))?;
    let mut x = b.batch_norm(x)?;
    b.end_block(x);
    b.ends_containers(x, nesting.stem);
    let mut width = stem;
    for stage in stages {
        if let Some(reduced) = stage.reduction {
            x = reduction(&mut b, x, width, reduced)?;
            b.end_block(x);
            b.ends_containers(x, 1);
            width = reduced;
        }
        for &out in &stage.cells {
            x = self::cell(&mut b, x, cell, width, out)?;
            b.end_block(x);
            b.ends_containers(x, 1);
            width = out;
        }
        if nesting.stages {
            b.ends_containers(x, 1);
        }
    }
    let x = b.batch_norm(x)?;
    let features = b.relu(x)?;
    b.ends_containers(features, 1);
    let pooled = b.global_avg_pool(features)?;
    let logits = b.linear(pooled, classes)?;
    Ok(b.finish(features, logits))
}

/// `ResNetBasicblock` of stride 2: the shortcut is a 2x2 average pooling and a 1x1 convolution without batch norm. Its weights are
/// numbered last, as in the published code; it runs first, as in the golden networks, whose order of execution counts for what is
/// drawn for each operation.
fn reduction(b: &mut GraphBuilder, x: NodeId, c_in: usize, c_out: usize) -> Result<NodeId, Error> {
    let main = b.n_nodes();
    let first = relu_conv_bn(b, x, Conv2d::new(c_in, c_out, 3).with_stride(2))?;
    let second = relu_conv_bn(b, first, Conv2d::new(c_out, c_out, 3))?;
    let side = b.n_nodes();
    let pooled = b.avg_pool(x, Pool { kernel: 2, stride: 2, padding: 0 })?;
    let shortcut = b.conv(pooled, Conv2d::new(c_in, c_out, 1))?;
    b.ends_containers(shortcut, 1);
    let moved = b.run_before(side, main);
    b.add(vec![moved(shortcut), moved(second)])
}

fn cell(b: &mut GraphBuilder, x: NodeId, cell: Cell, c_in: usize, c_out: usize) -> Result<NodeId, Error> {
    let mut states = vec![x];
    for node in cell.nodes() {
        let mut terms = Vec::with_capacity(node.len());
        for (source, &op) in node.iter().enumerate() {
            let width = if source == 0 { c_in } else { c_out };
            terms.push(edge(b, states[source], op, width, c_out)?);
        }
        states.push(b.add(terms)?);
    }
    Ok(states[3])
}

fn edge(b: &mut GraphBuilder, x: NodeId, op: Op, c_in: usize, c_out: usize) -> Result<NodeId, Error> {
    match op {
        Op::None => Ok(b.times_zero(x)),
        Op::Skip if c_in == c_out => {
            b.ends_containers(x, 1);
            Ok(x)
        }
        // FactorizedReduce of stride 1 has no ReLU in front.
        Op::Skip => {
            let x = b.conv(x, Conv2d::new(c_in, c_out, 1))?;
            let x = b.batch_norm(x)?;
            b.ends_containers(x, 1);
            Ok(x)
        }
        Op::Conv1x1 => relu_conv_bn(b, x, Conv2d::new(c_in, c_out, 1)),
        Op::Conv3x3 => relu_conv_bn(b, x, Conv2d::new(c_in, c_out, 3)),
        Op::AvgPool => {
            let x = b.avg_pool(x, Pool { kernel: 3, stride: 1, padding: 1 })?;
            b.ends_containers(x, 1);
            Ok(x)
        }
    }
}

fn relu_conv_bn(b: &mut GraphBuilder, x: NodeId, conv: Conv2d) -> Result<NodeId, Error> {
    let x = b.relu(x)?;
    let x = b.conv(x, conv)?;
    let x = b.batch_norm(x)?;
    b.ends_containers(x, 2);
    Ok(x)
}
