//! Numbers of the random streams, so that no two purposes share one.

/// Which images are held out, under seed 0: the split is the same in every run.
pub const SPLIT: u64 = 700;
/// Which images the linear model sees.
pub const LINEAR_IMAGES: u64 = 701;
/// Order of the images in the epoch of the two-layer networks.
pub const EPOCH: u64 = 702;
/// Which images the Gram matrix is of.
pub const GRAM_IMAGES: u64 = 703;
/// Widths of the two-layer networks, at their number.
pub const WIDTHS: u64 = 704;
/// Initial weights of the linear model: this and the number of the repetition.
pub const LINEAR: u64 = 1 << 32;
/// First layers of two-layer networks: this and the number of the network.
pub const WEIGHTS: u64 = 2 << 32;
/// Second layers.
pub const SIGNS: u64 = 3 << 32;
