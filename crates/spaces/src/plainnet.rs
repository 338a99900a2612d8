//! The space of the paper's search on `ImageNet`: networks like `MobileNetV2`, written as a string of blocks.
//!
//! A [`Structure`] is read from and printed as the string of `SLDGroup/ZiCo@b0fec65`. It knows what may follow what
//! ([`Structure::parse`]), how the search changes it ([`Mutation`]), and what it costs by the code's own counters
//! ([`Structure::cost`]), and which network it is ([`Structure::lower`]). It has no index and no table: it is not one of [`crate::ALL`].
//!
//! ```
//! use spaces::plainnet::{Structure, Variant};
//!
//! let published = "SuperConvK3BNRELU(3,16,2,1)SuperResIDWE1K7(16,40,2,40,1)SuperResIDWE2K7(40,80,2,64,1)\
//!     SuperResIDWE4K7(80,96,2,96,5)SuperResIDWE2K7(96,224,2,224,5)SuperConvK1BNRELU(224,2048,1,1)";
//! let structure = Structure::parse(published)?;
//! assert_eq!((structure.layers(), structure.to_string()), (14, published.to_owned()));
//! // The paper prints 448M.
//! assert_eq!(structure.cost(224, 1000, Variant { residual_links: true, squeeze: false }).flops, 438_385_944.0);
//! # Ok::<(), spaces::plainnet::Wrong>(())
//! ```

mod block;
mod cost;
mod lower;
mod mutation;
mod parse;

pub use block::{Block, Half};
pub use cost::{Cost, Variant};
pub use mutation::{Mutation, MutationError, Rule};
pub use parse::Wrong;

/// Most sub-layers of a block of residual pairs; a block of more is split.
pub const MOST_SUB_LAYERS: usize = 6;

/// What the search starts with.
pub const INITIAL: &str = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE6K3(32,48,2,32,1)\
    SuperResIDWE6K3(48,96,2,48,1)SuperResIDWE6K3(96,128,2,96,1)SuperConvK1BNRELU(128,2048,1,1)";

/// A network as a list of blocks, each of which reads what the one before it gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Structure {
    blocks: Vec<Block>,
}

impl Structure {
    /// The blocks.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Sub-layers of all blocks, the paper's number of layers.
    #[must_use]
    pub fn layers(&self) -> usize {
        self.blocks.iter().map(Block::sub_layers).sum()
    }

    /// Pixels that one pixel of the last map stands for along a side: images have a multiple of it.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.blocks.iter().map(Block::stride).product()
    }

    /// With every block of more than [`MOST_SUB_LAYERS`] sub-layers taken apart: pieces of as many, and one of the rest; all but the
    /// first read what they give and keep the resolution.
    #[must_use]
    pub fn split(self) -> Self {
        let blocks = self.blocks.into_iter().flat_map(Block::split).collect();
        Self { blocks }
    }
}

impl std::fmt::Display for Structure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.blocks.iter().try_for_each(|block| block.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_block_is_split_into_pieces_that_fit_together() {
        let long = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K5(8,32,2,16,14)SuperConvK1BNRELU(32,64,1,1)";
        let split = Structure::parse(long).unwrap().split();
        let want = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K5(8,32,2,16,6)SuperResIDWE2K5(32,32,1,16,6)SuperResIDWE2K5(32,32,1,16,2)\
            SuperConvK1BNRELU(32,64,1,1)";
        assert_eq!((split.to_string().as_str(), split.layers(), split.stride()), (want, 16, 4));
        assert_eq!(Structure::parse(want).unwrap().split(), split);
    }
}
