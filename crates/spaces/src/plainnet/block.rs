use super::MOST_SUB_LAYERS;

/// Expansions and kernels of blocks of residual pairs: twelve types.
pub const EXPANSIONS: [usize; 4] = [1, 2, 4, 6];
pub const KERNELS: [usize; 3] = [3, 5, 7];

/// A block of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Block {
    /// `SuperConvK<kernel>BNRELU(c_in,c_out,stride,1)`: convolution, batch norm, ReLU.
    Conv {
        /// Side of the kernel: 1, 3, 5 or 7.
        kernel: usize,
        /// Channels in.
        c_in: usize,
        /// Channels out.
        c_out: usize,
        /// Step, 1 or 2.
        stride: usize,
    },
    /// `SuperResIDWE<expansion>K<kernel>(c_in,c_out,stride,bottleneck,sub_layers)`: each sub-layer is a pair of inverted
    /// bottlenecks, the first to `bottleneck` channels, the second to `c_out`.
    Residual {
        /// Width of the depthwise convolution over that of the bottleneck that it leads to: 1, 2, 4 or 6.
        expansion: usize,
        /// Side of the depthwise kernel: 3, 5 or 7.
        kernel: usize,
        /// Channels in.
        c_in: usize,
        /// Channels out.
        c_out: usize,
        /// Step of the first depthwise convolution, 1 or 2.
        stride: usize,
        /// Channels after the first half of each pair.
        bottleneck: usize,
        /// Number of pairs.
        sub_layers: usize,
    },
}

/// An inverted bottleneck: 1 x 1 convolution, depthwise convolution, 1 x 1 convolution, each with a batch norm; ReLU behind the
/// first two and, after the residual link, behind the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Half {
    /// Channels in.
    pub c_in: usize,
    /// Channels of the depthwise convolution.
    pub width: usize,
    /// Channels out.
    pub c_out: usize,
    /// Side of the depthwise kernel.
    pub kernel: usize,
    /// Step of the depthwise convolution.
    pub stride: usize,
    /// Whether its residual link has a convolution: where channels or resolution change, and in the first half of a block.
    pub projects: bool,
}

impl Block {
    /// Channels in.
    #[must_use]
    pub const fn c_in(&self) -> usize {
        let (Self::Conv { c_in, .. } | Self::Residual { c_in, .. }) = *self;
        c_in
    }

    /// Channels out.
    #[must_use]
    pub const fn c_out(&self) -> usize {
        let (Self::Conv { c_out, .. } | Self::Residual { c_out, .. }) = *self;
        c_out
    }

    /// Step, 1 or 2.
    #[must_use]
    pub const fn stride(&self) -> usize {
        let (Self::Conv { stride, .. } | Self::Residual { stride, .. }) = *self;
        stride
    }

    /// Number of sub-layers.
    #[must_use]
    pub const fn sub_layers(&self) -> usize {
        match *self {
            Self::Conv { .. } => 1,
            Self::Residual { sub_layers, .. } => sub_layers,
        }
    }

    /// Inverted bottlenecks, two for each sub-layer; a convolution has none.
    pub fn halves(&self) -> impl Iterator<Item = Half> {
        let halves = match *self {
            Self::Conv { .. } => 0,
            Self::Residual { sub_layers, .. } => 2 * sub_layers,
        };
        let block = *self;
        (0..halves).filter_map(move |k| block.half(k))
    }

    fn half(&self, k: usize) -> Option<Half> {
        let Self::Residual { expansion, kernel, c_in, c_out, stride, bottleneck, .. } = *self else { return None };
        let (from, to) = match k {
            0 => (c_in, bottleneck),
            k if k.is_multiple_of(2) => (c_out, bottleneck),
            _ => (bottleneck, c_out),
        };
        let stride = if k == 0 { stride } else { 1 };
        let width = round_to_8((to * expansion) as f64);
        Some(Half { c_in: from, width, c_out: to, kernel, stride, projects: k == 0 || from != to || stride != 1 })
    }

    /// Pieces of at most [`MOST_SUB_LAYERS`] sub-layers.
    pub(super) fn split(self) -> Vec<Self> {
        let all = self.sub_layers();
        let done = (0..all).step_by(MOST_SUB_LAYERS);
        done.map(|done| self.piece(done == 0, MOST_SUB_LAYERS.min(all - done))).collect()
    }

    /// As the released code splits: a block of six or more sub-layers becomes two of three.
    pub(super) fn halve(self) -> Vec<Self> {
        if self.sub_layers() < MOST_SUB_LAYERS {
            return vec![self];
        }
        vec![self.piece(true, MOST_SUB_LAYERS / 2), self.piece(false, MOST_SUB_LAYERS - MOST_SUB_LAYERS / 2)]
    }

    /// The first part of a block, or one that goes on behind it.
    fn piece(self, first: bool, sub_layers: usize) -> Self {
        match self {
            Self::Conv { .. } => self,
            Self::Residual { expansion, kernel, c_in, c_out, stride, bottleneck, .. } => Self::Residual {
                expansion,
                kernel,
                c_in: if first { c_in } else { c_out },
                c_out,
                stride: if first { stride } else { 1 },
                bottleneck,
                sub_layers,
            },
        }
    }
}

impl std::fmt::Display for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Conv { kernel, c_in, c_out, stride } => write!(f, "SuperConvK{kernel}BNRELU({c_in},{c_out},{stride},1)"),
            Self::Residual { expansion, kernel, c_in, c_out, stride, bottleneck, sub_layers } => {
                write!(f, "SuperResIDWE{expansion}K{kernel}({c_in},{c_out},{stride},{bottleneck},{sub_layers})")
            }
        }
    }
}

/// The nearest multiple of 8, at least 8; halves go to the even multiple, as Python rounds.
pub fn round_to_8(channels: f64) -> usize {
    ((channels / 8.0).round_ties_even() as usize * 8).max(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_rounded_as_the_code_does() {
        let rounded: Vec<usize> = [1.0, 8.0, 12.0, 12.1, 20.0, 28.0, 40.0].into_iter().map(round_to_8).collect();
        assert_eq!(rounded, [8, 8, 16, 16, 16, 32, 40]);
    }

    #[test]
    fn halves_of_a_block_of_two_pairs() {
        let block = Block::Residual { expansion: 4, kernel: 7, c_in: 8, c_out: 24, stride: 2, bottleneck: 16, sub_layers: 2 };
        let halves: Vec<_> = block.halves().map(|h| (h.c_in, h.width, h.c_out, h.stride, h.projects)).collect();
        assert_eq!(halves, [(8, 64, 16, 2, true), (16, 96, 24, 1, true), (24, 64, 16, 1, true), (16, 96, 24, 1, true)]);
        let same = Block::Residual { expansion: 1, kernel: 5, c_in: 16, c_out: 16, stride: 1, bottleneck: 16, sub_layers: 2 };
        assert_eq!(same.halves().map(|h| h.projects).collect::<Vec<_>>(), [true, false, false, false]);
    }
}
