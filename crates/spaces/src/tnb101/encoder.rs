//! The encoder: stem and layers.
//!
//! Source: `yawen-d/TransNASBench@6d4231b1eb04 lib/models/net_infer/{net_macro,cell_micro}.py`, `net_ops/cell_ops.py`.

use netgraph::{Conv2d, Error, GraphBuilder, NodeId, Shape};

use super::code::{Body, Code, MicroCell, Op};

/// Epsilon and momentum of the shortcut's batch norm in a basic block: the reference passes two flags where the
/// constructor takes these, so both are 1.
const SHORTCUT: (f64, f64) = (1.0, 1.0);

/// A change of shape: channels in and out, and the stride.
#[derive(Clone, Copy)]
struct Change {
    c_in: usize,
    c_out: usize,
    stride: usize,
}

/// Stem and layers on a map of three channels; the output has the last layer's channels.
pub fn encode(b: &mut GraphBuilder, images: NodeId, code: &Code) -> Result<NodeId, Error> {
    let half = code.base / 2;
    let x = b.conv(images, Conv2d::new(3, half, 3).with_stride(2))?;
    let x = b.batch_norm(x)?;
    let mut x = relu_conv_bn(b, x, Conv2d::new(half, code.base, 3).with_stride(2))?;
    let mut c_in = code.base;
    for layer in &code.layers {
        let c_out = if layer.widens { 2 * c_in } else { c_in };
        let stride = if layer.reduces { 2 } else { 1 };
        for change in [Change { c_in, c_out, stride }, Change { c_in: c_out, c_out, stride: 1 }] {
            x = match code.body {
                Body::Basic => basic_block(b, x, change)?,
                Body::Micro(cell) => micro_cell(b, x, cell, change)?,
            };
        }
        c_in = c_out;
    }
    Ok(x)
}

fn micro_cell(b: &mut GraphBuilder, x: NodeId, cell: MicroCell, change: Change) -> Result<NodeId, Error> {
    let within = Change { c_in: change.c_out, stride: 1, ..change };
    let mut states = vec![x];
    let mut ops = cell.0.into_iter();
    for node in 1..4 {
        let mut terms = Vec::with_capacity(node);
        for (source, op) in ops.by_ref().take(node).enumerate() {
            terms.push(edge(b, states[source], op, if source == 0 { change } else { within })?);
        }
        states.push(b.add(terms)?);
    }
    Ok(states[3])
}

fn edge(b: &mut GraphBuilder, x: NodeId, op: Op, change: Change) -> Result<NodeId, Error> {
    let Change { c_in, c_out, stride } = change;
    match op {
        Op::None => {
            let sampled = b.subsample(x, stride)?;
            match b.shape(sampled) {
                // Other channels: fresh zeros, through which no gradient goes.
                Shape::Map { h, w, .. } if c_in != c_out => Ok(b.zeros(Shape::Map { c: c_out, h, w })),
                _ => Ok(b.times_zero(sampled)),
            }
        }
        Op::Skip if stride == 1 && c_in == c_out => Ok(x),
        Op::Skip => factorized_reduction(b, x, change),
        Op::Conv1x1 => relu_conv_bn(b, x, Conv2d::new(c_in, c_out, 1).with_stride(stride)),
        Op::Conv3x3 => relu_conv_bn(b, x, Conv2d::new(c_in, c_out, 3).with_stride(stride)),
    }
}

/// ReLU; half of the channels from a 1x1 convolution, half from another on the map shifted by a pixel; batch norm.
fn factorized_reduction(b: &mut GraphBuilder, x: NodeId, Change { c_in, c_out, stride }: Change) -> Result<NodeId, Error> {
    let x = b.relu(x)?;
    let first = b.conv(x, Conv2d::new(c_in, c_out / 2, 1).with_stride(stride))?;
    let shifted = b.shift(x)?;
    let second = b.conv(shifted, Conv2d::new(c_in, c_out - c_out / 2, 1).with_stride(stride))?;
    let joined = b.concat(vec![first, second])?;
    b.batch_norm(joined)
}

fn basic_block(b: &mut GraphBuilder, x: NodeId, Change { c_in, c_out, stride }: Change) -> Result<NodeId, Error> {
    let first = relu_conv_bn(b, x, Conv2d::new(c_in, c_out, 3).with_stride(stride))?;
    let second = relu_conv_bn(b, first, Conv2d::new(c_out, c_out, 3))?;
    let shortcut = if stride > 1 || c_in != c_out {
        let x = b.conv(x, Conv2d::new(c_in, c_out, 1).with_stride(stride))?;
        b.batch_norm_with(x, SHORTCUT.0, SHORTCUT.1)?
    } else {
        x
    };
    b.add(vec![shortcut, second])
}

fn relu_conv_bn(b: &mut GraphBuilder, x: NodeId, conv: Conv2d) -> Result<NodeId, Error> {
    let x = b.relu(x)?;
    let x = b.conv(x, conv)?;
    b.batch_norm(x)
}
