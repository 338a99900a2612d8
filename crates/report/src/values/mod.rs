//! Values of trained architectures: which rows of a benchmark's table scores are held against.

mod choose;
mod select;
mod source;

pub(crate) use select::{Known, Selected, better, regret, select};
pub use source::Values;
