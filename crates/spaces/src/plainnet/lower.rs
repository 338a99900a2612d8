use netgraph::{Conv2d, Error, Graph, GraphBuilder, NodeId};

use super::block::{Block, Half};
use super::cost::squeezed;
use super::{Structure, Variant};

/// Added to variances.
const EPSILON: f64 = 1e-3;
/// Share of a batch in running statistics.
const MOMENTUM: f64 = 0.1;

impl Structure {
    /// The network at this resolution (side in pixels) with this number of classes.
    ///
    /// # Conventions
    /// Modules are numbered in the order of construction: in each half the main path, then the convolution of its residual link, which has a
    /// bias. Batch norms have an epsilon of 1e-3. Squeeze-and-excitation stands behind the ReLU of the depthwise convolution, a quarter as
    /// wide, with batch norms and without biases. The feature map is that before the global average pooling.
    ///
    /// # Errors
    /// [`Error`] if nothing is left of a map.
    pub fn lower(&self, resolution: usize, classes: usize, variant: Variant) -> Result<Graph, Error> {
        let mut b = GraphBuilder::new(3, resolution, resolution);
        let mut x = b.input();
        for block in &self.blocks {
            if let Block::Conv { kernel, c_in, c_out, stride } = *block {
                x = conv_norm(&mut b, x, Conv2d::new(c_in, c_out, kernel).with_stride(stride))?;
                x = b.relu(x)?;
            }
            for half in block.halves() {
                x = inverted_bottleneck(&mut b, x, half, variant)?;
            }
        }
        let pooled = b.global_avg_pool(x)?;
        let logits = b.linear(pooled, classes)?;
        Ok(b.finish(x, logits))
    }
}

fn inverted_bottleneck(b: &mut GraphBuilder, x: NodeId, half: Half, variant: Variant) -> Result<NodeId, Error> {
    let Half { c_in, width, c_out, kernel, stride, projects } = half;
    let mut y = conv_norm(b, x, Conv2d::new(c_in, width, 1))?;
    y = b.relu(y)?;
    y = conv_norm(b, y, Conv2d::depthwise(width, kernel).with_stride(stride))?;
    y = b.relu(y)?;
    if variant.squeeze {
        y = b.squeeze_excite(y, squeezed(width), (EPSILON, MOMENTUM))?;
    }
    y = conv_norm(b, y, Conv2d::new(width, c_out, 1))?;
    if variant.residual_links {
        let link = if projects { conv_norm(b, x, Conv2d::new(c_in, c_out, 1).with_stride(stride).with_bias())? } else { x };
        y = b.add(vec![y, link])?;
    }
    b.relu(y)
}

fn conv_norm(b: &mut GraphBuilder, x: NodeId, conv: Conv2d) -> Result<NodeId, Error> {
    let x = b.conv(x, conv)?;
    b.batch_norm_with(x, EPSILON, MOMENTUM)
}
