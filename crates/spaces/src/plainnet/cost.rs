use super::Structure;
use super::block::Block;

/// Which network a structure is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Whether it has its residual links: those that are trained have them, those that are scored don't.
    pub residual_links: bool,
    /// Whether there is a squeeze-and-excitation behind each depthwise convolution, as in training.
    pub squeeze: bool,
}

/// Cost by the counters of `SLDGroup/ZiCo@b0fec65 Masternet.py, PlainNet/basic_blocks.py`, on which its budgets are.
///
/// # Conventions
/// * FLOPs: multiply-adds of convolutions and of the classifier, one operation for each value of a batch norm. A convolution on a
///   residual link counts `(in out + out) (side / stride)^2` with the side *after* the stride, so its stride counts twice; its batch
///   norm, biases and ReLU count nothing. Squeeze-and-excitation of `c` channels: `2 c q + c + c side^2`, `q = c / 4`.
/// * Size: weights; a batch norm counts its channels once (twice within squeeze-and-excitation), a convolution on a residual link its bias but not its
///   batch norm, the classifier's bias 1. [`netgraph::Graph::n_params`] has the real number of parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// FLOPs for one image, in the code's sense.
    pub flops: f64,
    /// Parameters, in the code's sense.
    pub size: f64,
}

impl Variant {
    /// What the released search scores: neither.
    pub const SCORED: Self = Self { residual_links: false, squeeze: false };
    /// What it counts for its budgets: residual links.
    pub const COUNTED: Self = Self { residual_links: true, squeeze: false };
}

impl Structure {
    /// Cost at this resolution (side in pixels) with this number of classes.
    #[must_use]
    pub fn cost(&self, resolution: usize, classes: usize, variant: Variant) -> Cost {
        let (mut flops, mut size) = (0.0, 0.0);
        let mut side = resolution;
        for block in &self.blocks {
            if let Block::Conv { kernel, c_in, c_out, stride } = *block {
                let weights = (c_in * c_out * kernel * kernel) as f64;
                flops += weights * area(side) / (stride * stride) as f64;
                side /= stride;
                flops += area(side) * c_out as f64;
                size += weights + c_out as f64;
            }
            for half in block.halves() {
                let (c_in, width, c_out) = (half.c_in as f64, half.width as f64, half.c_out as f64);
                let depthwise = width * (half.kernel * half.kernel) as f64;
                flops += (c_in * width + width) * area(side) + depthwise * area(side) / (half.stride * half.stride) as f64;
                side /= half.stride;
                flops += (width + width * c_out + c_out) * area(side);
                size += c_in * width + width + depthwise + width + width * c_out + c_out;
                if variant.residual_links && half.projects {
                    let shrunk = side as f64 / half.stride as f64;
                    flops += (c_in * c_out + c_out) * shrunk * shrunk;
                    size += c_in * c_out + c_out;
                }
                if variant.squeeze {
                    let squeezed = squeezed(half.width) as f64;
                    flops += 2.0 * width * squeezed + width + width * area(side);
                    size += 2.0 * width * squeezed + 2.0 * squeezed + 2.0 * width;
                }
            }
        }
        let features = self.blocks.last().map_or(0, Block::c_out) as f64;
        Cost { flops: flops + features * classes as f64, size: size + features * classes as f64 + 1.0 }
    }
}

/// Channels between the two convolutions of squeeze-and-excitation.
pub(super) fn squeezed(channels: usize) -> usize {
    (channels as f64 / 4.0).round_ties_even() as usize
}

fn area(side: usize) -> f64 {
    (side * side) as f64
}
