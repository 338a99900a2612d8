use crate::Shape;

/// What can be wrong with a network under construction.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// An operation cannot take a tensor of this shape.
    #[error("{op} cannot read a tensor of shape {got}: expected {expected}")]
    Shape {
        /// The operation that was added.
        op: &'static str,
        /// What it needs.
        expected: String,
        /// The shape of its input.
        got: Shape,
    },
    /// The terms of a sum differ in shape, or there are none.
    #[error("a sum needs terms of one shape: got {got}")]
    Sum {
        /// The shapes of the terms.
        got: String,
    },
    /// The maps of a concatenation differ in height or width, or there are none.
    #[error("a concatenation needs maps of one height and width: got {got}")]
    Concat {
        /// The shapes of the inputs.
        got: String,
    },
    /// Weights were to be shared by operations of other shapes.
    #[error("module {module} cannot be shared: expected {expected}, got {got}")]
    Shared {
        /// Number of the module whose turn it was.
        module: usize,
        /// That module.
        expected: String,
        /// The module that was asked for.
        got: String,
    },
}
